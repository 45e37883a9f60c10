import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { anInstallation, hasPostgres, type Installation } from './newsfold.ts'

// A hang guard: a whole demo on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const open: Installation[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.remove()
})

const demoFolder = (installation: Installation) => join(installation.data, 'demo')

test('Ctrl-C ends a demo with 0, its feed was there, and no PostgreSQL is left', async () => {
  const newsfold = anInstallation({}, { isNew: true })
  open.push(newsfold)
  const running = newsfold.start(['demo'])
  await expect.poll(running.out, { timeout: 60_000 }).toMatch(/Ctrl-C to stop/)
  const feed = /http:\S+\/feeds\/all\.rss/.exec(running.out())?.[0] ?? ''
  await expect.poll(async () => (await fetch(feed)).text(), { timeout: 30_000 }).toContain('<item>')
  expect(hasPostgres(demoFolder(newsfold))).toBe(true)
  running.child.kill('SIGINT')
  const { code, err } = await running.finished
  expect([code, err]).toEqual([0, ''])
  expect(hasPostgres(demoFolder(newsfold))).toBe(false)
})

test('Ctrl-C in the middle of a start leaves no PostgreSQL either', async () => {
  const newsfold = anInstallation({}, { isNew: true })
  open.push(newsfold)
  const running = newsfold.start(['demo', '--once'])
  await expect.poll(() => hasPostgres(demoFolder(newsfold)), { timeout: 60_000, interval: 20 }).toBe(true)
  running.child.kill('SIGINT')
  await running.finished
  expect(hasPostgres(demoFolder(newsfold))).toBe(false)
})

test('a demo leaves the archive and the queue of a real set-up alone', async () => {
  const newsfold = anInstallation({}, { isNew: true })
  open.push(newsfold)
  const env = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }
  expect(await newsfold.run(['demo', '--once'], { env })).toMatchObject({ code: 0, err: '' })
})
