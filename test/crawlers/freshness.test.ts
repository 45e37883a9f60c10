import { expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { freshForMs, isResting } from '../../src/crawlers/freshness.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { aListPage, aNewsroom, anArchive, articlesAt } from './a-newsroom.ts'
import { aSource, userAgent } from './memory-ports.ts'

const from = (headers: Record<string, string>) => freshForMs((name) => headers[name] ?? null)

test('max-age less Age counts, else Expires less Date; what must be asked for each time is never fresh', () => {
  expect(from({ 'cache-control': 'public, max-age=60', age: '20' })).toBe(40_000)
  expect(from({ expires: 'Wed, 20 Nov 2019 08:10:00 GMT', date: 'Wed, 20 Nov 2019 08:00:00 GMT' })).toBe(600_000)
  expect(from({ 'cache-control': 'max-age=60, no-cache' })).toBeNull()
  expect(from({ expires: '0', date: 'Wed, 20 Nov 2019 08:00:00 GMT' })).toBe(0)
  expect(from({})).toBeNull()
})

const at = (ms: number) => new Date(Date.UTC(2026, 10, 6) + ms)

const isRestingAfter = (ms: number) =>
  isResting(
    {
      etag: null,
      lastModified: null,
      settingsKey: '',
      isComplete: true,
      savedAt: at(ms),
      freshUntil: at(ms + 5000),
    },
    at(0),
  )

test('a list that was read in the future is not left alone: somebody’s clock was wrong', () => {
  expect([-1000, 1000, 3_600_000, -10_000].map(isRestingAfter)).toEqual([true, true, false, false])
})

const scheduled = { runId: '1', userAgent, heedsRest: true }

test('a list that says for how long it stays is left alone for so long by scheduled runs, and not when a person asks', async () => {
  const server = await aNewsroom(articlesAt(['/1']))
  server.routes.set('/list', { headers: { 'cache-control': 'max-age=600' }, body: aListPage(['/1']) })
  const archive = anArchive()
  const crawl = (options: { heedsRest?: boolean }) =>
    crawlSource(aSource(server), archive.ports, { ...scheduled, ...options })
  await crawl({})
  const asked = () => server.pathsAsked().filter((path) => path === '/list').length
  expect((await crawl({})).outcome).toBe('succeeded')
  expect(asked()).toBe(1)
  await crawl({ heedsRest: false })
  expect(asked()).toBe(2)
  archive.clock.now = new Date(archive.clock.now.getTime() + 601_000)
  await crawl({})
  expect(asked()).toBe(3)
})

test('a feed’s ttl and skipHours are heeded', async () => {
  const reader = createReaderPool()
  const hours = '<skipHours><hour>3</hour></skipHours>'
  const rss =
    `<rss version="2.0"><channel><title>News</title><ttl>90</ttl>${hours}` +
    '<item><title>One</title><guid>1</guid><description>All of it.</description></item></channel></rss>'
  const server = await aNewsroom({ '/list': { headers: { 'content-type': 'application/rss+xml' }, body: rss } })
  const archive = anArchive({ reader })
  const source = aSource(server, { kind: 'feed', fullText: false })
  const askedAt = async (at: string) => {
    archive.clock.now = new Date(at)
    server.requests.splice(0)
    await crawlSource(source, archive.ports, scheduled)
    return server.pathsAsked().includes('/list')
  }
  expect(await askedAt('2019-11-05T01:00:00Z')).toBe(true)
  expect(await askedAt('2019-11-05T02:29:00Z')).toBe(false)
  expect(await askedAt('2019-11-05T03:30:00Z')).toBe(false)
  expect(await askedAt('2019-11-05T04:01:00Z')).toBe(true)
  await reader.close()
})
