import { afterAll, beforeAll, beforeEach, afterEach, expect, test, vi } from 'vitest'
import { anArchive } from '../a-database.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, hasPostgres, type Installation, type Running } from './newsfold.ts'

// A hang guard: whole programs on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const soon = { timeout: 60_000, interval: 50 }
/** What is promised, with room for a busy machine. */
const stopLimitMs = 15_000
let server: TestServer
let newsfold: Installation

const asked = () => server.pathsAsked().filter((path) => /^\/\d$/.test(path)).length

beforeAll(async () => {
  const links = [1, 2, 3].map((n) => `<li><a href="/${n}">关于城东第${n}号供水通告及有关安排</a> 2019-11-0${n}</li>`)
  server = await startServer({ '/list': `<ul>${links.join('')}</ul>` })
  // Pages that never come.
  for (const n of [1, 2, 3]) server.routes.set(`/${n}`, () => undefined)
})
afterAll(() => server.close())
beforeEach(() => {
  server.requests.splice(0)
  newsfold = anInstallation({
    city:
      `name: 城市\nlistings: ['${server.origin}/list']\nallowPrivateHosts: ['${server.host}']\n` +
      'politeness: { delay: 0s }\nschedule: { every: 1h }\n',
  })
})
afterEach(() => newsfold.remove())

/** A program in the middle of a crawl that comes to no end by itself. */
async function crawling(): Promise<Running> {
  const program = newsfold.start(['start'])
  const before = asked()
  await expect.poll(asked, soon).toBeGreaterThan(before)
  await expect.poll(() => program.out(), soon).toContain('Ctrl-C to stop')
  return program
}

test('SIGTERM ends a program that waits for a page, with 0, and the next one takes the crawl at once', async () => {
  const program = await crawling()
  const began = performance.now()
  program.child.kill('SIGTERM')
  const { code } = await program.finished
  expect(code).toBe(0)
  expect(performance.now() - began).toBeLessThan(stopLimitMs)
  // Its schedule would do so in an hour.
  const next = await crawling()
  next.child.kill('SIGKILL')
  await next.finished
})

test('the end of its terminal ends it as SIGTERM does, though nothing can be written there any more', async () => {
  const program = await crawling()
  program.child.stdout?.destroy()
  program.child.stderr?.destroy()
  program.child.kill('SIGHUP')
  expect((await program.finished).code).toBe(0)
  expect(hasPostgres(newsfold.data)).toBe(false)
})

test('a second signal ends it at once, with 130', async () => {
  const program = await crawling()
  program.child.kill('SIGINT')
  await expect.poll(() => program.out(), soon).toContain('Stopping')
  program.child.kill('SIGINT')
  expect((await program.finished).code).toBe(130)
})

test('a database that cannot be reached ends it with 1, a wrong setting with 2, each with one line that says why', async () => {
  const unreachable = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }
  const [away, wrong] = await Promise.all([
    newsfold.run(['status'], { env: unreachable }),
    newsfold.run(['start'], { env: { NEWSFOLD_PORTS: '1' } }),
  ])
  expect([away.code, away.err]).toEqual([1, expect.stringMatching(/^[^\n]*ECONNREFUSED[^\n]*DATABASE_URL[^\n]*\n$/)])
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('NEWSFOLD_PORT')])
})

test('an archive that a newer version has used is refused in one line, with 2', async () => {
  const newer = await anArchive()
  await newer.query(`insert into migration (number, name, checksum) values (9000, '9000-later.sql', 'x')`)
  const { code, out, err } = await newsfold.run(['start'], { env: { DATABASE_URL: newer.connectionString } })
  await newer.close()
  expect([code, out.includes('Crawling')]).toEqual([2, false])
  expect(err).toMatch(
    /^The archive has migration 9000-later\.sql, which this version of Newsfold does not know\.[^\n]*\n$/m,
  )
})
