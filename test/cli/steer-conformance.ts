import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openDatabase } from '../../src/archive/database.ts'
import { openEmbeddedServer } from '../../src/archive/embedded/server.ts'
import { findInstallation } from '../../src/archive/installation.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { quickTiming } from '../queue/quick-timing.ts'
import { silent } from '../silent.ts'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

const soon = { timeout: 60_000, interval: 50 }
/** Each is due at the same moments as the others. */
const everyTwoSeconds = "cron: '*/2 * * * * *'"
/** Longer than the interval of the sources. */
const quietMs = 3000
/** Longer than what is under way when a pause begins, and what the pauses of a second ago let through. */
const settledMs = 2000

const sourceText = (server: TestServer, id: string, schedule: string, tag: string) =>
  `name: ${id}\nlistings: ['${server.origin}/${id}']\nallowEmpty: true\ntags: [${tag}]\n` +
  `allowPrivateHosts: ['${server.host}']\npoliteness: { delay: 0s }\nschedule: { ${schedule} }\n`

const statusSchema = z.object({
  backend: z.string(),
  isPaused: z.boolean(),
  held: z.object({ sources: z.array(z.string()), tags: z.array(z.string()) }),
  counts: z.object({ waiting: z.number(), failed: z.number() }),
  schedules: z.array(z.object({ sourceId: z.string() })),
})

/** Steering a program that runs has the same result on either queue. */
export function testSteering(backend: 'postgres' | 'redis', redisUrl: () => string | null): void {
  // A hang guard: many commands in a row on a busy machine.
  vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
  let server: TestServer
  let newsfold: Installation
  let program: Running
  const environment = (): Record<string, string> => {
    const url = redisUrl()
    return url === null ? {} : { REDIS_URL: url }
  }
  const asked = (id: string) => server.pathsAsked().filter((path) => path === `/${id}`).length
  const ok = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await newsfold.run(args, { env: environment() })
    expect([code, err]).toEqual([0, ''])
    return out
  }
  const status = async () => statusSchema.parse(JSON.parse(await ok('queue', 'status', '--json')))

  beforeAll(async () => {
    server = await startServer()
    for (const id of ['city', 'town', 'slow']) server.routes.set(`/${id}`, '<html><body><p>暂无</p></body></html>')
    newsfold = anInstallation({
      city: sourceText(server, 'city', everyTwoSeconds, 'local'),
      town: sourceText(server, 'town', everyTwoSeconds, 'near'),
      slow: sourceText(server, 'slow', 'every: 1h', 'far'),
    })
    program = newsfold.start(['start'], environment())
  })
  afterAll(async () => {
    await newsfold.remove()
    await server.close()
  })

  test('everything is held, what is asked for meanwhile waits, and all goes on', async () => {
    await expect.poll(() => [asked('city') > 1, asked('town') > 1, asked('slow')], soon).toEqual([true, true, 1])
    expect(await ok('queue', 'pause')).toContain('Paused: everything')
    // Commands take most of the time: they are given while the others are waited for.
    const commands = Promise.all([ok('crawl', 'slow', '--now'), ok('status')])
    await sleep(settledMs)
    const before = ['city', 'town', 'slow'].map(asked)
    const quiet = sleep(quietMs)
    const [crawl, words] = await commands
    expect(crawl).toContain('The queue is paused')
    expect(words).toMatch(new RegExp(`^queue +on ${backend}, PAUSED: `, 'm'))
    const paused = await status()
    expect(paused).toMatchObject({ backend, isPaused: true, counts: { failed: 0 } })
    expect(paused.counts.waiting).toBeGreaterThanOrEqual(1)
    await quiet
    expect(['city', 'town', 'slow'].map(asked)).toEqual(before)
    await ok('queue', 'resume')
    await expect.poll(() => asked('slow'), soon).toBe(2)
    await expect.poll(() => asked('city'), soon).toBeGreaterThan(before[0] ?? 0)
  })

  test('one source or tag is held while others go on; asked for now it is crawled all the same; then it goes on at once', async () => {
    await ok('queue', 'pause', '--source', 'city', '--tag', 'far')
    const asking = status()
    await sleep(settledMs)
    const [city, town, slow] = [asked('city'), asked('town'), asked('slow')]
    const { isPaused, held, schedules } = await asking
    expect([isPaused, held]).toEqual([false, { sources: ['city'], tags: ['far'] }])
    expect(schedules.map(({ sourceId }) => sourceId).toSorted()).toEqual(['city', 'slow', 'town'])
    await expect.poll(() => asked('town'), soon).toBeGreaterThanOrEqual(town + 2)
    expect([asked('city'), asked('slow')]).toEqual([city, slow])
    expect(await ok('crawl', 'city', '--now')).toBe('Asked for: city\n')
    await expect.poll(() => asked('city'), soon).toBe(city + 1)
    expect(await ok('queue', 'resume', '--source', 'city', '--tag', 'far')).toContain('crawls now: 2')
    await expect.poll(() => asked('slow'), soon).toBe(slow + 1)
    await expect.poll(() => asked('city'), soon).toBeGreaterThanOrEqual(city + 3)
  })

  test('jobs that were given up are listed with their reason, and put back on request', async () => {
    program.child.kill('SIGTERM')
    expect((await program.finished).code).toBe(0)
    const postgres = await openEmbeddedServer(newsfold.data, silent)
    const database = openDatabase(postgres.connectionString, silent)
    const store = { databaseUrl: postgres.connectionString, redisUrl: redisUrl() }
    const installation = await findInstallation(database)
    const queue = openJobQueue({ ...store, installation }, silent, quickTiming)
    try {
      const worker = queue.work(async ({ sourceId }) => {
        if (sourceId === 'slow') throw new Error('no listing today')
        return { kind: 'done' }
      }, 1)
      await queue.addCrawl('slow')
      await expect.poll(async () => (await queue.counts()).failed, soon).toBe(1)
      await worker.stop()
      expect(await ok('queue', 'failed')).toMatch(/slow .* 4 .*no listing today/)
      expect(await ok('queue', 'retry')).toBe('Put back: 1 crawls, 0 deliveries\n')
      const { failed, waiting } = await queue.counts()
      expect(failed).toBe(0)
      expect(waiting).toBeGreaterThanOrEqual(1)
    } finally {
      await queue.close()
      await database.close()
      await postgres.stop()
    }
  })
}
