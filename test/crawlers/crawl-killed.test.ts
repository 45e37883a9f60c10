import { expect, test } from 'vitest'
import type { CrawlPorts } from '../../src/crawlers/crawl-ports.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { aListPage, aNewsroom, anArchive, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1 }

/** Ports whose n-th write and all after it never happen, as when the process is killed before it. */
function killedAtWrite(ports: CrawlPorts, count: number): CrawlPorts {
  let left = count
  const dies = () => {
    left -= 1
    return left < 0 ? Promise.reject(new Error('killed')) : null
  }
  return {
    ...ports,
    now: () => ports.now(),
    saveArticle: async (input) => (await dies()) ?? ports.saveArticle(input),
    saveListingState: async (...args) => (await dies()) ?? ports.saveListingState(...args),
    pageFailed: async (...args) => (await dies()) ?? ports.pageFailed(...args),
    pageGone: async (...args) => (await dies()) ?? ports.pageGone(...args),
  }
}

test('a run that is killed at any write and run again loses nothing and doubles nothing', async () => {
  const paths = ['/1', '/2', '/3', '/4', '/5', '/6']
  const server = await aNewsroom({
    ...articlesAt(paths),
    '/5': { status: 404 },
    '/list?page=2': aListPage(['/4', '/5', '/6']),
  })
  server.routes.set('/list', ({ headers }) =>
    headers['if-none-match'] === '"1"'
      ? { status: 304 }
      : { headers: { etag: '"1"' }, body: aListPage(['/1', '/2', '/3'], '/list?page=2') },
  )
  const source = aSource(server, { listings: [{ url: `${server.origin}/list`, maxPages: 2 }] })
  let kills = 0
  for (let count = 0; ; count += 1) {
    const archive = anArchive()
    const first = await crawlSource(source, killedAtWrite(archive.ports, count), options).catch(
      (error: unknown) => error,
    )
    const wasKilled = first instanceof Error
    if (wasKilled) kills += 1
    const second = await crawlSource(source, archive.ports, options)
    expect(accountedFor(second)).toBe(second.found)
    expect(archive.saved.toSorted()).toEqual(['/1', '/2', '/3', '/4', '/6'].map((path) => server.origin + path))
    expect(archive.pages.get(`${server.origin}/5`)?.status).toBe('gone')
    const third = await crawlSource(source, archive.ports, options)
    expect(third).toMatchObject({ notModifiedListings: 1, requests: 1 })
    if (!wasKilled) break
  }
  // Five articles, one that is gone, the listing.
  expect(kills).toBe(7)
})

test('news above old news is not lost when the run that met it is killed', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/2'], '/list?page=2'),
    '/list?page=2': aListPage(['/1']),
    ...articlesAt(['/1', '/2', '/3', '/4', '/5', '/6']),
  })
  const source = aSource(server, { listings: [{ url: `${server.origin}/list`, maxPages: 2 }] })
  const archive = anArchive()
  await crawlSource(source, archive.ports, options)
  server.routes.set('/list', aListPage(['/6', '/5'], '/list?page=2'))
  server.routes.set('/list?page=2', aListPage(['/4', '/3']))
  // After the mark, two articles are saved: the next run knows all of the first page.
  await expect(crawlSource(source, killedAtWrite(archive.ports, 3), options)).rejects.toThrow('killed')
  expect(archive.articles.has(`${server.origin}/3`)).toBe(false)
  await crawlSource(source, archive.ports, options)
  expect(['/3', '/4', '/5', '/6'].filter((path) => !archive.articles.has(server.origin + path))).toEqual([])
})

test('an archive that fails is no page’s fault: the run ends with its error', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/1', '/2']) })
  const archive = anArchive({ saveArticle: () => Promise.reject(new Error('the database is away')) })
  await expect(crawlSource(aSource(server), archive.ports, options)).rejects.toThrow('the database is away')
  expect(archive.pages.size).toBe(0)
})

test('a stopped run finishes what is under way, leaves the rest to the next one and says so', async () => {
  const paths = ['/1', '/2', '/3', '/4']
  const server = await aNewsroom({
    '/list': { headers: { etag: '"1"' }, body: aListPage(paths) },
    ...articlesAt(paths),
  })
  const abort = new AbortController()
  const archive = anArchive()
  const ports: CrawlPorts = {
    ...archive.ports,
    now: () => archive.ports.now(),
    saveArticle(input) {
      if (input.page.requestedUrl.endsWith('/2')) abort.abort()
      return archive.ports.saveArticle(input)
    },
  }
  const run = await crawlSource(aSource(server), ports, { ...options, signal: abort.signal })
  expect(run).toMatchObject({ outcome: 'aborted', found: 4, stored: 2, skipped: { aborted: 2 } })
  expect(archive.listings.size).toBe(0)
  const next = await crawlSource(aSource(server), archive.ports, options)
  expect(next).toMatchObject({ outcome: 'succeeded', found: 4, stored: 2, unchanged: 2 })
})

test('a stopped run does not wait for the slots of its host', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']) })
  const abort = new AbortController()
  const archive = anArchive()
  server.routes.set('/list', () => {
    setTimeout(() => abort.abort(), 50)
    return aListPage(['/1'])
  })
  const ports: CrawlPorts = {
    ...archive.ports,
    now: () => archive.ports.now(),
    pacing: {
      reserve: () => Promise.resolve(server.requests.length < 2 ? 0 : 60_000),
      slowDown: () => Promise.resolve(),
    },
  }
  const run = await crawlSource(aSource(server), ports, { ...options, signal: abort.signal })
  expect(run).toMatchObject({ outcome: 'aborted', found: 1, skipped: { aborted: 1 } })
})

test('a stopped run gives pages under way some seconds, not more', async () => {
  const abort = new AbortController()
  const server = await aNewsroom({ '/list': aListPage(['/hangs', '/2']), ...articlesAt(['/2']) })
  server.routes.set('/hangs', () => {
    abort.abort()
    return undefined
  })
  const startedAt = performance.now()
  const run = await crawlSource(aSource(server), anArchive().ports, { ...options, signal: abort.signal })
  expect(run).toMatchObject({ outcome: 'aborted', found: 2, skipped: { aborted: 2 } })
  // A hang guard: without the end the request would take its 30 s.
  expect(performance.now() - startedAt).toBeLessThan(15_000)
})

test('a run that was stopped before it began asks nobody', async () => {
  const server = await aNewsroom({ '/list': aListPage([]) })
  const run = await crawlSource(aSource(server), anArchive().ports, { ...options, signal: AbortSignal.abort() })
  expect(run).toMatchObject({ outcome: 'aborted', found: 0, requests: 0 })
  expect(server.requests).toEqual([])
})

test('a run that takes too long leaves the rest to the next one', async () => {
  const paths = ['/1', '/2', '/3']
  const server = await aNewsroom({ '/list': aListPage(paths), ...articlesAt(paths) })
  server.routes.set('/1', (_request, response) => {
    setTimeout(() => response.end('<h1>1</h1><p>Slow.</p>'), 4500)
    return undefined
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, { ...options, maxRunMs: 4000 })
  expect(run).toMatchObject({ outcome: 'succeeded', found: 3, stored: 1, skipped: { 'run-limit': 2 } })
  expect(archive.listings.size).toBe(0)
})

test('a run whose time is over before its listing was read has failed, and says so', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']) })
  const archive = anArchive({ pacing: { reserve: () => Promise.resolve(60_000), slowDown: () => Promise.resolve() } })
  const run = await crawlSource(aSource(server), archive.ports, { ...options, maxRunMs: 50 })
  expect(run).toMatchObject({ outcome: 'failed', found: 0, errors: [expect.stringContaining('time was over')] })
  expect(archive.listings.size).toBe(0)
})
