import { expect, test } from 'vitest'
import type { CrawlPorts } from '../../src/crawlers/crawl-ports.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createMemoryPacing, type PacingStore } from '../../src/crawlers/pacing.ts'
import { UnreachableError } from '../../src/model/errors.ts'
import { aListPage, aNewsroom, anArchive, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1, retries: 1 }

/** Keeps the pace's account but lets nobody wait. */
function aPace(): PacingStore & {
  reserved: { host: string; delayMs: number }[]
  slowed: { host: string; forMs: number }[]
} {
  const reserved: { host: string; delayMs: number }[] = []
  const slowed: { host: string; forMs: number }[] = []
  return {
    reserved,
    slowed,
    reserve(host, delayMs) {
      reserved.push({ host, delayMs })
      return Promise.resolve(0)
    },
    slowDown(host, forMs) {
      slowed.push({ host, forMs })
      return Promise.resolve()
    },
  }
}

test('every request takes a slot of its host: robots.txt, listing, articles and redirects', async () => {
  const other = await aNewsroom(articlesAt(['/2']))
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/moved']),
    '/moved': { status: 302, headers: { location: `${other.origin}/2` } },
    ...articlesAt(['/1']),
  })
  const pacing = aPace()
  const source = aSource(server, { politeness: { delay: '3s' }, allowPrivateHosts: [server.host, other.host] })
  const run = await crawlSource(source, anArchive({ pacing }).ports, options)
  expect(run).toMatchObject({ stored: 2 })
  expect(pacing.reserved.filter(({ host }) => host === server.host)).toHaveLength(server.requests.length)
  expect(pacing.reserved.filter(({ host }) => host === other.host)).toHaveLength(other.requests.length)
  expect(other.pathsAsked()).toEqual(['/robots.txt', '/2'])
  expect(new Set(pacing.reserved.map(({ delayMs }) => delayMs))).toEqual(new Set([3000]))
})

test('a Crawl-delay that is longer than the source’s own holds', async () => {
  const server = await aNewsroom({
    '/robots.txt': 'User-agent: *\nCrawl-delay: 7',
    '/list': aListPage(['/1']),
    ...articlesAt(['/1']),
  })
  const pacing = aPace()
  await crawlSource(aSource(server, { politeness: { delay: '1s' } }), anArchive({ pacing }).ports, options)
  expect(pacing.reserved.map(({ delayMs }) => delayMs)).toEqual([1000, 7000, 7000])
})

test('a host that wants to be left alone is left alone, also by whoever has the source now', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1']),
    '/1': { status: 429, headers: { 'retry-after': '600' } },
  })
  const pacing = aPace()
  const losing = new AbortController()
  const isStillOurs = () => {
    if (server.pathsAsked().includes('/1')) losing.abort()
    return !losing.signal.aborted
  }
  const held = { ...options, isStillOurs, signal: losing.signal }
  const run = await crawlSource(aSource(server), anArchive({ pacing }).ports, held)
  expect(run).toMatchObject({ outcome: 'aborted', failed: 0 })
  expect(pacing.slowed.map(({ host }) => host)).toEqual([server.host])
})

test('what was asked for before this process was stopped is asked for again, in a slot of its own', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']), ...articlesAt(['/1']) })
  const pacing = aPace()
  const { ports } = anArchive({ pacing })
  let isSlept = false
  const fetchPage: CrawlPorts['http']['fetchPage'] = async (request, signal) => {
    if (isSlept || !request.url.endsWith('/1')) return ports.http.fetchPage(request, signal)
    isSlept = true
    const { url } = request
    const error = new UnreachableError('http.slept', 'This process was stopped.')
    return { kind: 'failed', error, url, status: null, retryAfterMs: null, requests: 1, receivedBytes: 0 }
  }
  const http = { ...ports.http, fetchPage }
  const run = await crawlSource(aSource(server), { ...ports, now: () => ports.now(), http }, { ...options, retries: 0 })
  expect(run).toMatchObject({ outcome: 'succeeded', stored: 1, failed: 0 })
  expect(pacing.reserved).toHaveLength(4)
})

test('requests come no sooner than their slots, and one at a time', async () => {
  const paths = ['/1', '/2', '/3', '/4']
  const server = await aNewsroom({ '/list': aListPage(paths), ...articlesAt(paths) })
  const arrivals: number[] = []
  for (const [path, route] of server.routes) {
    server.routes.set(path, () => {
      arrivals.push(performance.now())
      return typeof route === 'function' ? { status: 500 } : route
    })
  }
  const slots: number[] = []
  const memory = createMemoryPacing(() => performance.now())
  const pacing: PacingStore = {
    ...memory,
    async reserve(host, delayMs, mostMs) {
      const asked = performance.now()
      const waitMs = await memory.reserve(host, delayMs, mostMs)
      slots.push(asked + waitMs)
      return waitMs
    },
  }
  await crawlSource(aSource(server, { politeness: { delay: 40 } }), anArchive({ pacing }).ports, options)
  // The first slot was robots.txt's, which this server does not have.
  expect(arrivals).toHaveLength(5)
  // Timers may be a millisecond early.
  for (const [index, at] of arrivals.entries()) expect(at).toBeGreaterThanOrEqual((slots[index + 1] ?? Infinity) - 2)
})

test('robots.txt is asked for once, also when several listings are read at once', async () => {
  const paths = ['/a', '/b', '/c', '/d']
  const server = await aNewsroom(Object.fromEntries(paths.map((path) => [path, aListPage(['/1'])])))
  const listings = paths.map((path) => server.origin + path)
  const source = aSource(server, { listings, politeness: { delay: 0, concurrency: 4 } })
  await crawlSource(source, anArchive().ports, options)
  expect(server.pathsAsked().filter((path) => path === '/robots.txt')).toHaveLength(1)
})

test('no more pages are under way at one time than the source allows', async () => {
  const paths = Array.from({ length: 12 }, (_, index) => `/${index}`)
  const server = await aNewsroom({ '/list': aListPage(paths) })
  let underWay = 0
  let most = 0
  for (const path of paths) {
    server.routes.set(path, (_request, response) => {
      underWay += 1
      most = Math.max(most, underWay)
      setTimeout(() => {
        underWay -= 1
        response.end('<h1>T</h1><p>Text.</p>')
      }, 30)
      return undefined
    })
  }
  const source = aSource(server, { politeness: { delay: 0, concurrency: 3 } })
  expect(await crawlSource(source, anArchive().ports, options)).toMatchObject({ stored: 12 })
  expect(most).toBe(3)
})

test('a host that asks for peace gets it from everybody, and its pages are left to a later run', async () => {
  const paths = ['/1', '/2', '/3', '/4']
  const server = await aNewsroom({
    '/list': { headers: { etag: '"1"' }, body: aListPage(paths) },
    ...articlesAt(paths),
  })
  server.routes.set('/2', { status: 429, headers: { 'retry-after': '3600' } })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ found: 4, stored: 1, skipped: { 'host-busy': 3 } })
  expect(accountedFor(run)).toBe(4)
  expect(server.pathsAsked()).toEqual(['/robots.txt', '/list', '/1', '/2'])
  expect(archive.listings.size).toBe(0)

  const meanwhile = await crawlSource(aSource(server), archive.ports, options)
  expect(meanwhile).toMatchObject({ outcome: 'failed', found: 0, requests: 0 })
  expect(meanwhile.errors).toEqual([expect.stringContaining('asked us to wait')])

  server.routes.set('/2', '<h1>Two</h1><p>Text.</p>')
  archive.clock.now = new Date(archive.clock.now.getTime() + 3_601_000)
  const later = await crawlSource(aSource(server), archive.ports, options)
  expect(later).toMatchObject({ outcome: 'succeeded', found: 4, stored: 3, unchanged: 1 })
})

test('it is the host that asks for peace that gets it, not the one that led there', async () => {
  const other = await aNewsroom({ '/list': { status: 429, headers: { 'retry-after': '5' } } })
  const server = await aNewsroom({ '/list': { status: 302, headers: { location: `${other.origin}/list` } } })
  const pacing = aPace()
  const source = aSource(server, { allowPrivateHosts: [server.host, other.host] })
  await crawlSource(source, anArchive({ pacing }).ports, { ...options, retries: 0 })
  expect(pacing.slowed.map(({ host }) => host)).toEqual([other.host])
})

test.each([
  [429, {}, 60_000],
  [429, { 'retry-after': '5' }, 5000],
  [503, {}, 30_000],
  [503, { 'retry-after': '5' }, 5000],
])('status %i with %j slows its host down for %i ms', async (status, headers, ms) => {
  const server = await aNewsroom({ '/list': { status, headers } })
  const pacing = aPace()
  const archive = anArchive({ pacing })
  await crawlSource(aSource(server), archive.ports, { ...options, retries: 0 })
  expect(pacing.slowed).toEqual([{ host: server.host, forMs: ms }])
})

test('a robots.txt that answers 503 slows its host down as any page does, and nothing else is asked for', async () => {
  const server = await aNewsroom({ '/robots.txt': { status: 503 }, '/list': aListPage(['/1']) })
  const pacing = aPace()
  const run = await crawlSource(aSource(server), anArchive({ pacing }).ports, options)
  expect(run).toMatchObject({ outcome: 'failed', requests: 1 })
  expect(pacing.slowed).toEqual([{ host: server.host, forMs: 30_000 }])
})

test.each([
  [500, {}, ''],
  [503, {}, '<title>Just a moment...</title><script>window._cf_chl_opt={}</script>'],
])('status %i with %j and %j slows nobody down', async (status, headers, body) => {
  const server = await aNewsroom({ '/list': { status, headers, body } })
  const pacing = aPace()
  await crawlSource(aSource(server), anArchive({ pacing }).ports, { ...options, retries: 0 })
  expect(pacing.slowed).toEqual([])
})

test('a host that asks for peace time and again is left to the next run, which takes all of its pages', async () => {
  const paths = ['/1', '/2', '/3', '/4', '/5', '/6']
  const server = await aNewsroom({ '/list': { headers: { etag: '"1"' }, body: aListPage(paths) } })
  for (const path of paths) server.routes.set(path, { status: 503 })
  const archive = anArchive({ pacing: aPace() })
  const run = await crawlSource(aSource(server), archive.ports, { ...options, retries: 2 })
  expect(run).toMatchObject({ found: 6, stored: 0, failed: 0, skipped: { 'host-busy': 6 } })
  expect(server.pathsAsked()).toEqual(['/robots.txt', '/list', '/1', '/2', '/3'])

  for (const [path, page] of Object.entries(articlesAt(paths))) server.routes.set(path, page)
  const next = await crawlSource(aSource(server), archive.ports, options)
  expect(next).toMatchObject({ outcome: 'succeeded', stored: 6 })
})

test('a host that asks for peace now and then gets it, and its other pages are read', async () => {
  const paths = ['/1', '/2', '/3', '/4', '/5', '/6']
  const server = await aNewsroom({ '/list': aListPage(paths), ...articlesAt(paths) })
  for (const path of ['/1', '/3', '/5', '/6']) server.routes.set(path, { status: 503 })
  const archive = anArchive({ pacing: aPace() })
  const run = await crawlSource(aSource(server), archive.ports, { ...options, retries: 0 })
  expect(run).toMatchObject({ stored: 2, failed: 4 })
})
