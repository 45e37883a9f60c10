import { load } from 'cheerio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'

let newsroom: Newsroom
let origin: string
let listingUrl: string

beforeAll(async () => {
  newsroom = await startNewsroom({ correctAfterMs: null })
  const site = newsroom.sites.find(({ id }) => id === 'ministry')
  origin = new URL(site?.url ?? '').origin
  listingUrl = site?.listingUrl ?? ''
})

afterAll(() => newsroom.stop())

const pageOf = async (url: string) => load(await (await fetch(url)).text())

test('the list goes over at least three pages by 下一页 and back by 上一页', async () => {
  const urls = [listingUrl]
  const titles: string[] = []
  for (const url of urls) {
    const $ = await pageOf(url)
    titles.push(...$('.news-list a').map((_, link) => $(link).text()))
    expect($('.news-list span').first().text()).toMatch(/^2019-\d\d-\d\d$/)
    const next = $('.pager a:contains("下一页")').attr('href')
    const previous = $('.pager a:contains("上一页")').attr('href')
    expect(previous === undefined ? undefined : new URL(previous, url).href).toBe(urls.at(-2))
    if (next !== undefined) urls.push(new URL(next, url).href)
  }
  expect(urls.length).toBeGreaterThanOrEqual(3)
  // All announcements, the dead link and the one that robots.txt forbids.
  expect(titles).toHaveLength(18 + 2)
  expect(new Set(titles).size).toBe(titles.length)
})

test('a list page that did not change is answered with 304 and no body', async () => {
  const first = await fetch(listingUrl)
  const etag = first.headers.get('etag') ?? ''
  const lastModified = first.headers.get('last-modified') ?? ''
  expect(etag).toMatch(/^"[^"]+"$/)
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(listingUrl, { headers })
    return { status: response.status, etag: response.headers.get('etag'), length: (await response.text()).length }
  }
  expect(await ask({ 'if-none-match': etag })).toEqual({ status: 304, etag, length: 0 })
  expect(await ask({ 'if-none-match': `"other", W/${etag}` })).toMatchObject({ status: 304 })
  expect(await ask({ 'if-none-match': '*' })).toMatchObject({ status: 304 })
  expect(await ask({ 'if-modified-since': lastModified })).toEqual({ status: 304, etag, length: 0 })
  expect(await ask({ 'if-none-match': '"other"' })).toMatchObject({ status: 200 })
  // RFC 9110 §13.1.3: the date counts only when there is no If-None-Match.
  expect(await ask({ 'if-none-match': '"other"', 'if-modified-since': lastModified })).toMatchObject({ status: 200 })
  expect(await ask({ 'if-modified-since': 'Tue, 01 Jan 2019 00:00:00 GMT' })).toMatchObject({ status: 200 })
  expect(await ask({ 'if-modified-since': 'yesterday' })).toMatchObject({ status: 200 })
})

test('two list pages have two ETags', async () => {
  const tags = await Promise.all(
    [listingUrl, `${origin}/xwfb/index_1.html`].map(async (url) => (await fetch(url)).headers.get('etag')),
  )
  expect(new Set(tags).size).toBe(2)
})

test('texts stand in styled spans with empty ones and spacers between them', async () => {
  const release = newsroom.expected().find(({ title }) => title.includes('金华'))
  const html = await (await fetch(release?.url ?? '')).text()
  const style = 'font-size:16px;margin-top:15px;line-height:25px;text-indent:30px;display:block'
  const opening = `<div><span style='${style}'> 　　`
  const closing = '</span></div><div>&nbsp;</div>'
  const spans = html.split(opening).slice(1)
  expect(spans.every((span) => span.includes(closing))).toBe(true)
  expect(html).toContain(opening + closing)
  const texts = spans.map((span) => span.slice(0, span.indexOf(closing))).filter((text) => text !== '')
  expect(texts).toEqual(release?.paragraphs)
})

test('robots.txt forbids one page that the list links to, and asks for no delay', async () => {
  const robots = await (await fetch(`${origin}/robots.txt`)).text()
  expect(robots).not.toMatch(/crawl-delay/i)
  const forbidden = /^Disallow: (\S+)$/m.exec(robots)?.[1] ?? 'none'
  const $ = await pageOf(listingUrl)
  const links = [...$('.news-list a')].map((link) => $(link).attr('href') ?? '')
  const hit = links.filter((link) => link.startsWith(forbidden))
  expect(hit).toHaveLength(1)
  expect((await fetch(origin + hit[0])).status).toBe(200)
  expect(newsroom.expected().filter(({ url }) => url.includes(forbidden))).toEqual([])
})

test('pages state UTF-8 in the header, and some state origin and editor', async () => {
  const urls = newsroom.expected().filter(({ siteId }) => siteId === 'ministry')
  const pages = await Promise.all(
    urls.map(async ({ url }) => {
      const response = await fetch(url)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      return response.text()
    }),
  )
  for (const mark of ['来源：', '责任编辑：']) {
    const marked = pages.filter((page) => page.includes(mark)).length
    expect(marked).toBeGreaterThan(3)
    expect(marked).toBeLessThan(pages.length)
  }
})
