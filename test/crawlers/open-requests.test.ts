import type { ServerResponse } from 'node:http'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CrawlPorts } from '../../src/crawlers/crawl-ports.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createMemoryPacing, type PacingStore } from '../../src/crawlers/pacing.ts'
import { pollListings } from '../../src/crawlers/poll-listings.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import { createMemoryRobots } from '../../src/crawlers/robots.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage, articlesAt } from './a-newsroom.ts'
import type { TestServer } from './a-server.ts'
import { aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1, retries: 0 }
const soon = { timeout: 20_000 }

/** Ports of several runs in one process. */
const shared = (mostOfAll: number, more: Partial<CrawlPorts> = {}): Partial<CrawlPorts> => ({
  requestPlaces: createRequestPlaces(mostOfAll),
  pacing: createMemoryPacing(),
  robots: createMemoryRobots(),
  ...more,
})

/** A site with a list of articles below a folder, whose requests stay open for a while. */
function publish(server: TestServer, folder: string, count: number, watch: (path: string) => () => void): void {
  const paths = Array.from({ length: count }, (_, index) => `/${folder}/${index}`)
  const pages = [
    [`/${folder}/list`, aListPage(paths)],
    ...paths.map((path) => [path, anArticlePage(`Article ${path}`)]),
  ] as const
  for (const [path, body] of pages) {
    server.routes.set(path ?? '', (_request, response) => {
      const end = watch(path ?? '')
      setTimeout(() => {
        end()
        response.end(body)
      }, 10)
      return undefined
    })
  }
}

const aSourceOf = (server: TestServer, folder: string, concurrency: number) =>
  aSource(server, { id: folder, listings: [`${server.origin}/${folder}/list`], politeness: { delay: 0, concurrency } })

/** Paths that are being answered, and how many there were at each path's beginning. */
function aWatch() {
  const open = new Set<string>()
  const begun: (readonly string[])[] = []
  const watch = (path: string) => {
    open.add(path)
    begun.push([...open])
    return () => void open.delete(path)
  }
  return { begun, watch }
}

test('runs and polls of one host have no more requests open to it together than one of them may', async () => {
  const { begun, watch } = aWatch()
  const server = await aNewsroom()
  for (const folder of ['a', 'b', 'c']) publish(server, folder, 6, watch)
  const ports = shared(100)
  const runs = await Promise.all(
    ['a', 'b', 'c'].map((folder) => crawlSource(aSourceOf(server, folder, 2), anArchive(ports).ports, options)),
  )
  expect(runs.map(({ stored }) => stored)).toEqual([6, 6, 6])
  expect(begun).toHaveLength(21)
  expect(Math.max(...begun.map(({ length }) => length))).toBe(2)
})

test('of two sources of one host the one that may have fewer requests open is kept to as well', async () => {
  const { begun, watch } = aWatch()
  const server = await aNewsroom()
  for (const folder of ['wide', 'narrow']) publish(server, folder, 8, watch)
  const ports = shared(100)
  await Promise.all([
    crawlSource(aSourceOf(server, 'wide', 4), anArchive(ports).ports, options),
    crawlSource(aSourceOf(server, 'narrow', 1), anArchive(ports).ports, options),
  ])
  const beside = begun.filter((paths) => paths.some((path) => path.startsWith('/narrow')))
  expect(beside).toHaveLength(9)
  expect(Math.max(...beside.map(({ length }) => length))).toBe(1)
  expect(Math.max(...begun.map(({ length }) => length))).toBeGreaterThan(1)
})

test('there are never more requests open than the process may have', async () => {
  const { begun, watch } = aWatch()
  const servers = await Promise.all(Array.from({ length: 6 }, () => aNewsroom()))
  for (const [index, server] of servers.entries()) publish(server, `s${index}`, 4, watch)
  const ports = shared(3)
  const runs = await Promise.all(
    servers.map((server, index) => crawlSource(aSourceOf(server, `s${index}`, 2), anArchive(ports).ports, options)),
  )
  expect(runs.map(({ stored }) => stored)).toEqual(servers.map(() => 4))
  expect(Math.max(...begun.map(({ length }) => length))).toBe(3)
})

/** A server that has been asked and does not answer until it is told to. */
async function aSlowServer(path: string) {
  const server = await aNewsroom({ '/list': aListPage(['/1']), ...articlesAt(['/1']) })
  const waiting: ServerResponse[] = []
  server.routes.set(path, (_request, response) => {
    waiting.push(response)
    return undefined
  })
  const answer = (body: string) => {
    server.routes.set(path, body)
    for (const response of waiting.splice(0)) response.end(body)
  }
  return { server, waiting, answer }
}

test('a host that does not answer keeps only its own places: others are asked', async () => {
  const slow = await aSlowServer('/list')
  const quick = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/1', '/2']) })
  const ports = shared(2)
  const stuck = Array.from({ length: 5 }, () => crawlSource(aSource(slow.server), anArchive(ports).ports, options))
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  expect(await crawlSource(aSource(quick), anArchive(ports).ports, options)).toMatchObject({ stored: 2 })
  slow.answer(aListPage(['/1']))
  expect((await Promise.all(stuck)).map(({ stored }) => stored)).toEqual([1, 1, 1, 1, 1])
})

/** Keeps the pace's account but lets nobody wait. */
function aPace(): PacingStore & { reserved: string[] } {
  const reserved: string[] = []
  return {
    reserved,
    reserve(host) {
      reserved.push(host)
      return Promise.resolve(0)
    },
    slowDown: () => Promise.resolve(),
  }
}

test('nobody takes a slot of a host before he has its place, so that those who wait do not come all at once', async () => {
  const slow = await aSlowServer('/list')
  const pacing = aPace()
  const ports = shared(100, { pacing })
  const runs = Array.from({ length: 3 }, () => crawlSource(aSource(slow.server), anArchive(ports).ports, options))
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  for (let turns = 0; turns < 20; turns++) await turnOfLoop()
  expect(pacing.reserved).toHaveLength(slow.server.requests.length)
  slow.answer(aListPage(['/1']))
  await Promise.all(runs)
  expect(pacing.reserved).toHaveLength(slow.server.requests.length)
})

test('a request whose slot has passed while all places were taken gets another slot', async () => {
  const slow = await aSlowServer('/list')
  const other = await aNewsroom({ '/robots.txt': '', '/list': aListPage(['/1']), ...articlesAt(['/1']) })
  const pacing = aPace()
  const ports = shared(1, { pacing })
  const stuck = crawlSource(aSource(slow.server), anArchive(ports).ports, options)
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  const run = crawlSource(aSource(other), anArchive(ports).ports, options)
  await expect.poll(() => pacing.reserved.filter((host) => host === other.host), soon).toHaveLength(1)
  expect(other.requests).toEqual([])
  slow.answer('')
  expect(await run).toMatchObject({ stored: 1 })
  await stuck
  const slots = pacing.reserved.filter((host) => host === other.host).length
  expect(slots).toBeGreaterThan(other.requests.length)
})

test('places are given back by requests that fail, are redirected or are stopped', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/cut', '/round', '/moved', '/1']),
    ...articlesAt(['/1', '/2']),
  })
  const other = await aNewsroom({ '/away': { status: 302, headers: { location: `${server.origin}/2` } } })
  server.routes.set('/cut', ({ socket }) => {
    socket.resetAndDestroy()
    return undefined
  })
  server.routes.set('/round', { status: 302, headers: { location: '/round' } })
  server.routes.set('/moved', { status: 302, headers: { location: `${other.origin}/away` } })
  const requestPlaces = createRequestPlaces(1)
  const source = aSource(server, { allowPrivateHosts: [server.host, other.host] })
  const run = await crawlSource(source, anArchive({ requestPlaces }).ports, options)
  expect(run).toMatchObject({ found: 4, stored: 2, failed: 2 })

  const { slow, poll } = await aPolledServer()
  const stop = new AbortController()
  const held = [1, 2].map(() => poll(requestPlaces, stop.signal))
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  stop.abort()
  expect(await Promise.all(held)).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }])
  slow.answer(aListPage(['/1']))
  expect(await crawlSource(aSource(slow.server), anArchive({ requestPlaces }).ports, options)).toMatchObject({
    stored: 1,
  })
})

/** A server whose list was read before, and answers no more. */
async function aPolledServer() {
  const slow = await aSlowServer('/list')
  const silent = slow.server.routes.get('/list') ?? ''
  slow.server.routes.set('/list', { headers: { etag: '"1"' }, body: aListPage(['/1']) })
  const archive = anArchive()
  await crawlSource(aSource(slow.server), archive.ports, options)
  slow.server.routes.set('/list', silent)
  const poll = (requestPlaces: CrawlPorts['requestPlaces'], signal: AbortSignal) => {
    const ports = { ...archive.ports, now: () => archive.ports.now(), requestPlaces }
    return pollListings(aSource(slow.server), ports, { ...options, signal })
  }
  return { slow, archive, poll }
}

/** Places that nobody waits long for at a host. */
const impatient = (places: CrawlPorts['requestPlaces']): CrawlPorts['requestPlaces'] => ({
  ...places,
  atHost: (host, most, { signal }) => places.atHost(host, most, { withinMs: 20, signal }),
})

test('a poll that does not get its turn in time leaves its tick, and a run its listing', async () => {
  const { slow, archive, poll } = await aPolledServer()
  const requestPlaces = createRequestPlaces(100)
  const stop = new AbortController()
  const held = poll(requestPlaces, stop.signal)
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  expect(await poll(impatient(requestPlaces), stop.signal)).toEqual({ kind: 'crowded' })
  const ports = { ...archive.ports, now: () => archive.ports.now(), requestPlaces: impatient(requestPlaces) }
  const run = await crawlSource(aSource(slow.server), ports, { ...options, retries: 2 })
  expect(run).toMatchObject({ outcome: 'failed', requests: 0, errors: [expect.stringContaining('expected its turn')] })
  stop.abort()
  expect(await held).toEqual({ kind: 'stopped' })
})

test('pages of a host that too many others ask are left to the next run, which takes them', async () => {
  const slow = await aSlowServer('/list')
  const requestPlaces = createRequestPlaces(100)
  const stuck = crawlSource(aSource(slow.server), anArchive({ requestPlaces }).ports, options)
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  for (const [path, page] of Object.entries(articlesAt(['/2', '/3']))) slow.server.routes.set(path, page)
  const server = await aNewsroom({ '/list': aListPage(['/2', '/3'].map((path) => slow.server.origin + path)) })
  const source = aSource(server, { allowPrivateHosts: [server.host, slow.server.host] })
  const archive = anArchive()
  const ports = { ...archive.ports, now: () => archive.ports.now() }
  const run = await crawlSource(source, { ...ports, requestPlaces: impatient(requestPlaces) }, options)
  expect(run).toMatchObject({ found: 2, failed: 0, skipped: { 'host-busy': 2 } })
  slow.answer(aListPage(['/1']))
  await stuck
  expect(await crawlSource(source, { ...ports, requestPlaces }, options)).toMatchObject({ stored: 2 })
})

test('a request that misses its slots because all places are always taken is sent nevertheless', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']), ...articlesAt(['/1']) })
  const requestPlaces = { ...createRequestPlaces(1), tryOfAll: () => null }
  const pacing = { ...aPace(), reserve: () => Promise.resolve(1) }
  expect(await crawlSource(aSource(server), anArchive({ requestPlaces, pacing }).ports, options)).toMatchObject({
    stored: 1,
  })
})

test('a robots.txt that has moved to a host that too many others ask is not taken for one that cannot be read', async () => {
  const slow = await aSlowServer('/list')
  const requestPlaces = createRequestPlaces(100)
  const stuck = crawlSource(aSource(slow.server), anArchive({ requestPlaces }).ports, options)
  await expect.poll(() => slow.waiting.length, soon).toBe(1)
  const server = await aNewsroom({
    '/robots.txt': { status: 302, headers: { location: `${slow.server.origin}/robots.txt` } },
    '/list': aListPage(['/1']),
    ...articlesAt(['/1']),
  })
  const source = aSource(server, { allowPrivateHosts: [server.host, slow.server.host] })
  const archive = anArchive()
  const ports = { ...archive.ports, now: () => archive.ports.now() }
  const run = await crawlSource(source, { ...ports, requestPlaces: impatient(requestPlaces) }, options)
  expect(run).toMatchObject({ outcome: 'failed', errors: [expect.stringContaining('expected its turn')] })
  slow.answer(aListPage(['/1']))
  await stuck
  expect(await crawlSource(source, { ...ports, requestPlaces }, options)).toMatchObject({ stored: 1 })
})
