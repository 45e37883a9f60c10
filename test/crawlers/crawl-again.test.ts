import { expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1, retries: 1 }
const hours = (count: number) => count * 3_600_000

test('known articles are not asked for again', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/1', '/2']) })
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  const asked = server.requests.length
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 2, unchanged: 2, stored: 0, requests: 1 })
  expect(server.pathsAsked().slice(asked)).toEqual(['/list'])
})

test('a listing that has not changed is answered with 304, and nothing else is asked for', async () => {
  const server = await aNewsroom(articlesAt(['/1']))
  server.routes.set('/list', ({ headers }) =>
    headers['if-none-match'] === '"1"' ? { status: 304 } : { headers: { etag: '"1"' }, body: aListPage(['/1']) },
  )
  const archive = anArchive()
  const first = await crawlSource(aSource(server), archive.ports, options)
  expect(first).toMatchObject({ notModifiedListings: 0, stored: 1 })
  const second = await crawlSource(aSource(server), archive.ports, options)
  expect(second).toMatchObject({ outcome: 'succeeded', notModifiedListings: 1, found: 0, requests: 1 })
})

test('a listing whose settings were changed is read again though it has not', async () => {
  const server = await aNewsroom(articlesAt(['/1']))
  server.routes.set('/list', { headers: { etag: '"1"' }, body: aListPage(['/1']) })
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  await crawlSource(aSource(server, { maxAge: '3d' }), archive.ports, options)
  const sent = server.requests.filter(({ path }) => path === '/list').map(({ headers }) => headers['if-none-match'])
  expect(sent).toEqual([undefined, undefined])
})

test('an article whose listing says a new title is read again', async () => {
  const server = await aNewsroom({ '/list': '<a href="/1">Before</a>', '/1': anArticlePage('Before') })
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  server.routes.set('/list', '<a href="/1">Corrected</a>')
  server.routes.set('/1', anArticlePage('Corrected'))
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ found: 1, revised: 1 })
  expect(archive.articles.get(`${server.origin}/1`)?.title).toBe('Corrected')
})

test('an article that is due is read again, by its validators, also when no listing names it any more', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/2', '/3']) })
  server.routes.set('/1', ({ headers }) =>
    headers['if-none-match'] === '"a"' ? { status: 304 } : { headers: { etag: '"a"' }, body: anArticlePage('One') },
  )
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  server.routes.set('/list', aListPage(['/2', '/3']))
  server.routes.set('/2', anArticlePage('Two, corrected'))
  for (const path of ['/1', '/2']) archive.recheck.add(server.origin + path)
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ found: 3, stored: 1, revised: 1, unchanged: 1 })
  expect(accountedFor(run)).toBe(3)
  expect(archive.recheck.size).toBe(0)
})

test('a page that failed is tried again by a later run, after it left the listing, when it is due', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/2']),
    '/1': { status: 500 },
    ...articlesAt(['/2']),
  })
  const archive = anArchive()
  const first = await crawlSource(aSource(server), archive.ports, options)
  expect(first).toMatchObject({ outcome: 'partial', found: 2, stored: 1, failed: 1 })
  expect(first.errors).toEqual([expect.stringMatching(/^Source "newsroom": .*\/1: expected status 200, got 500/)])

  const early = await crawlSource(aSource(server), archive.ports, options)
  expect(early).toMatchObject({ outcome: 'succeeded', found: 2, unchanged: 1, skipped: { 'failed-before': 1 } })

  server.routes.set('/list', aListPage(['/2']))
  server.routes.set('/1', anArticlePage('One at last'))
  archive.clock.now = new Date(archive.clock.now.getTime() + hours(2))
  const later = await crawlSource(aSource(server), archive.ports, options)
  expect(later).toMatchObject({ outcome: 'succeeded', found: 2, stored: 1, unchanged: 1 })
  expect(archive.articles.get(`${server.origin}/1`)?.title).toBe('One at last')
})

test('a page that is gone is not asked for again while the archive says so', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/2']) })
  const archive = anArchive()
  const first = await crawlSource(aSource(server), archive.ports, options)
  expect(first).toMatchObject({ outcome: 'succeeded', stored: 1, failed: 0, skipped: { gone: 1 } })
  const second = await crawlSource(aSource(server), archive.ports, options)
  expect(second).toMatchObject({ found: 2, unchanged: 1, skipped: { gone: 1 } })
  expect(server.pathsAsked().filter((path) => path === '/1')).toHaveLength(1)
})

test('a server that fails once is asked again within the run', async () => {
  let failures = 1
  const server = await aNewsroom({ '/list': aListPage(['/1']) })
  server.routes.set('/1', () => {
    failures -= 1
    return failures < 0 ? anArticlePage('One') : { status: 500 }
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', stored: 1, failed: 0, requests: 4 })
})

test('a connection that is cut each time is tried as often as asked for, not more', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']) })
  server.routes.set('/1', ({ socket }) => {
    socket.resetAndDestroy()
    return undefined
  })
  const run = await crawlSource(aSource(server), anArchive().ports, { ...options, retries: 2 })
  expect(run).toMatchObject({ outcome: 'partial', failed: 1 })
  expect(server.pathsAsked().filter((path) => path === '/1')).toHaveLength(3)
})

test('more articles than a run takes are taken by the next runs, newest first, past a listing that has not changed', async () => {
  const paths = ['/1', '/2', '/3', '/4', '/5']
  const server = await aNewsroom(articlesAt(paths))
  server.routes.set('/list', ({ headers }) =>
    headers['if-none-match'] === '"1"' ? { status: 304 } : { headers: { etag: '"1"' }, body: aListPage(paths) },
  )
  const archive = anArchive()
  const source = aSource(server, { maxArticlesPerRun: 2 })
  const runs = []
  for (let count = 0; count < 4; count += 1) runs.push(await crawlSource(source, archive.ports, options))
  expect(runs).toMatchObject([
    { found: 5, stored: 2, skipped: { 'run-limit': 3 } },
    { found: 5, stored: 2, unchanged: 2, skipped: { 'run-limit': 1 } },
    { found: 5, stored: 1, unchanged: 4, skipped: {} },
    { found: 0, notModifiedListings: 1 },
  ])
  expect(archive.saved).toEqual(paths.map((path) => server.origin + path))
})

test('pages that are due and news share a run', async () => {
  const news = Array.from({ length: 20 }, (_, index) => `/new-${index}`)
  const server = await aNewsroom({ '/list': aListPage(news), ...articlesAt([...news, '/late']) })
  const archive = anArchive()
  const { now } = archive.clock
  await archive.ports.pageFailed(
    'newsroom',
    `${server.origin}/late`,
    { code: 'x', message: '', retry: 'later' },
    new Date(0),
  )
  const run = await crawlSource(aSource(server, { maxArticlesPerRun: 4 }), archive.ports, options)
  expect(now).toEqual(archive.clock.now)
  expect(run).toMatchObject({ found: 21, stored: 4, skipped: { 'run-limit': 17 } })
  expect(archive.articles.has(`${server.origin}/late`)).toBe(true)
})

/** A page of a list without dates. */
function page(number: number, paths: readonly string[]): string {
  const links = paths.map((path) => `<a href="${path}">Title of ${path}</a>`)
  return `${links.join('')}<a rel=next href="/list?page=${number + 1}">next</a>`
}

test('a listing that has been read to its end is read only as far as its news goes', async () => {
  const server = await aNewsroom({
    '/list': page(1, ['/6', '/5']),
    '/list?page=2': page(2, ['/4', '/3']),
    '/list?page=3': page(3, ['/2', '/1']),
    ...articlesAt(['/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9', '/10']),
  })
  const source = aSource(server, { listings: [{ url: `${server.origin}/list`, maxPages: 3 }] })
  const archive = anArchive()
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ stored: 6 })
  server.routes.set('/list', page(1, ['/10', '/9', '/8']))
  server.routes.set('/list?page=2', page(2, ['/7', '/6', '/5']))
  const asked = server.requests.length
  const run = await crawlSource(source, archive.ports, options)
  expect(run).toMatchObject({ stored: 4, unchanged: 2 })
  expect(server.pathsAsked().slice(asked)).toEqual(['/list', '/list?page=2', '/10', '/9', '/8', '/7'])
})

test('news on a page of a listing that could not be read is found by the next run', async () => {
  const server = await aNewsroom({
    '/list': page(1, ['/2']),
    '/list?page=2': page(2, ['/1']),
    ...articlesAt(['/1', '/2', '/3', '/4', '/5', '/6']),
  })
  const source = aSource(server, { listings: [{ url: `${server.origin}/list`, maxPages: 2 }] })
  const archive = anArchive()
  await crawlSource(source, archive.ports, options)
  server.routes.set('/list', page(1, ['/6', '/5']))
  server.routes.set('/list?page=2', { status: 500 })
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ outcome: 'partial', found: 2, stored: 2 })
  server.routes.set('/list?page=2', page(2, ['/4', '/3']))
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ outcome: 'succeeded', found: 4, stored: 2 })
})

test.each([
  ['long ago', 'Tue, 05 Nov 2019 01:00:00 GMT', 'Tue, 05 Nov 2019 01:00:00 GMT'],
  ['a moment ago, as its next change may be', 'Tue, 05 Nov 2019 01:59:59 GMT', undefined],
])('a listing that was changed %s is asked for by its date: %s', async (_when, lastModified, sent) => {
  const server = await aNewsroom(articlesAt(['/1']))
  server.routes.set('/list', { headers: { 'last-modified': lastModified }, body: aListPage(['/1']) })
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  await crawlSource(aSource(server), archive.ports, options)
  expect(server.requests.findLast(({ path }) => path === '/list')?.headers['if-modified-since']).toBe(sent)
})

/** A feed of one item, in the shape that the tests' reader knows. */
const feedOf = (text: string) =>
  JSON.stringify([{ id: '1', url: 'https://news.example/1', title: 'One', contentHtml: `<p>${text}</p>` }])

test('what a feed says is read again when its text is corrected under the same title and date, and only then', async () => {
  const server = await aNewsroom({ '/list': feedOf('186 tonnes.') })
  const source = aSource(server, { kind: 'feed', fullText: false })
  const archive = anArchive()
  await crawlSource(source, archive.ports, options)
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ unchanged: 1, revised: 0 })
  expect(archive.saved).toHaveLength(1)
  server.routes.set('/list', feedOf('168 tonnes.'))
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ unchanged: 0, revised: 1 })
  expect(archive.articles.get('https://news.example/1')?.bodyText).toBe('168 tonnes.')
})

test('without fullText too a page that was read is looked at again when its list names it no more', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2']), ...articlesAt(['/1', '/2']) })
  const source = aSource(server, { fullText: false })
  const archive = anArchive()
  await crawlSource(source, archive.ports, options)
  server.routes.set('/list', aListPage(['/2']))
  server.routes.set('/1', anArticlePage('Corrected'))
  archive.recheck.add(`${server.origin}/1`)
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ found: 2, unchanged: 1, revised: 1 })
})

test('the page of an article that was read from its feed is not asked for when the feed names it no more', async () => {
  const items = [1, 2].map((n) => ({ id: `${n}`, url: `/${n}`, title: `Title ${n}`, contentHtml: `<p>Text ${n}.</p>` }))
  const server = await aNewsroom()
  const show = (some: typeof items) =>
    server.routes.set('/list', JSON.stringify(some.map((item) => ({ ...item, url: server.origin + item.url }))))
  show(items)
  const source = aSource(server, { kind: 'feed', fullText: false })
  const archive = anArchive()
  await crawlSource(source, archive.ports, options)
  show(items.slice(1))
  archive.recheck.add(`${server.origin}/1`)
  expect(await crawlSource(source, archive.ports, options)).toMatchObject({ found: 2, unchanged: 2 })
  expect(server.pathsAsked()).not.toContain('/1')
})
