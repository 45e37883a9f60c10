import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

// A hang guard: many commands in a row on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const soon = { timeout: 60_000, interval: 200 }
let server: TestServer
let newsfold: Installation
let program: Running

const asked = (id: string) => server.pathsAsked().filter((path) => path === `/${id}/list`).length
const sourceText = (id: string, every: string, tag: string) =>
  `name: ${id}\nlistings: ['${server.origin}/${id}/list']\nallowEmpty: true\ntags: [${tag}]\n` +
  `allowPrivateHosts: ['${server.host}']\npoliteness: { delay: 0s }\nschedule: { every: ${every} }\n`

async function ok(args: readonly string[]): Promise<string> {
  const { code, out, err } = await newsfold.run(args)
  expect([code, err]).toEqual([0, ''])
  return out
}

beforeAll(async () => {
  server = await startServer()
  for (const id of ['city', 'town', 'slow']) server.routes.set(`/${id}/list`, '<html><body><p>暂无</p></body></html>')
  newsfold = anInstallation({
    city: sourceText('city', '5s', 'local'),
    town: sourceText('town', '5s', 'local'),
    slow: sourceText('slow', '1h', 'far'),
  })
  program = newsfold.start(['start'])
})
afterAll(async () => {
  program.child.kill('SIGTERM')
  await program.finished
  await newsfold.remove()
  await server.close()
})

test('the schedules of a source or of a tag are held and go on, and what was held is read at once', async () => {
  await expect.poll(() => [asked('city') > 1, asked('town') > 1, asked('slow')], soon).toEqual([true, true, 1])
  expect(await ok(['queue', 'pause', '--source', 'city'])).toContain('Paused: source city')
  // What was under way, and what the pauses of a second ago let through.
  await sleep(3000)
  const [city, town] = [asked('city'), asked('town')]
  await expect.poll(() => asked('town'), soon).toBeGreaterThanOrEqual(town + 2)
  expect(asked('city')).toBe(city)

  await ok(['queue', 'pause', '--tag', 'local', 'far'])
  const both = await ok(['queue', 'resume', '--source', 'city'])
  expect(both).toContain('crawls now: 0')
  expect(both).toContain('Still paused by a source or tag of theirs: city')
  expect(await ok(['queue', 'status'])).toContain('Paused tags: far, local')
  expect(await ok(['queue', 'resume'])).toBe('Resumed: everything\nStill paused tags: far, local\n')
  await ok(['queue', 'resume', '--tag', 'far', 'local'])
  await expect.poll(() => asked('slow'), soon).toBe(2)
  await expect.poll(() => asked('city'), soon).toBeGreaterThan(city)
})

test('a pause of what there is not is refused with the nearest name', async () => {
  const { code, err } = await newsfold.run(['queue', 'pause', '--tag', 'lokal'])
  expect([code, err]).toEqual([2, 'No source has the tag "lokal"; did you mean "local"?\n'])
  expect((await newsfold.run(['queue', 'pause', '--source', 'citi'])).err).toContain('did you mean "city"?')
})

test('a crawl that is asked for now is done by the program that runs', async () => {
  const before = asked('slow')
  expect(await ok(['crawl', 'slow', '--now'])).toBe('Asked for: slow\n')
  expect(await ok(['crawl', '--now', '--tag', 'local'])).toBe('Asked for: city, town\n')
  await expect.poll(() => asked('slow'), soon).toBe(before + 1)
})

const overviewSchema = z.object({
  archive: z.object({ kind: z.string() }),
  queue: z.object({ workers: z.number(), isPaused: z.boolean() }),
  sources: z.record(z.string(), z.number()),
  overdue: z.array(z.unknown()),
  next: z.array(z.object({ sourceId: z.string() })),
  lastHour: z.object({ runs: z.record(z.string(), z.number()) }),
})

test('the status shows the whole, for people and for programs', async () => {
  const overview = overviewSchema.parse(JSON.parse(await ok(['status', '--json'])))
  expect(overview).toMatchObject({
    archive: { kind: 'embedded' },
    queue: { workers: 1, isPaused: false },
    sources: { enabled: 3, disabled: 0, broken: 0, paused: 0 },
    overdue: [],
  })
  expect(overview.next.map(({ sourceId }) => sourceId)).toContain('slow')
  expect(overview.lastHour.runs['succeeded']).toBeGreaterThan(5)
  const screen = await ok(['status'])
  for (const line of [
    /^archive +embedded: 0 stories/m,
    /^queue +on postgres: .*1 process works on it/m,
    /^last hour +\d+ crawls/m,
  ])
    expect(screen).toMatch(line)
})

test('a backup is taken while it runs; it is restored into an empty archive, and not under a program that runs', async () => {
  const file = join(newsfold.data, 'backup.jsonl.gz')
  expect(await ok(['backup', file])).toContain(`${file}: 0 articles, 0 stories`)
  const refused = await newsfold.run(['restore', file, '--replace'])
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('Stop it first.')])
  const other = anInstallation()
  try {
    expect(await other.run(['restore', file])).toMatchObject({ code: 0, out: 'Restored 0 articles and 0 stories.\n' })
    // The runs came with it.
    const overview = overviewSchema.parse(JSON.parse((await other.run(['status', '--json'])).out))
    expect(overview.lastHour.runs['succeeded']).toBeGreaterThan(5)
  } finally {
    await other.remove()
  }
})

test('a second process on the same data folder joins the first, and leaves it at work', async () => {
  const second = newsfold.start(['start'])
  await expect.poll(() => second.out(), soon).toContain('Joins another process that works on this archive')
  second.child.kill('SIGTERM')
  expect((await second.finished).code).toBe(0)
  const before = asked('city')
  await expect.poll(() => asked('city'), soon).toBeGreaterThan(before)
})

test('articles go out and in as lines of JSON, and a line that is none is said by its number', async () => {
  expect(await ok(['archive', 'export'])).toBe('')
  const { code, out, err } = await newsfold.run(['archive', 'import'], { input: '\n{"url":1}\n' })
  expect([code, out]).toEqual([2, '0 taken, 0 known already\n'])
  expect(err).toContain('Line 2 is no article')
})
