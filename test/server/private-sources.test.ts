import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { insertFeedToken } from '../../src/archive/feed-tokens.ts'
import { findStoriesById } from '../../src/archive/stories.ts'
import { seenThrough } from '../../src/archive/visible-stories.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { newToken } from '../../src/push/feed-token.ts'
import { exportSite } from '../../src/server/export-site.ts'
import { createPublications } from '../../src/server/push-publications.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { silent } from '../silent.ts'
import { ask } from './a-server.ts'

vi.setConfig({ testTimeout: 60_000 })

const sources = [
  { id: 'city', name: '市政府', tags: ['local'] },
  { id: 'wire', name: '内部专线', tags: ['local', 'paid'], private: true },
].map((source) => sourceSchema.parse({ listings: [`https://${source.id}.example/`], ...source }))
const feeds = [
  { id: 'all', title: '全部' },
  { id: 'local', title: '本地', tags: ['local'] },
  { id: 'named', title: '点名', sources: ['wire', 'city'] },
  { id: 'board', title: '董事会', private: true, tags: ['local'] },
  { id: 'other', title: '别处', private: true, query: '没有这个词' },
].map((feed) => feedDefinitionSchema.parse(feed))
const formats = ['rss', 'atom', 'json', 'html']

let database: Database
let server: RunningServer
let tokens: Record<'board' | 'other', string>
let ids: Record<'open' | 'hidden' | 'shared', string>

async function tokenFor(feedId: string): Promise<string> {
  const { id, token, hash } = newToken()
  await insertFeedToken(database, { id, feedId, name: '张三', hash, createdAt: new Date() })
  return token
}

beforeAll(async () => {
  database = await anArchive()
  const open = await keepStory(database, { title: '公园开放', bodyText: '公园明日开放。', sourceId: 'city', day: 1 })
  const hidden = await keepStory(database, {
    title: '机密并购',
    bodyText: '专线独家：并购将至。',
    sourceId: 'wire',
    // In a month without others.
    publishedAt: { at: '2018-07-02T02:00:00Z', precision: 'minute', zone: 'Asia/Shanghai', from: 'text' },
  })
  // The wire had it first, with more than the city says.
  const wire = { title: '专线先报大桥通车', bodyText: '大桥通车，专线详情。', url: 'https://wire.example/3' }
  const shared = await keepStory(database, { ...wire, sourceId: 'wire', day: 3 })
  const city = { title: '大桥通车', bodyText: '大桥通车。', url: 'https://city.example/3' }
  await keepStory(database, { ...city, sourceId: 'city', day: 3, copyOf: shared })
  ids = { open, hidden, shared }
  tokens = { board: await tokenFor('board'), other: await tokenFor('other') }
  server = await startServer({ database, feeds, sources, host: '127.0.0.1', port: 0, publicUrl: null, log: silent })
})
afterAll(async () => {
  await server.stop()
  await database.close()
})

const get = (path: string) => ask(server.url + path)
const secrets = ['机密并购', '专线', 'wire']

test('nothing of a private source is on any page or feed for everybody', async () => {
  const paths = [
    '/',
    '/feeds.opml',
    '/sources',
    '/api/sources',
    ...['all', 'local', 'named', 'search'].flatMap((id) => formats.map((format) => `/feeds/${id}.${format}`)),
    `/feeds/search.html?q=${encodeURIComponent('大桥')}`,
    `/stories/${ids.shared}`,
  ]
  for (const path of paths) {
    const { status, text } = await get(path)
    expect([path, status]).toEqual([path, 200])
    for (const secret of secrets) expect([path, secret, text.includes(secret)]).toEqual([path, secret, false])
  }
  for (const path of [`/stories/${ids.hidden}`, '/sources/wire', '/api/sources/wire']) {
    expect([path, (await get(path)).status]).toEqual([path, 404])
  }
  expect((await get('/feeds/search.rss?source=wire')).status).toBe(400)
  expect((await get(`/feeds/search.rss?q=${encodeURIComponent('并购')}`)).text).not.toContain('<item>')
})

test('a story that a private source told first is told by the public one', async () => {
  for (const path of ['/', '/feeds/all.rss', '/feeds/named.json', `/stories/${ids.shared}`]) {
    expect((await get(path)).text).toContain('大桥通车')
  }
  expect((await get(`/stories/${ids.shared}`)).text).toContain('href="https://city.example/3"')
})

test('a story whose public article goes while it is read is not told by the private one', async () => {
  const [story] = await findStoriesById(database, [ids.shared])
  if (!story) throw new Error('There is no story')
  const read = { ...story, members: story.members.map((member) => ({ ...member, id: randomUUID() })) }
  expect(await seenThrough(database, [read], new Set(['city']))).toEqual([])
  expect(await seenThrough(database, [read], new Set(['wire']))).toMatchObject([{ title: '专线先报大桥通车' }])
})

test('the front page counts what everybody may see', async () => {
  expect((await get('/')).text).toContain('2 articles in 2 stories')
})

test('who has a token for a private feed sees private sources in it, with their stories', async () => {
  const base = `/private/${tokens.board}`
  for (const format of formats) {
    const { status, text, headers } = await get(`${base}/feeds/board.${format}`)
    expect([format, status]).toEqual([format, 200])
    expect(headers['cache-control']).toMatch(/^private, /)
    expect(text).toContain('机密并购')
  }
  expect((await get(`${base}/feeds/board.html`)).text).toContain(`href="${base}/stories/${ids.hidden}"`)
  const story = await get(`${base}/stories/${ids.hidden}`)
  expect([story.status, story.text.includes('专线独家')]).toEqual([200, true])
  expect(story.headers['cache-control']).toMatch(/^private, /)
})

test('a token opens its own feed and stories of it alone', async () => {
  const [board, other] = [`/private/${tokens.board}`, `/private/${tokens.other}`]
  for (const path of [
    `${board}/feeds/search.rss`,
    `${board}/feeds/all.rss`,
    `${board}/feeds/other.rss`,
    `${board}/stories/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`,
    `${board}/stories/${'-'.repeat(36)}`,
    `${other}/stories/${ids.hidden}`,
    `${other}/feeds/board.rss`,
    `/private/${'x'.repeat(43)}/stories/${ids.hidden}`,
  ]) {
    expect([path, (await get(path)).status]).toEqual([path, 404])
  }
})

test('what is pushed shows each feed what its readers may see', async () => {
  const byId = new Map(sources.map((source) => [source.id, source]))
  const publications = createPublications({ database, feeds, sources: () => byId, hubs: [], now: () => new Date() })
  const all = Object.values(ids)
  const pushed = async (feedId: string) => (await publications.storiesOf(feedId, all)).map(({ id }) => id).toSorted()
  expect(await pushed('all')).toEqual([ids.open, ids.shared].toSorted())
  expect(await pushed('board')).toEqual(all.toSorted())
  expect(await publications.readItem('all', ids.hidden)).toBeNull()
  expect(await publications.readItem('all', ids.shared)).toMatchObject({ title: '大桥通车', copies: [] })
  expect(await publications.readItem('board', ids.hidden)).toMatchObject({ title: '机密并购' })
  const topic = await publications.readTopic(`${server.url}/feeds/all.rss`)
  expect(Buffer.from(topic?.body ?? '').toString()).not.toContain('机密并购')
})

test('an export has nothing of a private source', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-export-'))
  const options = { database, sources, folder, publicUrl: 'https://news.example', version: '1', now: () => new Date() }
  await exportSite({ ...options, feeds: feeds.filter((feed) => !feed.private) })
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(10)
  for (const { parentPath, name } of files) {
    const text = readFileSync(join(parentPath, name), 'utf8')
    for (const secret of [...secrets, ids.hidden, '2018-07']) {
      expect([name, secret, text.includes(secret)]).toEqual([name, secret, false])
    }
  }
  rmSync(folder, { recursive: true })
})

test('a source that becomes private is closed at once, and without any nothing is left out', async () => {
  server.useSources(sources.map((source) => ({ ...source, private: false })))
  expect((await get('/feeds/all.rss')).text).toContain('机密并购')
  server.useSources([])
  expect((await get('/feeds/all.rss')).text).toContain('机密并购')
  server.useSources(sources)
  expect((await get('/feeds/all.rss')).text).not.toContain('机密并购')
})

test('feeds that change while it runs are served as they are now, and one that becomes private is closed', async () => {
  const changed = [
    { id: 'new', title: '新的' },
    { id: 'board', title: '董事会' },
    { id: 'all', title: '全部', private: true },
  ]
  server.useFeeds(changed.map((feed) => feedDefinitionSchema.parse(feed)))
  expect((await get('/')).text).toContain('/feeds/new.rss')
  const statuses = async (paths: readonly string[]) => Promise.all(paths.map(async (path) => (await get(path)).status))
  expect(await statuses(['/feeds/new.rss', '/feeds/board.rss', '/feeds/all.rss', '/feeds/local.rss'])).toEqual([
    200, 200, 404, 404,
  ])
  const token = await tokenFor('all')
  expect(await statuses([`/private/${token}/feeds/all.rss`, `/private/${tokens.board}/feeds/board.rss`])).toEqual([
    200, 404,
  ])
  server.useFeeds(feeds)
})
