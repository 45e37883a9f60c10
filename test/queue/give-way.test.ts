import { expect, onTestFinished, test, vi } from 'vitest'
import { openSourceLeases } from '../../src/archive/source-lease.ts'
import { createHttpClient } from '../../src/crawlers/http-client.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { createCrawlService } from '../../src/queue/crawl-service.ts'
import { giveWay } from '../../src/queue/give-way.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { startServer } from '../crawlers/a-server.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

vi.setConfig({ testTimeout: 60_000 })

const userAgent = 'Newsfold/0 (+test)'

/** One worker with one place. */
async function aWorker() {
  const database = await anArchive()
  onTestFinished(() => database.close())
  const server = await startServer()
  onTestFinished(() => server.close())
  const http = createHttpClient({ userAgent, now: () => new Date() })
  onTestFinished(() => http.close())
  const reader = createReaderPool()
  onTestFinished(() => reader.close())
  const leases = openSourceLeases(database, silent)
  onTestFinished(() => leases.close())
  const order: string[] = []
  const watcher = {
    progressed: ({ id }: { id: string }, { kind }: { kind: string }) => void (kind === 'handled' && order.push(id)),
  }
  const service = createCrawlService({
    database,
    http,
    requestPlaces: createRequestPlaces(100),
    reader,
    leases,
    userAgent,
    log: silent,
    watcher,
    leastTurnMs: 0,
  })
  const queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent, quickTiming)
  onTestFinished(() => queue.close())
  await queue.ready()

  /** A source with so many articles. */
  const aSource = (id: string, articles: number, delay: string) => {
    const paths = Array.from({ length: articles }, (_, n) => `/${id}/${n}`)
    const links = paths.map(
      (path, n) => `<li><a href="${path}">关于第${n}号供水通告及有关安排</a> 2019-11-${10 + n}</li>`,
    )
    server.routes.set(`/${id}/list`, `<ul>${links.join('')}</ul>`)
    for (const path of paths)
      server.routes.set(path, `<h1>供水通告</h1><p>市水务局今日通告：停水六小时，编号${path}。</p>`)
    const listings = [`${server.origin}/${id}/list`]
    return sourceSchema.parse({
      id,
      name: id,
      listings,
      politeness: { delay, concurrency: 1 },
      allowPrivateHosts: [server.host],
    })
  }
  return { database, server, service, queue, order, aSource }
}

test('a crawl of many pages gives way to one of a few, goes on afterwards, and asks for no page twice', async () => {
  const { database, server, service, queue, order, aSource } = await aWorker()
  const sources = new Map(
    [aSource('long', 20, '150ms'), aSource('news', 2, '20ms')].map((source) => [source.id, source]),
  )
  const worker = queue.work(async ({ sourceId }, tick) => {
    const source = sources.get(sourceId)
    return source ? service.processJob(source, tick) : { kind: 'done' }
  }, 1)
  onTestFinished(() => worker.stop())
  onTestFinished(giveWay({ service, queue, places: 1, log: silent, lookMs: 50 }))
  await queue.addTick('long', new Date(1_000_000), true)
  await expect.poll(() => order.length, { timeout: 20_000 }).toBeGreaterThan(3)
  await queue.addTick('news', new Date(1_000_000))
  await expect.poll(() => queue.counts(), { timeout: 30_000 }).toMatchObject({ completed: 2, waiting: 0, active: 0 })
  const { rows } = await database.query(`select source_id, count(*)::int from article group by 1 order by 1`)
  expect(rows).toEqual([
    { source_id: 'long', count: 20 },
    { source_id: 'news', count: 2 },
  ])
  // It had its turn in between.
  expect(order.lastIndexOf('news')).toBeLessThan(order.lastIndexOf('long'))
  const pages = server.pathsAsked().filter((path) => /\/\d+$/.test(path))
  expect(pages).toHaveLength(22)
})

test('nobody gives way while there is a place, while nobody waits, or while the queue is paused', async () => {
  const { service, queue, order, aSource } = await aWorker()
  const source = aSource('long', 8, '150ms')
  const worker = queue.work((_, tick) => service.processJob(source, tick), 1)
  onTestFinished(() => worker.stop())
  onTestFinished(giveWay({ service, queue, places: 2, log: silent, lookMs: 50 }))
  await queue.addTick('long', new Date(1_000_000), true)
  await expect.poll(() => order.length, { timeout: 20_000 }).toBeGreaterThan(0)
  const stop = giveWay({ service, queue, places: 1, log: silent, lookMs: 50 })
  await expect.poll(() => order.length, { timeout: 20_000 }).toBeGreaterThan(3)
  stop()
  await queue.pause()
  await queue.addTick('news', new Date(1_000_000))
  onTestFinished(giveWay({ service, queue, places: 1, log: silent, lookMs: 50 }))
  await expect.poll(() => queue.counts(), { timeout: 20_000 }).toMatchObject({ completed: 1, waiting: 1 })
  expect(order).toHaveLength(8)
})
