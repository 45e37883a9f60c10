import { load } from 'cheerio'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'

let newsroom: Newsroom

beforeEach(async () => {
  newsroom = await startNewsroom({ correctAfterMs: null })
})

afterEach(() => newsroom.stop())

const feedUrl = () => newsroom.sites.find(({ id }) => id === 'portal')?.listingUrl ?? ''

const articles = () => newsroom.expected().filter(({ siteId }) => siteId === 'portal')

const portArticle = () => articles().find(({ title }) => title.startsWith('青澜港'))

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers })
  const header = (name: string) => response.headers.get(name) ?? ''
  return { status: response.status, header, text: await response.text() }
}

test('the feed lists every article with a summary only', async () => {
  const { text, header } = await ask(feedUrl())
  expect(header('content-type')).toBe('application/rss+xml; charset=utf-8')
  const $ = load(text, { xml: true })
  const links = [...$('item > link')].map((link) => $(link).text().trim())
  expect(links.toSorted()).toEqual(
    articles()
      .map(({ url }) => url)
      .toSorted(),
  )
  const dates = [...$('item > pubDate')].map((date) => $(date).text())
  expect(dates.map((date) => new Date(date).toISOString())).toEqual(
    articles().map(({ publishedAt }) => new Date(publishedAt).toISOString()),
  )
  expect(dates.filter((date) => !/:\d\d:\d\d /.test(date)).length).toBeGreaterThan(2)
  const long = articles().findIndex(({ paragraphs }) => (paragraphs[0] ?? '').length > 100)
  expect($('item > description').eq(long).text()).toMatch(/…<\/p>$/)
})

test('feed and articles are answered with 304 as long as they do not change', async () => {
  for (const url of [feedUrl(), portArticle()?.url ?? '']) {
    const first = await ask(url)
    expect(first.header('cache-control')).toMatch(/^public, max-age=\d+$/)
    const etag = first.header('etag')
    const known = await ask(url, { 'if-none-match': etag })
    expect([known.status, known.text, known.header('etag')]).toEqual([304, '', etag])
    expect((await ask(url, { 'if-modified-since': first.header('last-modified') })).status).toBe(304)
    expect((await ask(url, { 'if-none-match': '"other"' })).status).toBe(200)
  }
})

test('articles say in JSON-LD and Open Graph what they are', async () => {
  for (const { url, title, publishedAt } of articles()) {
    const $ = load((await ask(url)).text)
    const said: unknown = JSON.parse($('script[type="application/ld+json"]').text())
    expect(said).toMatchObject({ '@type': 'NewsArticle', headline: title, datePublished: publishedAt })
    expect($('meta[property="og:title"]').attr('content')).toBe(title)
    expect($('link[rel="canonical"]').attr('href')).toBe(url)
  }
})

function withoutAdverts(text: string): string {
  const $ = load(text)
  $('.ad').remove()
  return $.html()
}

test('an article shows another advert each time, under an ETag that says so', async () => {
  const url = portArticle()?.url ?? ''
  const [first, second] = [await ask(url), await ask(url)]
  expect(first.text).not.toBe(second.text)
  expect(withoutAdverts(first.text)).toBe(withoutAdverts(second.text))
  expect(first.header('etag')).toMatch(/^W\//)
  expect(first.header('etag')).toBe(second.header('etag'))
})

const items = (text: string) => text.split('<item>').slice(1)

test('a correction changes one article and the item of the feed, and their validators', async () => {
  const before = newsroom.expected()
  const url = portArticle()?.url ?? ''
  const [feed, article] = [await ask(feedUrl()), await ask(url)]

  newsroom.correct()
  const since = (reply: typeof feed) => ({ 'if-modified-since': reply.header('last-modified') })
  const tagged = (reply: typeof feed) => ({ 'if-none-match': reply.header('etag') })
  for (const [address, reply] of [[feedUrl(), feed] as const, [url, article] as const]) {
    expect((await ask(address, since(reply))).status).toBe(200)
    expect((await ask(address, tagged(reply))).status).toBe(200)
  }

  const corrected = await ask(url)
  expect(corrected.text).toContain('168.4万标准箱，比去年同期增长6.9%')
  expect(corrected.text).not.toContain('186.4万标准箱，比去年同期')
  expect(corrected.text).toContain('更正说明：')
  expect(load(corrected.text)('meta[property="article:modified_time"]').attr('content')).toBe(
    '2019-11-13T18:20:00+08:00',
  )

  const changed = newsroom.expected().filter((after, index) => {
    const was = before[index]
    return JSON.stringify(after) !== JSON.stringify(was)
  })
  expect(changed.map((each) => [each.url, each.modifiedAt])).toEqual([[url, '2019-11-13T18:20:00+08:00']])
  expect(changed[0]?.publishedAt).toBe(portArticle()?.publishedAt)

  const now = items((await ask(feedUrl())).text)
  const moved = items(feed.text).flatMap((item, index) => (item === now[index] ? [] : [now[index] ?? '']))
  expect(moved).toHaveLength(1)
  expect(moved[0]).toContain('13 Nov 2019 18:20')
  expect(moved[0]).toContain('168.4万标准箱')
})

test('a second correction changes nothing more', async () => {
  newsroom.correct()
  const first = await ask(feedUrl())
  newsroom.correct()
  expect((await ask(feedUrl())).text).toBe(first.text)
})

test('the correction comes by itself after the time that was asked for', async () => {
  const timed = await startNewsroom({ correctAfterMs: 30 })
  try {
    expect(timed.expected().filter(({ modifiedAt }) => modifiedAt !== null)).toHaveLength(0)
    await expect.poll(() => timed.expected().filter(({ modifiedAt }) => modifiedAt !== null).length).toBe(1)
  } finally {
    await timed.stop()
  }
})

test('with no time to wait the article is the corrected one from the start', async () => {
  const corrected = await startNewsroom({ correctAfterMs: 0 })
  try {
    expect(corrected.expected().filter(({ modifiedAt }) => modifiedAt !== null)).toHaveLength(1)
  } finally {
    await corrected.stop()
  }
})
