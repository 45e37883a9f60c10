import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { findRecentRuns } from '../../src/archive/runs.ts'
import { openSourceLeases } from '../../src/archive/source-lease.ts'
import { endScheduledJob, findSchedules } from '../../src/archive/source-schedules.ts'
import { createHttpClient, type HttpClient } from '../../src/crawlers/http-client.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import type { PageReader } from '../../src/crawlers/page-reader.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import { createCrawlService, type CrawlService } from '../../src/queue/crawl-service.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { pollSources } from '../../src/queue/poll-sources.ts'
import { reconcileSchedules } from '../../src/queue/schedules.ts'
import { anArchive } from '../a-database.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

vi.setConfig({ testTimeout: 60_000 })

const soon = { timeout: 20_000 }
const userAgent = 'Newsfold/0 (+test)'
const requestPlaces = createRequestPlaces(100)
let server: TestServer
let http: HttpClient
let reader: PageReader & { close(): Promise<void> }
let database: Database
let queue: JobQueue
let sources: Source[]
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await startServer()
  http = createHttpClient({ userAgent, now: () => new Date() })
  reader = createReaderPool()
})
beforeEach(async () => {
  database = await anArchive()
  closers.push(() => database.close())
  queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent, quickTiming)
  closers.push(() => queue.close())
  await queue.ready()
  sources = []
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
  server.requests.splice(0)
  server.routes.clear()
})
afterAll(async () => {
  await reader.close()
  await http.close()
  await server.close()
})

const text = '市水务局今日通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水。'

/** A site with a list of so many notices, whose listing answers 304 as long as it is the same. */
function publish(id: string, count: number): void {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const links = numbers.map(
    (n) => `<li><a href="/${id}/${n}">关于${id}的第${n}号供水通告及有关安排</a> 2026-11-0${n}</li>`,
  )
  const etag = `"${id}-${count}"`
  server.routes.set(`/${id}/list`, ({ headers }) =>
    headers['if-none-match'] === etag
      ? { status: 304, headers: { etag } }
      : { headers: { etag }, body: `<ul>${links.join('')}</ul>` },
  )
  for (const n of numbers) server.routes.set(`/${id}/${n}`, `<h1>第${n}号供水通告</h1><p>${text}</p><p>${id}${n}。</p>`)
}

const aSource = (id: string, more: Record<string, unknown> = {}): Source =>
  sourceSchema.parse({
    id,
    name: id,
    listings: [`${server.origin}/${id}/list`],
    schedule: { every: '1h' },
    politeness: { delay: 0 },
    allowPrivateHosts: [server.host],
    ...more,
  })

const findSource = async (id: string) => sources.find((source) => source.id === id) ?? null
const noPauses = { sources: new Set<string>(), tags: new Set<string>() }

/** A process that polls, as `newsfold work` does. */
function aPoller(more: { pauses?: typeof noPauses; service?: Partial<CrawlService>; passOverMs?: number } = {}) {
  const leases = openSourceLeases(database, silent)
  const service = createCrawlService({
    database,
    http,
    requestPlaces,
    reader,
    leases,
    userAgent,
    log: silent,
    watcher: {},
  })
  const poller = pollSources({
    database,
    leases,
    queue,
    service: { ...service, ...more.service },
    findSource,
    pauses: async () => more.pauses ?? noPauses,
    onTick: () => undefined,
    log: silent,
    ...(more.passOverMs !== undefined && { passOverMs: more.passOverMs }),
  })
  closers.push(() => leases.close())
  closers.push(() => poller.stop())
  return { service, poller }
}

/** A process that polls and crawls. */
function aWorker() {
  const { service, poller } = aPoller()
  const worker = queue.work(async ({ sourceId }, tick) => {
    const source = await findSource(sourceId)
    const result = source ? await service.processJob(source, tick) : ({ kind: 'done' } as const)
    if (result.kind === 'done') await endScheduledJob(database, sourceId, tick.jobId)
    return result
  }, 2)
  closers.push(() => worker.stop())
  return { poller, worker }
}

const scheduleOf = async (id: string) => (await findSchedules(database)).find(({ sourceId }) => sourceId === id)
const isIdle = async () =>
  (await findSchedules(database)).every(({ nextAt, jobId }) => jobId === null && nextAt > new Date())
const makeDue = () => database.query(`update source_schedule set next_at = date_trunc('milliseconds', now())`)
const isLeft = async () => (await scheduleOf('city'))?.jobId === null
const countOf = async (table: 'article' | 'crawl_run') =>
  (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n

async function schedule(...added: Source[]): Promise<void> {
  sources = added
  await reconcileSchedules(database, sources, new Date())
}

test('a new source is read by a job, and then polled: a listing that has not changed is one request and one run', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  aWorker()
  await expect.poll(() => countOf('crawl_run'), soon).toBe(1)
  await expect.poll(isIdle, soon).toBe(true)
  await expect.poll(async () => (await queue.counts()).completed, soon).toBe(1)
  server.requests.splice(0)
  await makeDue()
  await expect.poll(() => countOf('crawl_run'), soon).toBe(2)
  expect(server.requests).toMatchObject([{ path: '/city/list', headers: { 'if-none-match': '"city-2"' } }])
  const [last] = await findRecentRuns(database, 'city', 1)
  expect(last).toMatchObject({ outcome: 'succeeded', notModifiedListings: 1, requests: 1, found: 0, stored: 0 })
  await expect.poll(isIdle, soon).toBe(true)
  expect((await queue.counts()).completed).toBe(1)
})

test('a listing that has changed is read by a job that does not ask for it again', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(2)
  await expect.poll(isIdle, soon).toBe(true)
  server.requests.splice(0)
  publish('city', 3)
  await makeDue()
  await expect.poll(() => countOf('article'), soon).toBe(3)
  await expect.poll(isIdle, soon).toBe(true)
  expect(server.pathsAsked()).toEqual(['/city/list', '/city/3'])
  const [last] = await findRecentRuns(database, 'city', 1)
  expect(last).toMatchObject({ stored: 1, requests: 2 })
})

test('a listing that cannot be read is a job that is tried again and given up, and the schedule goes on', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(2)
  await expect.poll(isIdle, soon).toBe(true)
  server.routes.set('/city/list', { status: 404 })
  await makeDue()
  await expect.poll(async () => (await queue.counts()).failed, soon).toBe(1)
  expect(await queue.failed(5)).toMatchObject([{ sourceId: 'city', reason: expect.stringContaining('404') }])
  expect((await scheduleOf('city'))?.nextAt.getTime()).toBeGreaterThan(Date.now())
})

test('a page whose time has come is read although the listing has not changed', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(2)
  await expect.poll(isIdle, soon).toBe(true)
  server.requests.splice(0)
  await database.query('update page set next_try_at = now()')
  await makeDue()
  await expect.poll(() => server.pathsAsked().toSorted(), soon).toEqual(['/city/1', '/city/2', '/city/list'])
})

test('two processes poll each of forty due sources once', async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `s${n}`)
  for (const id of ids) publish(id, 2)
  await schedule(...ids.map((id) => aSource(id)))
  const { worker } = aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(80)
  await expect.poll(isIdle, soon).toBe(true)
  await worker.stop()
  aPoller()
  server.requests.splice(0)
  await makeDue()
  await expect.poll(isIdle, soon).toBe(true)
  expect(server.pathsAsked().toSorted()).toEqual(ids.map((id) => `/${id}/list`).toSorted())
})

test('held schedules miss their ticks, and rest until the end of quiet hours', async () => {
  const hour = new Date().getUTCHours()
  const quiet = { from: `${String(hour).padStart(2, '0')}:00`, to: `${String((hour + 2) % 24).padStart(2, '0')}:00` }
  const night = aSource('night', { schedule: { every: '1h', timeZone: 'UTC', quiet } })
  await schedule(aSource('held'), night)
  aPoller({ pauses: { ...noPauses, sources: new Set(['held']) } })
  await expect.poll(isIdle, soon).toBe(true)
  expect(await scheduleOf('held')).toMatchObject({ jobId: null })
  const minute = (await scheduleOf('night'))?.nextAt.getUTCMinutes()
  expect(minute).toBeGreaterThanOrEqual(0)
  expect(minute).toBeLessThan(5)
  expect(server.pathsAsked()).toEqual([])
  expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0 })
})

test('nothing is polled while the queue is paused or the process is held', async () => {
  await schedule(aSource('city'))
  await queue.pause()
  const { poller } = aPoller()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(await isLeft()).toBe(true)
  poller.pause()
  await queue.resume()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(await isLeft()).toBe(true)
  poller.resume()
  await expect.poll(isLeft, soon).toBe(false)
})

test('a poll that a stop ends leaves its tick to the next process', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  const { worker, poller } = aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(2)
  await expect.poll(isIdle, soon).toBe(true)
  await worker.stop()
  server.requests.splice(0)
  server.routes.set('/city/list', () => undefined)
  await makeDue()
  await expect.poll(() => server.pathsAsked(), soon).toEqual(['/city/list'])
  await poller.stop()
  expect(await countOf('crawl_run')).toBe(1)
  expect((await scheduleOf('city'))?.nextAt.getTime()).toBeLessThan(Date.now())
  publish('city', 2)
  aPoller()
  await expect.poll(() => countOf('crawl_run'), soon).toBe(2)
})

test('a poll that fails for a reason of ours leaves its tick due, and others are polled', async () => {
  publish('city', 2)
  publish('town', 2)
  await schedule(aSource('city'), aSource('town'))
  const { worker, poller } = aWorker()
  await expect.poll(() => countOf('article'), soon).toBe(4)
  await expect.poll(isIdle, soon).toBe(true)
  await worker.stop()
  await poller.stop()
  const polled: string[] = []
  const failing = aPoller({
    service: {
      poll: async ({ id }) => {
        polled.push(id)
        throw new Error(`no ${id}`)
      },
    },
  })
  await makeDue()
  await expect.poll(() => polled.toSorted(), soon).toEqual(['city', 'town'])
  await failing.poller.stop()
  expect(await isIdle()).toBe(false)
})

test('of many due sources of one host few wait for its pace at a time, and those of other hosts go on', async () => {
  const slow = Array.from({ length: 9 }, (_, n) => aSource(`slow-${n}`, { politeness: { delay: '5s' } }))
  const others = ['a', 'b', 'c'].map((id) => aSource(id, { listings: [`http://${id}.example/list`] }))
  await schedule(...slow, ...others)
  const underWay = new Set<string>()
  const { poller } = aPoller({
    service: {
      poll: async ({ id }, _due, signal) => {
        underWay.add(id)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { kind: 'stopped' }
      },
    },
  })
  await expect.poll(() => ['a', 'b', 'c'].every((id) => underWay.has(id)), soon).toBe(true)
  await sleep(1200)
  expect([...underWay].filter((id) => id.startsWith('slow'))).toHaveLength(2)
  await poller.stop()
})

test('those that wait for a crowded host get their turn as soon as there is room', async () => {
  const slow = Array.from({ length: 12 }, (_, n) => aSource(`slow-${n}`, { politeness: { delay: '5s' } }))
  await schedule(...slow)
  const polled = new Set<string>()
  aPoller({
    passOverMs: 600,
    service: {
      poll: async ({ id }) => {
        polled.add(id)
        await sleep(100)
        return { kind: 'changed', ahead: new Map() }
      },
    },
  })
  // Two at a time. Were they left alone for longer each time, the last ones came after half a minute.
  await expect.poll(() => polled.size, { timeout: 15_000 }).toBe(12)
})

test('a poll whose host too many others ask leaves its tick due, and comes again soon', async () => {
  await schedule(aSource('city'))
  let polls = 0
  const { poller } = aPoller({
    passOverMs: 200,
    service: {
      poll: async () => {
        polls += 1
        return { kind: 'crowded' }
      },
    },
  })
  await expect.poll(() => polls, soon).toBeGreaterThan(1)
  await poller.stop()
  expect(await isIdle()).toBe(false)
})

test('a source that somebody is at keeps its tick, however late that is', async () => {
  await schedule(aSource('city'))
  const own = openSourceLeases(database, silent)
  closers.push(() => own.close())
  await own.take('city')
  await database.query(`update source_schedule set next_at = now() - interval '10 min'`)
  const before = await scheduleOf('city')
  aPoller()
  await sleep(1500)
  expect((await scheduleOf('city'))?.nextAt).toEqual(before?.nextAt)
})

test('what cannot be kept leaves the ticks due, and is not asked for again at once', async () => {
  publish('city', 2)
  await schedule(aSource('city'))
  const { worker, poller } = aWorker()
  await expect.poll(isIdle, soon).toBe(true)
  await worker.stop()
  await poller.stop()
  server.requests.splice(0)
  await database.query('alter table crawl_run add constraint full_disk check (not_modified_listings = 0) not valid')
  await makeDue()
  const failing = aPoller()
  await expect.poll(() => server.requests.length, soon).toBe(1)
  await sleep(1500)
  expect(server.requests).toHaveLength(1)
  await failing.poller.stop()
  expect(await isIdle()).toBe(false)
})
