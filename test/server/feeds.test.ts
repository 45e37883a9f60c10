import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { readFeed } from '../../src/feed/read/read-feed.ts'
import type { RunningServer } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { aServer, ask } from './a-server.ts'

let database: Database
let server: RunningServer
const event = {
  title: '大会开幕',
  start: { at: '2019-11-28T01:00:00.000Z', precision: 'minute', zone: 'Asia/Shanghai', from: 'text' },
  end: null,
  place: '金华',
} as const

beforeAll(async () => {
  database = await anArchive()
  await keepStory(database, {
    day: 1,
    title: '跨境電商新規施行',
    bodyText: '新規自十二月起施行。',
    sourceId: 'ministry',
  })
  await keepStory(database, { day: 2, title: '外贸企业招聘会', bodyText: '招聘会在体育馆举行。' })
  const fair = { title: '数字贸易大会通知', bodyText: '大会定于本月召开。'.repeat(60) }
  const id = await keepStory(database, { ...fair, day: 3, sourceId: 'ministry', events: [event] })
  await keepStory(database, { ...fair, title: '转载：大会通知', day: 4, sourceId: 'portal', copyOf: id })
  await keepStory(database, { day: 5, title: '消防演练', bodyText: '演练于十一月举行，<b>外贸</b>码头参加。' })
  await keepStory(database, { day: 6, title: 'Tax reform begins', bodyText: 'The office explains.', language: 'en' })
  server = await aServer(database)
})

afterAll(async () => {
  await server.stop()
  await database.close()
})

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  ask(`${server.url}${path}`, headers, method)

async function titlesOf(path: string): Promise<(string | null)[]> {
  const { status, body, text, headers } = await get(path)
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  const feed = readFeed(body, { url: `${server.url}${path}`, contentType: headers['content-type'] ?? null })
  return feed.items.map(({ title }) => title)
}

const search = (query: string) => `/feeds/search.rss?${new URLSearchParams({ q: query }).toString()}`

describe('a feed of the configuration chooses by', () => {
  test.each([
    ['number', 'all', ['Tax reform begins', '消防演练', '数字贸易大会通知']],
    ['words to have and not to have', 'trade', ['消防演练', '跨境電商新規施行']],
    ['words of the title', 'titles', ['数字贸易大会通知']],
    ['kind of publisher, copies included', 'media', ['数字贸易大会通知']],
    ['a query and a tag', 'query', ['数字贸易大会通知']],
    ['age', 'recent', []],
  ])('%s', async (_, id, titles) => {
    expect(await titlesOf(`/feeds/${id}.rss`)).toEqual(titles)
  })
})

describe('a search chooses by', () => {
  test.each([
    ['words', '/feeds/search.rss?q=%E8%B7%A8%E5%A2%83%E7%94%B5%E5%95%86', ['跨境電商新規施行']],
    ['words with a plus for a space and an exclusion', '/feeds/search.rss?q=外贸+-招聘', ['消防演练']],
    ['tag and language', '/feeds/search.atom?tag=city&lang=zh', ['消防演练', '外贸企业招聘会']],
    ['several values of one parameter', '/feeds/search.rss?source=portal,ministry&limit=1', ['数字贸易大会通知']],
    [
      'empty fields of a form as if they were not there',
      '/feeds/search.rss?q=tax&tag=&lang=&days=',
      ['Tax reform begins'],
    ],
  ])('%s', async (_, path, titles) => {
    expect(await titlesOf(encodeURI(decodeURI(path)))).toEqual(titles)
  })
})

test('one feed is the same in every format, and names its formats on its page', async () => {
  const titles = await titlesOf('/feeds/all.rss')
  expect(await titlesOf('/feeds/all.atom')).toEqual(titles)
  expect(await titlesOf('/feeds/all.json')).toEqual(titles)
  const $ = load((await get('/feeds/all.html')).text)
  expect(
    $('.stories > li > a')
      .toArray()
      .map((link) => $(link).text()),
  ).toEqual(titles)
  const links = $('link[rel=alternate]')
    .toArray()
    .map((link) => [$(link).attr('type'), $(link).attr('href')])
  expect(links).toEqual([
    ['application/rss+xml', '/feeds/all.rss'],
    ['application/atom+xml', '/feeds/all.atom'],
    ['application/feed+json', '/feeds/all.json'],
    ['text/calendar', '/feeds/all.ics'],
  ])
  for (const [type, href] of links) expect((await get(href ?? '')).headers['content-type']).toContain(type)
})

test('the calendar of a feed has the events of stories that other feeds no longer show', async () => {
  const { text } = await get('/feeds/all.ics')
  expect(text.match(/SUMMARY:.*/g)).toEqual(['SUMMARY:大会开幕'])
})

test('the list of feeds has each feed once, with an address that works', async () => {
  const { text, headers } = await get('/feeds.opml')
  expect(headers['content-type']).toContain('opml')
  const $ = load(text, { xml: true })
  const addresses = $('outline')
    .toArray()
    .map((outline) => $(outline).attr('xmlUrl') ?? '')
  expect(addresses).toHaveLength(6)
  for (const address of addresses) expect((await ask(address)).status).toBe(200)
})

test.each([
  '/feeds/nothing.rss',
  '/feeds/all.xml',
  '/feeds/all',
  '/feeds/.rss',
  '/feeds/..%2fall.rss',
  '/feeds/all.rss?before=yesterday',
  '/feeds/all.rss?page=2',
  '/stories/1',
  '/stories/00000000-0000-4000-8000-000000000000',
  '/nothing',
  '/constructor',
  '/feeds/%zz.rss',
])('%s is not there', async (path) => {
  const { status, text } = await get(path)
  expect([400, 404]).toContain(status)
  expect(text).not.toContain('<item>')
})

describe('a bad query is answered by 400 and what is wrong', () => {
  test.each([
    ['q=(跨境', 'not closed'],
    ['q=%E2%80%9C跨境', 'quotation'],
    ['q=-', 'missing'],
    [`q=${'字'.repeat(501)}`, '500 characters'],
    ['tag=minstry', 'ministry'],
    ['source=nobody', 'nobody'],
    ['lang=!!', 'language tag'],
    ['days=0', 'whole number'],
    ['days=1e9', 'whole number'],
    ['limit=201', '200'],
    ['limit=5&limit=6', 'one value'],
    ['order=oldest', 'oldest'],
    ['sources=city', '"source"'],
    [`tag=${'city,'.repeat(30)}`, '20 values'],
  ])('%s', async (query, says) => {
    const json = await get(`/feeds/search.json?${encodeURI(decodeURI(query))}`)
    expect(json.status).toBe(400)
    expect(JSON.parse(json.text)).toMatchObject({ error: expect.stringContaining(says) })
    const page = await get(`/feeds/search.html?${encodeURI(decodeURI(query))}`)
    expect(page.status).toBe(400)
    expect(load(page.text)('#results .problem').text()).toContain(says)
  })
})

test('no query makes the server fail', async () => {
  const parts = [
    '(',
    ')',
    '|',
    '-',
    '"',
    '“',
    '标题:',
    ' ',
    '电商',
    'a',
    "'",
    '\\',
    '%',
    '\u0000',
    ':*',
    '&',
    '𠮷',
    '。',
  ]
  const wrong: string[] = []
  for (let number = 0; number < 150; number++) {
    const query = Array.from(
      { length: 6 },
      (_, index) => parts[(number * (index + 3) + index * 7) % parts.length],
    ).join('')
    const { status } = await get(search(query))
    if (status !== 200 && status !== 400) wrong.push(`${status} ${query}`)
  }
  expect(wrong).toEqual([])
})

test('equal searches have one address, and it is the one that the feed names', async () => {
  const a = await get('/feeds/search.rss?tag=ministry&q=%E5%A4%A7%E4%BC%9A&utm_source=mail')
  const b = await get('/feeds/search.rss?q=%E5%A4%A7%E4%BC%9A&lang=&tag=ministry')
  expect(a.headers.etag).toBe(b.headers.etag)
  expect(a.text).toContain('/feeds/search.rss?q=%E5%A4%A7%E4%BC%9A&amp;tag=ministry"')
})

test('pages lead through the whole archive and back, each story once', async () => {
  const seen: (string | null)[] = []
  const addresses: string[] = []
  for (let url: string | null = `${server.url}/feeds/all.atom`; url;) {
    addresses.push(url)
    const answer = await ask(url)
    const feed = readFeed(answer.body, { url, contentType: answer.headers['content-type'] ?? null })
    seen.push(...feed.items.map(({ title }) => title))
    const $ = load(answer.text, { xml: true })
    expect($('feed > link[rel=first]').attr('href')).toBe(`${server.url}/feeds/all.atom`)
    url = $('feed > link[rel=next]').attr('href') ?? null
  }
  expect(seen).toHaveLength(5)
  expect(new Set(seen).size).toBe(5)
  expect(addresses).toHaveLength(2)
  const last = load((await get('/feeds/all.atom?page=last')).text, { xml: true })
  expect(
    last('entry > title')
      .toArray()
      .map((title) => last(title).text()),
  ).toEqual(seen.slice(-3))
  const previous = last('feed > link[rel=previous]').attr('href') ?? ''
  expect(
    load((await ask(previous)).text, { xml: true })('entry > title')
      .first()
      .text(),
  ).toBe(seen[0])
})

describe('over HTTP', () => {
  test('a client that has the bytes gets 304 in every form of asking', async () => {
    const { headers } = await get('/feeds/all.rss')
    const etag = headers.etag ?? ''
    expect(etag).toMatch(/^"[^"]+"$/)
    const modified = headers['last-modified'] ?? ''
    const day = 86_400_000
    for (const condition of [
      { 'if-none-match': etag },
      { 'if-none-match': `W/${etag}` },
      { 'if-none-match': `"other", ${etag}` },
      { 'if-none-match': '*' },
      { 'if-modified-since': modified },
      { 'if-modified-since': new Date(Date.parse(modified) + day).toUTCString() },
      { 'if-none-match': etag, 'if-modified-since': new Date(0).toUTCString() },
    ]) {
      const answer = await get('/feeds/all.rss', condition)
      expect({ condition, status: answer.status, length: answer.body.length }).toEqual({
        condition,
        status: 304,
        length: 0,
      })
      expect(answer.headers.etag).toBe(etag)
      expect(answer.headers['cache-control']).toBe(headers['cache-control'])
      expect(answer.headers['vary']).toBe('Accept-Encoding')
    }
    for (const condition of [
      { 'if-none-match': '"other"' },
      { 'if-none-match': 'broken' },
      { 'if-modified-since': new Date(Date.parse(modified) - 1000).toUTCString() },
      { 'if-modified-since': 'yesterday' },
      { 'if-none-match': '"other"', 'if-modified-since': modified },
    ]) {
      expect((await get('/feeds/all.rss', condition)).status).toBe(200)
    }
    expect((await get('/feeds/all.rss', { 'if-match': '"other"' })).status).toBe(412)
    expect((await get('/feeds/all.rss', { 'if-match': etag })).status).toBe(200)
  })

  test('bytes come in the encoding that is liked best, each with a tag of its own', async () => {
    const plain = await get('/feeds/all.rss')
    const gzip = await get('/feeds/all.rss', { 'accept-encoding': 'gzip, deflate' })
    const brotli = await get('/feeds/all.rss', { 'accept-encoding': 'gzip;q=0.5, br' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(gunzipSync(gzip.body)).toEqual(plain.body)
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body)
    expect(new Set([plain, gzip, brotli].map(({ headers }) => headers.etag)).size).toBe(3)
    const again = { 'accept-encoding': 'gzip', 'if-none-match': gzip.headers.etag ?? '' }
    expect((await get('/feeds/all.rss', again)).status).toBe(304)
    for (const none of ['identity', 'gzip;q=0', '', 'zstd', '*;q=0']) {
      expect((await get('/feeds/all.rss', { 'accept-encoding': none })).headers['content-encoding']).toBeUndefined()
    }
  })

  test('HEAD says what GET says, without the bytes', async () => {
    for (const path of ['/', '/feeds/all.rss', '/feeds/all.html', '/feeds.opml', search('电商')]) {
      const got = await get(path)
      const head = await get(path, {}, 'HEAD')
      expect(head.status).toBe(200)
      expect(head.body).toHaveLength(0)
      for (const name of ['etag', 'content-length', 'content-type', 'last-modified', 'cache-control', 'vary']) {
        expect(head.headers[name]).toBe(got.headers[name])
      }
      expect(Number(got.headers['content-length'])).toBe(got.body.length)
    }
  })

  test('a part that is asked for comes as the whole', async () => {
    const { status, headers, body } = await get('/feeds/all.rss', { range: 'bytes=0-9' })
    expect(status).toBe(200)
    expect(headers['accept-ranges']).toBe('none')
    expect(headers['content-range']).toBeUndefined()
    expect(body.length).toBeGreaterThan(500)
  })

  test('scripts of other sites may read JSON, and only that', async () => {
    expect((await get('/feeds/all.json')).headers['access-control-allow-origin']).toBe('*')
    expect((await get('/feeds/all.rss')).headers['access-control-allow-origin']).toBeUndefined()
    const options = await get('/feeds/all.json', { origin: 'https://reader.example' }, 'OPTIONS')
    expect(options.status).toBe(204)
    expect(options.headers['access-control-allow-headers']).toContain('If-None-Match')
  })

  test('nothing can be written', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const { status, headers } = await get('/feeds/all.rss', {}, method)
      expect(status).toBe(405)
      expect(headers.allow).toContain('GET')
    }
  })

  test('pages may run our script and nothing else', async () => {
    for (const path of ['/', '/feeds/search.html', '/nothing', '/feeds/search.html?q=(']) {
      const policy = (await get(path)).headers['content-security-policy'] ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
    }
    const page = load((await get('/feeds/search.html')).text)
    const script = page('script')
    expect(script.text()).toBe('')
    expect((await get(script.attr('src') ?? '')).headers['content-type']).toContain('javascript')
  })

  test('what a person writes into the form comes back as text', async () => {
    const path = `/feeds/search.html?${new URLSearchParams({ q: '"><script>alert(1)</script>' }).toString()}`
    const { text } = await get(path)
    expect(text).not.toContain('<script>alert')
    const good = await get(`/feeds/search.html?${new URLSearchParams({ q: '<b>电商</b>' }).toString()}`)
    expect(load(good.text)('input[name=q]').attr('value')).toBe('<b>电商</b>')
  })
})
