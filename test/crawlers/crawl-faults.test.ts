import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { UnreadableError } from '../../src/model/errors.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'
import { tinyReader } from './tiny-reader.ts'

const options = { runId: '1', userAgent, backoffMs: 1, retries: 1 }

test('pages that are none are each counted and named, and the others are stored', async () => {
  const server = await aNewsroom({
    '/list': aListPage([
      '/good',
      '/pdf',
      '/file',
      '/huge',
      '/bomb',
      '/gone',
      '/moved',
      '/broken',
      '/empty',
      '//user@127.0.0.1/x',
      '/last',
    ]),
    '/pdf': { headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.7' },
    '/file': { headers: { 'content-type': 'text/html' }, body: Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0]) },
    '/huge': { body: new Uint8Array(20_000_000) },
    '/bomb': { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(20_000_000)) },
    '/moved': { status: 302, headers: { location: '/' } },
    '/': 'The front page.',
    '/broken': { headers: { 'content-encoding': 'gzip' }, body: gzipSync('x'.repeat(1000)).subarray(0, 20) },
    '/empty': '<h1>Nothing here</h1>',
    ...articlesAt(['/good', '/last']),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({
    outcome: 'partial',
    found: 11,
    stored: 2,
    failed: 1,
    skipped: { 'not-html': 2, 'too-large': 2, gone: 2, 'no-text': 1, refused: 1 },
  })
  expect(accountedFor(run)).toBe(run.found)
  expect(run.errors).toHaveLength(9)
  for (const line of run.errors) expect(line).toMatch(/^Source "newsroom": [^\n]*(?:http|ftp):\/\/[^\n]*$/)

  const again = await crawlSource(aSource(server), archive.ports, options)
  expect(again).toMatchObject({
    found: 11,
    unchanged: 2,
    skipped: { 'not-html': 2, 'too-large': 2, gone: 2, 'no-text': 1, 'failed-before': 1, refused: 1 },
    requests: 1,
  })
})

test.each([
  ['a listing that is empty', { '/list': 'Nothing today.' }, 'listing.empty', /expected items, got a page with none/],
  ['a listing that is gone', {}, 'http.status', /expected status 200, got 404/],
  ['a listing that fails', { '/list': { status: 500 } }, 'http.status', /expected status 200, got 500/],
  [
    'a listing that is forbidden',
    { '/robots.txt': 'User-agent: *\nDisallow: /' },
    'robots.disallowed',
    /robots.txt forbids it/,
  ],
  ['a robots.txt that fails', { '/robots.txt': { status: 500 } }, 'robots.unreachable', /got status 500/],
])('%s: the run has failed, with one line', async (_what, routes, _code, line) => {
  const server = await aNewsroom(routes)
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'failed', found: 0, stored: 0 })
  expect(run.errors).toEqual([expect.stringMatching(line)])
  expect(run.errors[0]).toContain(`Source "newsroom", listing ${server.origin}/list: `)
  expect(archive.listings.size).toBe(0)
})

test('an empty listing is no error where it is allowed', async () => {
  const server = await aNewsroom({ '/list': 'Nothing today.' })
  const run = await crawlSource(aSource(server, { allowEmpty: true }), anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 0, errors: [] })
})

test('one listing that fails does not hold up another', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']), ...articlesAt(['/1']) })
  const listings = [`${server.origin}/nowhere`, `${server.origin}/list`]
  const run = await crawlSource(aSource(server, { listings }), anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'partial', found: 1, stored: 1 })
})

test('a host that refuses connections is one clear line', async () => {
  const server = await aNewsroom()
  const source = aSource(server)
  await server.close()
  const run = await crawlSource(source, anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'failed', found: 0 })
  expect(run.errors).toEqual([expect.stringContaining('got no connection to its host')])
})

test('articles that robots.txt forbids are left out, and only these', async () => {
  const server = await aNewsroom({
    '/robots.txt': 'User-agent: *\nDisallow: /inner/',
    '/list': aListPage(['/inner/1', '/2']),
    ...articlesAt(['/inner/1', '/2']),
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ found: 2, stored: 1, skipped: { robots: 1 } })
  expect(server.pathsAsked()).not.toContain('/inner/1')
})

test('robots.txt holds at every redirect', async () => {
  const server = await aNewsroom({
    '/robots.txt': 'User-agent: *\nDisallow: /inner/',
    '/list': aListPage(['/1']),
    '/1': { status: 302, headers: { location: '/inner/1' } },
    ...articlesAt(['/inner/1']),
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ found: 1, skipped: { robots: 1 } })
  expect(server.pathsAsked()).not.toContain('/inner/1')
})

test('a private address that a listing names is refused, also behind a redirect, and robots.txt is not asked there', async () => {
  const secret = await aNewsroom({ '/1': anArticlePage('Secret') })
  const server = await aNewsroom({
    '/list': aListPage(['/1', `${secret.origin}/1`]),
    '/1': { status: 302, headers: { location: `${secret.origin}/1` } },
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ found: 2, stored: 0 })
  expect(accountedFor(run)).toBe(2)
  expect(secret.requests).toEqual([])
})

test('a page that takes its reader down is one failure', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/1', '/2']) })
  const reader: typeof tinyReader = {
    ...tinyReader,
    readArticle: (page, rules) =>
      page.url.endsWith('/1')
        ? Promise.reject(new UnreadableError('reader.timeout', `Cannot read ${page.url}: gave up.`))
        : tinyReader.readArticle(page, rules),
  }
  const archive = anArchive({ reader })
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'partial', stored: 1, failed: 1 })
  expect(archive.pages.get(`${server.origin}/1`)).toMatchObject({ status: 'failed', errorCode: 'reader.timeout' })
})

test('a redirect loop and a page that only refreshes itself cost one page each', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/loop', '/refresh', '/1']),
    '/loop': { status: 302, headers: { location: '/loop?again' } },
    '/loop?again': { status: 302, headers: { location: '/loop' } },
    '/refresh': '<meta http-equiv="refresh" content="0;url=/refresh">',
    ...articlesAt(['/1']),
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ found: 3, stored: 1, failed: 1, skipped: { 'no-text': 1 } })
})

test('a list of 50,000 links is bounded, counted, and yields its newest', async () => {
  const links = Array.from({ length: 50_000 }, (_, index) => `<a href="/${index}">Title ${index}</a>`)
  const server = await aNewsroom({ '/list': links.join('\n'), ...articlesAt(['/0', '/1', '/2']) })
  const batches: number[] = []
  const archive = anArchive({
    knownPages(_sourceId, urls) {
      batches.push(urls.length)
      return Promise.resolve(new Map())
    },
  })
  const run = await crawlSource(aSource(server, { maxArticlesPerRun: 3 }), archive.ports, options)
  expect(run).toMatchObject({ found: 50_000, stored: 3, skipped: { 'run-limit': 49_997 } })
  expect(Math.max(...batches)).toBeLessThanOrEqual(1000)
})

test('a calendar without end is left after as many pages as allowed, or when it names nothing new', async () => {
  const server = await aNewsroom(articlesAt(['/1', '/2', '/3']))
  for (let month = 0; month < 50; month += 1) {
    server.routes.set(`/endless?month=${month}`, aListPage([`/${month + 1}`], `/endless?month=${month + 1}`))
    server.routes.set(`/same?month=${month}`, aListPage(['/1'], `/same?month=${month + 1}`))
  }
  const listings = ['endless', 'same'].map((path) => ({ url: `${server.origin}/${path}?month=0`, maxPages: 3 }))
  const run = await crawlSource(aSource(server, { listings }), anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 3, stored: 3 })
  expect(server.pathsAsked().filter((path) => path.startsWith('/endless'))).toHaveLength(3)
  expect(server.pathsAsked().filter((path) => path.startsWith('/same'))).toHaveLength(2)
})

const withoutQuery = (url: string) => url.replace(/\?.*$/, '')

test('one article under a hundred addresses is asked for once where the archive says that they are one', async () => {
  const paths = Array.from({ length: 100 }, (_, index) => `/1?session=${index}`)
  const server = await aNewsroom({ '/list': aListPage(paths), '/1?session=0': anArticlePage('One') })
  const run = await crawlSource(aSource(server), anArchive().ports, { ...options, urlKey: withoutQuery })
  expect(run).toMatchObject({ outcome: 'succeeded', found: 1, stored: 1 })
})

test('no more than twenty lines of errors are kept, and the counts stay right', async () => {
  const paths = Array.from({ length: 30 }, (_, index) => `/gone-${index}`)
  const server = await aNewsroom({ '/list': aListPage(paths) })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ found: 30, skipped: { gone: 30 } })
  expect(run.errors).toHaveLength(20)
})
