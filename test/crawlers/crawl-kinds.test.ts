import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { aNewsroom, anArchive } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const reader = createReaderPool()
afterAll(() => reader.close())

const paragraph = (title: string) =>
  `On Monday the ministry said of ${title} that ports, railways and warehouses would be open to all carriers from the ` +
  'first of December, at fees that are published each month, and that complaints would be answered within ten days.'

const anArticle = (title: string) =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1>` +
  `<p>Published: 2019-11-01 10:00</p><div class="content"><p>${paragraph(title)}</p><p>${paragraph(title)} More follows.</p></div></body></html>`

const aList = (paths: readonly string[]) =>
  `<!doctype html><html lang="en"><body><ul>${paths
    .map(
      (path, index) =>
        `<li><a href="${path}">The announcement ${path} in full words</a> <span>2019-11-0${index + 1}</span></li>`,
    )
    .join('')}</ul></body></html>`

const options = { runId: '1', userAgent, backoffMs: 1 }
const xml = (body: string | Uint8Array) => ({ headers: { 'content-type': 'application/xml' }, body })
const urls = (origin: string, paths: readonly string[]) =>
  `<urlset>${paths.map((path) => `<url><loc>${origin}${path}</loc><lastmod>2019-11-01</lastmod></url>`).join('')}</urlset>`
const index = (origin: string, paths: readonly string[]) =>
  `<sitemapindex>${paths.map((path) => `<sitemap><loc>${origin}${path}</loc></sitemap>`).join('')}</sitemapindex>`

const json = (ids: readonly number[]) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ data: { rows: ids.map((id) => ({ id, title: `Number ${id}`, date: '2019-11-01' })) } }),
})
const refresh = (to: string) => `<html><head><meta http-equiv="Refresh" content="0; URL='${to}'"></head></html>`

test('a sitemap index is read with its sitemaps, packed ones too, and pages that are no articles are left out', async () => {
  const server = await aNewsroom({ '/1.html': anArticle('One'), '/2.html': anArticle('Two') })
  server.routes.set('/contact', '<html><body><h1>Contact</h1><a href="/">Home</a></body></html>')
  server.routes.set('/sitemap.xml', xml(index(server.origin, ['/pages.xml', '/news.xml.gz'])))
  server.routes.set('/pages.xml', xml(urls(server.origin, ['/contact', '/1.html'])))
  server.routes.set('/news.xml.gz', {
    headers: { 'content-type': 'application/x-gzip' },
    body: gzipSync(urls(server.origin, ['/2.html'])),
  })
  const archive = anArchive({ reader })
  const source = aSource(server, { kind: 'auto', listings: [`${server.origin}/sitemap.xml`] })
  const run = await crawlSource(source, archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 3, stored: 2, skipped: { 'no-text': 1 }, errors: [] })
  expect(new Set([...archive.articles.values()].map(({ title }) => title))).toEqual(new Set(['One', 'Two']))
  // The one that says so in its name first.
  expect(server.pathsAsked().slice(1, 4)).toEqual(['/sitemap.xml', '/news.xml.gz', '/pages.xml'])
})

test('sitemaps that include themselves and one another are each read once', async () => {
  const server = await aNewsroom({ '/1.html': anArticle('One') })
  server.routes.set('/sitemap.xml', xml(index(server.origin, ['/sitemap.xml', '/other.xml', '/pages.xml'])))
  server.routes.set('/other.xml', xml(index(server.origin, ['/sitemap.xml', '/other.xml', '/pages.xml'])))
  server.routes.set('/pages.xml', xml(urls(server.origin, ['/1.html'])))
  const source = aSource(server, { kind: 'sitemap', listings: [`${server.origin}/sitemap.xml`] })
  const run = await crawlSource(source, anArchive({ reader }).ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', stored: 1 })
  expect(server.pathsAsked().filter((path) => path.endsWith('.xml'))).toEqual([
    '/sitemap.xml',
    '/other.xml',
    '/pages.xml',
  ])
})

test('indexes without end are left', async () => {
  const server = await aNewsroom()
  for (let number = 0; number < 30; number++) {
    server.routes.set(`/map-${number}.xml`, xml(index(server.origin, [`/map-${number + 1}.xml`])))
  }
  const source = aSource(server, { kind: 'sitemap', listings: [`${server.origin}/map-0.xml`] })
  const run = await crawlSource(source, anArchive({ reader }).ports, options)
  expect(run).toMatchObject({ outcome: 'failed', found: 0 })
  expect(server.pathsAsked().length).toBeLessThan(10)
})

test('a JSON list is read page by page as its address counts them', async () => {
  const server = await aNewsroom({ '/a/1': anArticle('One'), '/a/2': anArticle('Two'), '/a/3': anArticle('Three') })
  server.routes.set('/api?offset=0', json([1, 2]))
  server.routes.set('/api?offset=2', json([3]))
  server.routes.set('/api?offset=4', json([]))
  const listing = {
    url: `${server.origin}/api?offset={page}`,
    kind: 'json',
    json: { items: 'data.rows', urlTemplate: `${server.origin}/a/{id}`, firstPage: 0, pageStep: 2 },
  }
  const run = await crawlSource(aSource(server, { listings: [listing] }), anArchive({ reader }).ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 3, stored: 3 })
  expect(server.pathsAsked().filter((path) => path.startsWith('/api'))).toEqual([
    '/api?offset=0',
    '/api?offset=2',
    '/api?offset=4',
  ])
})

test('an automatic listing without items is read by the feed that it names', async () => {
  const rss =
    '<rss version="2.0"><channel><title>News</title><item><title>One</title><link>/1.html</link></item></channel></rss>'
  const server = await aNewsroom({
    '/': '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>Welcome</body></html>',
    '/feed.xml': { headers: { 'content-type': 'text/xml' }, body: rss },
    '/1.html': anArticle('One'),
  })
  const source = aSource(server, { kind: 'auto', listings: [`${server.origin}/`] })
  const run = await crawlSource(source, anArchive({ reader }).ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', stored: 1 })
})

test('a listing that only sends its reader on is followed, and a circle of them is one line', async () => {
  const server = await aNewsroom({
    '/': refresh('/news/'),
    '/news/': aList(['/1.html', '/2.html', '/3.html', '/4.html']),
    '/round': refresh('/about'),
    '/about': refresh('/round'),
  })
  for (const number of [1, 2, 3, 4]) server.routes.set(`/${number}.html`, anArticle(`Number ${number}`))
  const archive = anArchive({ reader })
  const run = await crawlSource(aSource(server, { listings: [`${server.origin}/`] }), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', stored: 4 })
  const circle = await crawlSource(aSource(server, { listings: [`${server.origin}/round`] }), archive.ports, options)
  expect(circle).toMatchObject({ outcome: 'failed', found: 0 })
  expect(circle.errors).toHaveLength(1)
  expect(accountedFor(circle)).toBe(circle.found)
})
