import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { pino } from 'pino'
import type { Database } from '../../src/archive/database.ts'
import { findHealthChanges, findHealthOf } from '../../src/archive/source-health.ts'
import { openSourceLeases, type SourceLeases } from '../../src/archive/source-lease.ts'
import { createHttpClient, type HttpClient } from '../../src/crawlers/http-client.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import type { PageReader } from '../../src/crawlers/page-reader.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { createCrawlService, type CrawlService } from '../../src/queue/crawl-service.ts'
import { anArchive } from '../a-database.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { silent } from '../silent.ts'

vi.setConfig({ testTimeout: 60_000 })

const userAgent = 'Newsfold/0 (+test)'
let database: Database
const requestPlaces = createRequestPlaces(100)
let server: TestServer
let http: HttpClient
let reader: PageReader & { close(): Promise<void> }
const leases: SourceLeases[] = []

beforeAll(async () => {
  database = await anArchive()
  server = await startServer()
  http = createHttpClient({ userAgent, now: () => new Date() })
  reader = createReaderPool()
})
afterEach(async () => {
  for (const each of leases.splice(0)) await each.close()
  server.requests.splice(0)
})
afterAll(async () => {
  await reader.close()
  await http.close()
  await server.close()
  await database.close()
})

/** A service as a process of its own would have it. */
function aService(): CrawlService {
  const own = openSourceLeases(database, silent)
  leases.push(own)
  return createCrawlService({ database, http, requestPlaces, reader, leases: own, userAgent, log: silent, watcher: {} })
}

function aSource(id: string) {
  const text = '市水务局今日通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水。'
  const paths = [1, 2, 3].map((n) => `/${id}/${n}`)
  const links = paths.map(
    (path, n) => `<li><a href="${path}">关于${id}的第${n}号供水通告及有关安排</a> 2019-11-0${n + 1}</li>`,
  )
  server.routes.set(`/${id}/list`, `<ul>${links.join('')}</ul>`)
  for (const path of paths) {
    server.routes.set(path, `<h1>供水通告 ${path}</h1><p>${text}</p><p>${text}编号${path}。</p>`)
  }
  return sourceSchema.parse({
    id,
    name: id,
    listings: [`${server.origin}/${id}/list`],
    politeness: { delay: '20ms' },
    allowPrivateHosts: [server.host],
  })
}

const tick = { jobId: 'tick-city-0', isScheduled: true, isAgain: false }
const again = { ...tick, isAgain: true }

test('two workers that get one source at the same moment crawl it once', async () => {
  const source = aSource('shared')
  const outcomes = await Promise.all([aService().crawl(source), aService().crawl(source)])
  expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['busy', 'crawled'])
  const asked = server
    .pathsAsked()
    .filter((path) => path.startsWith('/shared/'))
    .toSorted()
  expect(asked).toEqual(['/shared/1', '/shared/2', '/shared/3', '/shared/list'])
})

test('a job whose source somebody crawls already waits for its turn', async () => {
  const [one, two] = [aService(), aService()]
  const source = aSource('again')
  const results = await Promise.all([one.processJob(source, tick), two.processJob(source, tick)])
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(['done', 'handed-back'])
  expect(await two.crawl(source)).toMatchObject({ kind: 'crawled', run: { stored: 0, failed: 0 } })
})

test('a job that was begun before waits for whoever has its source: that may be a dead process’s lease', async () => {
  const own = openSourceLeases(database, silent)
  leases.push(own)
  const source = aSource('held')
  const giveBack = await own.take('held')
  const service = aService()
  expect(await service.processJob(source, again)).toEqual({ kind: 'handed-back', afterMs: 3000 })
  expect(await service.processJob(source, tick)).toEqual({ kind: 'handed-back', afterMs: 1000 })
  expect(server.pathsAsked()).not.toContain('/held/list')
  await giveBack?.()
  expect(await service.processJob(source, again)).toEqual({ kind: 'done' })
  expect(server.pathsAsked()).toContain('/held/3')
})

test('a crawl ends after the pages in flight when its lease is lost to another process', async () => {
  const own = openSourceLeases(database, silent)
  const source = aSource('lost')
  const losing = new AbortController()
  const losable: SourceLeases = {
    ...own,
    take: (id, onLost) => {
      losing.signal.addEventListener('abort', () => onLost?.())
      return own.take(id, onLost)
    },
  }
  leases.push(own)
  server.routes.set('/lost/1', () => {
    losing.abort()
    return '<h1>供水通告</h1><p>市水务局今日通告：下周三起更换城东供水管道。</p>'
  })
  const service = createCrawlService({
    database,
    http,
    requestPlaces,
    reader,
    leases: losable,
    userAgent,
    log: silent,
    watcher: {},
  })
  expect(await service.processJob({ ...source, politeness: { ...source.politeness, concurrency: 1 } }, tick)).toEqual({
    kind: 'handed-back',
  })
  expect(await service.crawl(source)).toMatchObject({ kind: 'crawled', run: { outcome: 'succeeded' } })
  const { rows } = await database.query(`select from article where source_id = 'lost'`)
  expect(rows).toHaveLength(3)
})

test('a job of a source that could not be read fails, so that it is tried again', async () => {
  const source = aSource('gone')
  server.routes.delete('/gone/list')
  await expect(aService().processJob(source, tick)).rejects.toMatchObject({ code: 'crawl.failed', retry: 'later' })
})

test('a look keeps nothing, and a service that is ending hands jobs back', async () => {
  const service = aService()
  const source = aSource('looked')
  const look = await service.look(source)
  expect(look).toMatchObject({ kind: 'crawled', run: { stored: 3 }, articles: [{}, {}, {}] })
  const { rows } = await database.query(`select from article where source_id = 'looked'`)
  expect(rows).toEqual([])
  service.abort()
  expect(await service.processJob(source, tick)).toEqual({ kind: 'handed-back' })
})

test('a source that fails is found broken, the change is kept and said once, and a success heals it', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const own = openSourceLeases(database, silent)
  leases.push(own)
  const service = createCrawlService({
    database,
    http,
    requestPlaces,
    reader,
    leases: own,
    userAgent,
    log,
    watcher: {},
  })
  const source = aSource('frail')
  await service.crawl(source)
  expect(await findHealthOf(database, 'frail')).toMatchObject({ state: 'healthy', reason: null, intervalMs: 1_800_000 })

  const list = server.routes.get('/frail/list')
  server.routes.delete('/frail/list')
  for (let run = 0; run < 4; run++) await service.crawl(source)
  const health = await findHealthOf(database, 'frail')
  expect(health).toMatchObject({ state: 'gone', reason: expect.stringContaining('not there') })
  if (list) server.routes.set('/frail/list', list)
  await service.crawl(source)

  const changes = await findHealthChanges(database, 'frail', 10)
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    ['gone', 'healthy'],
    ['healthy', 'gone'],
    [null, 'healthy'],
  ])
  const said = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'source.health-changed')
  expect(said.map(({ level, after }) => [level, after])).toEqual([
    [40, 'gone'],
    [30, 'healthy'],
  ])
})

test('a backfill delays no poll of another source, and its run is kept like any other', async () => {
  const other = await startServer()
  try {
    // After robots.txt it waits for its listing's turn, for longer than this test lasts.
    const long = {
      ...aSource('archive'),
      listings: aSource('archive').listings.map((listing) => ({ ...listing, url: `${other.origin}/list` })),
      politeness: { delay: 600_000, concurrency: 1 },
      allowPrivateHosts: [other.host],
    }
    const service = aService()
    const backfill = service.backfill(long)
    await expect.poll(() => other.pathsAsked(), { timeout: 30_000 }).toContain('/robots.txt')
    expect(await service.processJob(aSource('polled'), tick)).toEqual({ kind: 'done' })
    expect(server.pathsAsked()).toContain('/polled/3')
    expect(other.pathsAsked()).toEqual(['/robots.txt'])
    service.abort()
    expect(await backfill).toMatchObject({ run: { outcome: 'aborted' } })
    const { rows } = await database.query(`select outcome from crawl_run where source_id = 'archive'`)
    expect(rows).toEqual([{ outcome: 'aborted' }])
  } finally {
    await other.close()
  }
})

const checkedAt = async (id: string) => (await findHealthOf(database, id))?.checkedAt.getTime() ?? 0

test('polls that find nothing new are not judged anew each time, and one that does is', async () => {
  const service = aService()
  const source = aSource('calm')
  await service.crawl(source)
  const first = await checkedAt('calm')
  await service.crawl(source)
  expect(await checkedAt('calm')).toBe(first)
  server.routes.delete('/calm/list')
  await service.crawl(source)
  expect(await checkedAt('calm')).toBeGreaterThan(first)
})

test('pages are looked at again, texts of feeds are not: their feed says when they change', async () => {
  const item = `<item><title>第4号供水通告</title><link>${server.origin}/wire/4</link><description>${'市水务局今日通告。'.repeat(9)}</description></item>`
  server.routes.set('/wire/feed', `<rss version="2.0"><channel><title>通告</title>${item}</channel></rss>`)
  const wire = {
    ...aSource('wire'),
    kind: 'feed' as const,
    fullText: false,
    listings: [{ url: `${server.origin}/wire/feed`, maxPages: 1 }],
  }
  for (const source of [aSource('pages'), wire]) await aService().crawl(source)
  const { rows } = await database.query(
    `select source_id as id, count(*)::int as pages, count(next_try_at)::int as due from page
     where source_id in ('pages', 'wire') group by 1 order by 1`,
  )
  expect(rows).toEqual([
    { id: 'pages', pages: 3, due: 3 },
    { id: 'wire', pages: 1, due: 0 },
  ])
})
