import { createServer } from 'node:net'
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { aSave, keep, stated } from '../an-article.ts'
import { silent } from '../silent.ts'

const hostile = '<script>alert(1)</script>"\'&'
let database: Database
let server: RunningServer
const extra: RunningServer[] = []

const feeds = [
  { id: 'all', title: '全部公告' },
  { id: 'none', title: '没有', languages: ['fr'] },
  { id: 'brief', title: hostile, content: 'summary' },
  { id: 'media', title: '媒体', tags: ['media'] },
].map((feed) => feedDefinitionSchema.parse(feed))
const sources = [
  { id: 'city', name: '市政府', tags: ['city'], listings: ['https://city.example/'] },
  { id: 'portal', name: hostile, tags: ['media'], listings: ['https://portal.example/'] },
].map((source) => sourceSchema.parse(source))

const start = (over: Partial<ServerOptions> = {}) =>
  startServer({ database, feeds, sources, host: '127.0.0.1', port: 0, publicUrl: null, log: silent, ...over })

beforeAll(async () => {
  database = await anArchive()
  const saves = [
    aSave({ bodyHtml: '<p>消防救援支队下周起检查全市商场。</p>' }),
    aSave({ url: 'http://portal.example/9', title: '转载' }, { sourceId: 'portal', isOwnRelease: false }),
    aSave({ url: 'http://portal.example/1', title: hostile, bodyText: '二', byline: hostile }, { sourceId: 'portal' }),
    aSave({
      url: 'http://city.example/2',
      title: '带时差',
      bodyText: '三',
      publishedAt: stated('2019-11-01T01:00:00.000Z', '+08:00'),
    }),
  ]
  for (const save of saves) await database.transaction((client) => keep(client, save))
  server = await start()
})
afterEach(async () => {
  for (const each of extra.splice(0)) await each.stop()
})
afterAll(async () => {
  await server.stop()
  await database.close()
})

async function readFeed(url: string) {
  const response = await fetch(`${url}/feeds/all.rss`)
  return { etag: response.headers.get('etag'), body: await response.text() }
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers })

test('a feed is served as RSS with validators and a short life', async () => {
  const response = await get('/feeds/all.rss')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8')
  expect(response.headers.get('etag')).toMatch(/^"[\w-]{20,}"$/)
  expect(response.headers.get('last-modified')).toBe('Tue, 05 Nov 2019 02:00:00 GMT')
  expect(response.headers.get('cache-control')).toMatch(/max-age=\d+/)
  const text = await response.text()
  expect(text.match(/<item>/g)).toHaveLength(3)
  expect(text).toContain(`${server.url}/feeds/all.rss`)
})

test('a feed takes the stories that its definition asks for', async () => {
  expect((await (await get('/feeds/media.rss')).text()).match(/<item>/g)).toHaveLength(2)
  const none = await get('/feeds/none.rss')
  expect([none.status, none.headers.get('last-modified')]).toEqual([200, null])
  expect(await none.text()).not.toContain('<item>')
  expect(await (await get('/feeds/brief.rss')).text()).not.toContain('消防救援支队')
})

test('the entity tag holds over renderings and over a restart of the server at the same address', async () => {
  const first = await start({ publicUrl: 'https://news.example/' })
  const before = await readFeed(first.url)
  expect(await readFeed(first.url)).toEqual(before)
  await first.stop()
  const second = await start({ publicUrl: 'https://news.example' })
  extra.push(second)
  expect(await readFeed(second.url)).toEqual(before)
  expect(before.body).toContain('https://news.example/feeds/all.rss')
})

test('who has the bytes is answered 304 without a body, in every form in which it can say so', async () => {
  const full = await get('/feeds/all.rss')
  const etag = full.headers.get('etag') ?? ''
  const modified = full.headers.get('last-modified') ?? ''
  const forms: Record<string, string>[] = [
    { 'if-none-match': etag },
    { 'if-none-match': `W/${etag}` },
    { 'if-none-match': `"other", W/"x,y" ,${etag}` },
    { 'if-none-match': '*' },
    { 'if-none-match': etag, 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
    { 'if-modified-since': modified },
    { 'if-modified-since': 'Wed, 06 Nov 2019 00:00:00 GMT' },
  ]
  for (const headers of forms) {
    const response = await get('/feeds/all.rss', headers)
    expect([headers, response.status]).toEqual([headers, 304])
    expect(await response.text()).toBe('')
    expect(response.headers.get('etag')).toBe(etag)
    expect(response.headers.get('cache-control')).toBe(full.headers.get('cache-control'))
  }
})

test('who has other bytes gets these', async () => {
  const { headers } = await get('/feeds/all.rss')
  const modified = headers.get('last-modified') ?? ''
  const forms: Record<string, string>[] = [
    { 'if-none-match': '"other"' },
    // The tag decides alone (RFC 9110 §13.1.3).
    { 'if-none-match': '"other"', 'if-modified-since': modified },
    { 'if-none-match': headers.get('etag')?.replaceAll('"', '') ?? '' },
    { 'if-modified-since': 'Mon, 04 Nov 2019 00:00:00 GMT' },
    { 'if-modified-since': 'yesterday' },
  ]
  for (const each of forms) expect([each, (await get('/feeds/all.rss', each)).status]).toEqual([each, 200])
})

test('a new story is in the feed at once, under another tag', async () => {
  const own = await anArchive()
  const fresh = await start({ database: own })
  try {
    const read = async () => {
      const response = await fetch(`${fresh.url}/feeds/all.rss`)
      return { etag: response.headers.get('etag'), items: (await response.text()).split('<item>').length - 1 }
    }
    const empty = await read()
    expect(empty.items).toBe(0)
    await own.transaction((client) => keep(client, aSave()))
    await expect.poll(read).toMatchObject({ items: 1 })
    expect((await read()).etag).not.toBe(empty.etag)
  } finally {
    await fresh.stop()
    await own.close()
  }
})

test('HEAD answers as GET does, without the body', async () => {
  for (const path of ['/feeds/all.rss', '/', '/newsfold.css']) {
    // As it is: the length of compressed bytes is not that of what a client decodes.
    const identity = { 'accept-encoding': 'identity' }
    const full = await get(path, identity)
    const { length } = Buffer.from(await full.arrayBuffer())
    const head = await fetch(`${server.url}${path}`, { method: 'HEAD', headers: identity })
    expect([path, head.status, Number(head.headers.get('content-length'))]).toEqual([path, 200, length])
    expect(head.headers.get('etag')).toBe(full.headers.get('etag'))
    expect(await head.text()).toBe('')
  }
})

test.each([
  '/feeds/nothing.rss',
  '/feeds/all.txt',
  '/feeds/all',
  '/feeds/..%2fall.rss',
  '/stories/1',
  '/stories/00000000-0000-4000-8000-000000000000',
  '/nowhere',
])('%s is not there, and says so as a page', async (path) => {
  const response = await get(path)
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  expect(await response.text()).toContain('404')
})

/** The answer to a path as it is, which fetch would tidy up first. */
async function getRaw(path: string): Promise<string> {
  const { hostname, port } = new URL(server.url)
  const asked = request({ hostname, port, path }).end()
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

test('an address that is not there is shown without its markup', async () => {
  expect(await getRaw('/feeds/<script>alert(1)</script>.rss')).not.toContain('<script>')
})

test('the front page lists stories and feeds, titles of others escaped', async () => {
  const response = await get('/')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const text = await response.text()
  expect(text).not.toContain('<script>')
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
  expect(text).toContain('全市消防安全检查下周开始')
  for (const { id } of feeds) expect(text).toContain(`/feeds/${id}.rss`)
  expect(text).toContain('4 articles in 3 stories')
})

test('a story page shows the text, who ran it and the time as the publisher stated it', async () => {
  const front = await (await get('/')).text()
  const pages = await Promise.all(
    [...front.matchAll(/href="(\/stories\/[^"]+)"/g)].map(async ([, path]) => (await get(path ?? '')).text()),
  )
  expect(pages).toHaveLength(3)
  expect(pages.filter((page) => page.includes('<script>'))).toEqual([])
  const inspection = pages.find((page) => page.includes('<h1>全市消防安全检查下周开始</h1>'))
  expect(inspection).toContain('<p>消防救援支队下周起检查全市商场。</p>')
  expect(inspection).toContain('2019-11-05 09:30')
  expect(inspection).toContain('http://portal.example/9')
  const offset = pages.find((page) => page.includes('<h1>带时差</h1>'))
  expect(offset).toContain('2019-11-01 09:00')
})

test('pages may run nothing, be framed by nobody, and give no referrer', async () => {
  for (const path of ['/', '/feeds/all.rss', '/nowhere', '/healthz']) {
    const { headers } = await get(path)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})

test('when its port is taken it takes another one and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const other = await start({ port })
  extra.push(other)
  expect(other.isOtherPort).toBe(true)
  expect(Number(new URL(other.url).port)).not.toBe(port)
  expect((await fetch(`${other.url}/healthz`)).status).toBe(200)
  expect(server.isOtherPort).toBe(false)
  taken.close()
})

test('an address that is not of this machine is an error that names the setting', async () => {
  await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'server.cannot-listen',
    message: expect.stringContaining('NEWSFOLD_HOST'),
  })
})

test('pages have an icon, which is a picture of ours', async () => {
  expect(await (await get('/')).text()).toContain('<link rel="icon" type="image/svg+xml" href="/favicon.svg" />')
  const icon = await get('/favicon.svg')
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
})
