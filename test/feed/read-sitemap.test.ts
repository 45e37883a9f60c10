import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { looksLikeSitemap, readSitemap } from '../../src/feed/read/read-sitemap.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const from = { url: 'https://news.example/sitemap.xml' }
const urlset = (inner: string) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${inner}</urlset>`

const news = urlset(`
  <url><loc>https://news.example/a?x=1&amp;y=2</loc><lastmod>2019-11-01</lastmod></url>
  <url>
    <loc>https://news.example/b</loc>
    <n:news xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
      <n:publication><n:name>News</n:name><n:language>en</n:language></n:publication>
      <n:publication_date>2019-11-03T08:00:00+08:00</n:publication_date>
      <n:title><![CDATA[Ports & harbours]]></n:title>
    </n:news>
    <image:image><image:loc>https://news.example/b.jpg</image:loc><image:title>A crane</image:title></image:image>
  </url>
  <url><loc>mailto:press@news.example</loc></url>`)

test('pages, their times and what a news sitemap says of them are read, newest first', () => {
  const { kind, entries } = readSitemap(bytes(news), from)
  expect(kind).toBe('pages')
  expect(entries.map(({ url, title }) => [url, title])).toEqual([
    ['https://news.example/b', 'Ports & harbours'],
    ['https://news.example/a?x=1&y=2', null],
  ])
  expect(entries[0]?.publishedAt).toMatchObject({ at: '2019-11-03T00:00:00.000Z' })
  expect(entries[0]?.changedAt).toBeNull()
  expect(entries[1]).toMatchObject({
    publishedAt: null,
    changedAt: { at: '2019-11-01T00:00:00.000Z', precision: 'day' },
  })
})

test('an index names sitemaps', () => {
  const index =
    '<sitemapindex><sitemap><loc>/one.xml</loc></sitemap><sitemap><loc>/two.xml.gz</loc></sitemap></sitemapindex>'
  const { kind, entries } = readSitemap(bytes(index), from)
  expect(kind).toBe('index')
  expect(entries.map(({ url }) => url)).toEqual(['https://news.example/one.xml', 'https://news.example/two.xml.gz'])
})

test('a sitemap that is itself packed is unpacked', () => {
  const packed = gzipSync(bytes(news))
  expect(looksLikeSitemap(packed, { url: 'https://news.example/sitemap.xml.gz' })).toBe(true)
  expect(readSitemap(packed, from).entries).toHaveLength(2)
})

test('a packed sitemap that grows beyond all bounds is one error, as is one that is cut off', () => {
  const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024))
  const cut = gzipSync(bytes(news)).subarray(0, 60)
  for (const body of [bomb, cut]) {
    expect(() => readSitemap(body, from)).toThrow(expect.objectContaining({ code: 'sitemap.gzip' }))
  }
})

test('what is none says so, and an empty one is none the less one', () => {
  expect(() => readSitemap(bytes('<html><body>Hello</body></html>'), from)).toThrow(
    expect.objectContaining({ code: 'not-a-sitemap' }),
  )
  expect(readSitemap(bytes(urlset('')), from).entries).toEqual([])
})

test('no more than 50,000 pages are read', () => {
  const many = Array.from({ length: 50_100 }, (_, index) => `<url><loc>https://news.example/${index}</loc></url>`)
  expect(readSitemap(bytes(urlset(many.join(''))), from).entries).toHaveLength(50_000)
})

test('pages and feeds are not taken for sitemaps', () => {
  for (const text of ['<!doctype html><html></html>', '<rss><channel/></rss>', '{"urlset": []}']) {
    expect(looksLikeSitemap(bytes(text), from)).toBe(false)
  }
})
