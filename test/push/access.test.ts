import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { insertFeedToken, listFeedTokens, revokeFeedToken } from '../../src/archive/feed-tokens.ts'
import { newToken, privatePath } from '../../src/push/feed-token.ts'
import { operatorToken } from '../../src/runtime/operator-token.ts'
import { createHostGuard } from '../../src/server/host-guard.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { ask } from '../server/a-server.ts'
import { askHub, aNewsfold, type TestNewsfold } from './a-newsfold.ts'
import { aSubscriber, type Subscriber } from './a-subscriber.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 20_000, interval: 20 }

const operator = 'operator-token-of-a-test-0123456789'
let database: Database
let newsfold: TestNewsfold
let subscriber: Subscriber

beforeAll(async () => {
  database = await anArchive()
  subscriber = await aSubscriber()
  newsfold = await aNewsfold(database, {
    feeds: [
      { id: 'all', title: '全部' },
      { id: 'board', title: '董事会', query: '供水', private: true, items: 1 },
      { id: 'press', title: '新闻处', private: true },
    ],
    allowPrivateHosts: [subscriber.host],
    operatorToken: operator,
    hostNames: ['news.example'],
  })
  const bodyText = '市水务局今日通告，下周三起更换供水管道，请居民储水。'
  for (const day of [1, 2, 3])
    await keepStory(database, { title: `供水通告 ${day}`, bodyText: `${day}：${bodyText}`, day })
})
afterAll(async () => {
  await newsfold.stop()
  await subscriber.close()
  await database.close()
})

async function aToken(feedId: string): Promise<{ id: string; token: string; base: string }> {
  const { token, hash, id } = newToken()
  await insertFeedToken(database, { id, feedId, name: '张三', hash, createdAt: new Date() })
  return { id, token, base: `${newsfold.server.url}${privatePath(token, '')}` }
}

test('a private feed is nowhere to be seen without a token', async () => {
  const { url } = newsfold.server
  for (const path of [
    '/feeds/board.rss',
    '/feeds/board.html',
    '/feeds/press.json',
    `/private/${'x'.repeat(43)}/feeds/board.rss`,
  ]) {
    expect([path, (await ask(url + path)).status]).toEqual([path, 404])
  }
  for (const path of ['/', '/feeds.opml', '/feeds/all.html', '/feeds/search.html?q=x']) {
    const { status, text } = await ask(url + path)
    expect([path, status]).toEqual([path, 200])
    expect(text).not.toContain('board')
    expect(text).not.toContain('董事会')
  }
})

test('a token opens its feed in every format, whose links stay inside, and no cache may keep it', async () => {
  const { base } = await aToken('board')
  for (const format of ['rss', 'atom', 'json', 'ics', 'html']) {
    const { status, headers } = await ask(`${base}/feeds/board.${format}`)
    expect([format, status]).toEqual([format, 200])
    expect(headers['cache-control']).toMatch(/^private, /)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
  const { text, headers } = await ask(`${base}/feeds/board.json`)
  expect(JSON.parse(text)).toMatchObject({ feed_url: `${base}/feeds/board.json`, items: [{}] })
  expect(headers['link']).toBe(`<${newsfold.server.url}/hub>; rel="hub", <${base}/feeds/board.json>; rel="self"`)
  const next = String(JSON.parse(text).next_url)
  expect(next.startsWith(`${base}/feeds/board.json?before=`)).toBe(true)
  expect((await ask(next)).status).toBe(200)
  const again = await ask(`${base}/feeds/board.json`, { 'if-none-match': headers.etag ?? '' })
  expect(again.status).toBe(304)
})

test('a token opens no other feed, and no search', async () => {
  const { base } = await aToken('board')
  for (const path of [
    '/feeds/press.rss',
    '/feeds/all.rss',
    '/feeds/search.rss?q=x',
    '/',
    '/feeds.opml',
    '/../feeds/press.rss',
  ]) {
    expect([path, (await ask(`${base}${path}`)).status]).toEqual([path, 404])
  }
})

test('a revoked token opens nothing from then on, and those of others go on', async () => {
  const [one, other] = [await aToken('board'), await aToken('board')]
  for (const { base } of [one, other]) expect((await ask(`${base}/feeds/board.rss`)).status).toBe(200)
  expect(await revokeFeedToken(database, one.id, new Date())).toBe(true)
  expect(await revokeFeedToken(database, one.id, new Date())).toBe(false)
  expect((await ask(`${one.base}/feeds/board.rss`)).status).toBe(404)
  expect((await ask(`${other.base}/feeds/board.rss`)).status).toBe(200)
})

test('the archive does not know the tokens that it keeps', async () => {
  const { id, token } = await aToken('press')
  expect(await listFeedTokens(database)).toContainEqual(
    expect.objectContaining({ id, feedId: 'press', name: '张三', revokedAt: null }),
  )
  const { rows } = await database.query<{ text: string }>('select t::text as text from feed_token t')
  for (const { text } of rows) expect(text).not.toContain(token)
})

test('a private feed is pushed to who has a token, until it is revoked', async () => {
  const { base, id } = await aToken('board')
  const request = { 'hub.mode': 'subscribe', 'hub.topic': `${base}/feeds/board.rss`, 'hub.callback': subscriber.url }
  expect((await askHub(newsfold, request)).status).toBe(202)
  const count = async () => (await database.query('select from subscription')).rows.length
  await expect.poll(count, soon).toBe(1)
  await keepStory(database, { title: '供水通告 4', bodyText: '供水恢复正常，感谢市民配合。', day: 4 })
  await expect.poll(() => subscriber.posts().length, soon).toBe(1)
  await revokeFeedToken(database, id, new Date())
  await keepStory(database, { title: '供水通告 5', bodyText: '供水管网年度检修计划公布。', day: 5 })
  await expect.poll(count, soon).toBe(0)
  await expect.poll(() => subscriber.received.at(-1)?.query.get('hub.mode'), soon).toBe('denied')
  expect(subscriber.posts()).toHaveLength(1)
})

test('operator routes want the token, in the header that no browser sends by itself', async () => {
  const letters = `${newsfold.server.url}/operator/dead-letters`
  const bearer = { authorization: `Bearer ${operator}` }
  for (const [url, method] of [
    [letters, 'GET'],
    [`${letters}/retry`, 'POST'],
  ] as const) {
    expect((await ask(url, {}, method)).status).toBe(401)
    expect((await ask(`${url}?token=${operator}`, {}, method)).status).toBe(401)
    expect((await ask(url, { authorization: `Bearer ${operator}x` }, method)).status).toBe(401)
    expect((await ask(url, { ...bearer, origin: 'https://other.example' }, method)).status).toBe(403)
    expect((await ask(url, { ...bearer, origin: 'null' }, method)).status).toBe(403)
    expect((await ask(url, { ...bearer, origin: newsfold.server.url }, method)).status).toBe(200)
    expect((await ask(url, bearer, method)).status).toBe(200)
  }
})

test('without an operator token nobody is an operator', async () => {
  const other = await aNewsfold(database, { allowPrivateHosts: [], isIdle: true })
  for (const authorization of ['Bearer ', 'Bearer null', 'Bearer undefined']) {
    expect((await ask(`${other.server.url}/operator/dead-letters`, { authorization })).status).toBe(401)
  }
  await other.stop()
})

test('a name that the server does not go by is refused, also for what is ready', async () => {
  const feed = newsfold.topic('all.rss')
  const port = new URL(feed).port
  expect((await ask(feed)).status).toBe(200)
  for (const host of [
    'rebound.example',
    `rebound.example:${port}`,
    'news.example.evil.example',
    'localhost.evil.example',
  ]) {
    expect([host, (await ask(feed, { host })).status]).toEqual([host, 421])
  }
  for (const host of [
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    '192.168.1.7',
    '[::1]:8080',
    'news.example',
    'NEWS.example:443',
  ]) {
    expect([host, (await ask(feed, { host })).status]).toEqual([host, 200])
  }
})

test('a host guard is not fooled by how a name is written', () => {
  const isOurs = createHostGuard(['news.example'])
  for (const host of ['news.example', 'news.example.', 'News.Example:80', '127.1', '0x7f000001', 'app.localhost']) {
    expect([host, isOurs(host)]).toEqual([host, true])
  }
  for (const host of [
    '',
    'news.example@evil.example',
    'evil.example#news.example',
    'a b',
    'news.example/x',
    'xnews.example',
  ]) {
    expect([host, isOurs(host)]).toEqual([host, false])
  }
})

test('the operator token is made once, for its owner alone, and a broken file is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-token-'))
  const first = operatorToken(join(folder, 'data'))
  expect(first.isNew).toBe(true)
  expect(first.token).toMatch(/^[\w-]{43}$/)
  expect(statSync(first.file).mode & 0o777).toBe(0o600)
  expect(readFileSync(first.file, 'utf8')).toBe(`${first.token}\n`)
  expect(operatorToken(join(folder, 'data'))).toEqual({ ...first, isNew: false })
  chmodSync(first.file, 0o600)
  writeFileSync(first.file, 'short\n')
  expect(() => operatorToken(join(folder, 'data'))).toThrow(/expected a token of 20 to 200/)
  rmSync(folder, { recursive: true })
})
