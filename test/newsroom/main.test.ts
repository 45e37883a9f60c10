import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { z } from 'zod'

const readySchema = z.object({
  sites: z.array(z.object({ id: z.string(), listingUrl: z.url(), announcements: z.number() })),
  sources: z.array(z.unknown()),
  expected: z.array(z.object({ url: z.url(), reprintOf: z.url().nullable() })),
})

const start = (...options: string[]) =>
  spawn(process.execPath, ['--import', 'tsx', 'src/newsroom/main.ts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

test('as a process it says what it serves, and ends at SIGTERM with what was asked for', async () => {
  const child = start('--correct-after', 'never')
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const ready = readySchema.parse(JSON.parse(String((await lines.next()).value)))
    expect(ready.sites.map(({ id }) => id)).toEqual(['ministry', 'city', 'portal'])
    expect(ready.sources).toHaveLength(3)
    expect(ready.expected.length).toBeGreaterThanOrEqual(40)
    expect((await fetch(ready.sites[2]?.listingUrl ?? '')).status).toBe(200)

    child.kill('SIGTERM')
    const last: unknown = JSON.parse(String((await lines.next()).value))
    expect(last).toEqual({ requests: { ministry: {}, city: {}, portal: { '/rss/news.xml': 1 } } })
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})

test('an option that means nothing is refused in one line', async () => {
  const child = start('--correct-after', 'soon')
  const errors: string[] = []
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  await once(child, 'close')
  expect(child.exitCode).toBe(1)
  expect(errors.join('')).toBe('--correct-after: expected a duration such as 20s, got "soon"\n')
})
