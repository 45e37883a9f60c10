import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/archive/embedded/server.ts'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { insertFeedToken } from '../../src/archive/feed-tokens.ts'
import { migrate } from '../../src/archive/migrate.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { newToken } from '../../src/push/feed-token.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { aSave, keep } from '../an-article.ts'
import { silent } from '../silent.ts'

// A hang guard: a busy machine takes its time to start a server, and the archive is waited for.
vi.setConfig({ testTimeout: 120_000 })
const soon = { timeout: 30_000 }
/** Readers of old bytes wait for about a second; the archive's own patience is 20 s, that of readers of nothing 8 s. */
const boundMs = 6000

const folder = mkdtempSync(join(tmpdir(), 'newsfold-away-'))
const feeds = [
  { id: 'all', title: '全部' },
  { id: 'search-words', title: '查询', query: '正文 | 公告' },
  { id: 'recent', title: '近日', maxAge: '1h' },
  { id: 'board', title: '董事会', private: true },
].map((feed) => feedDefinitionSchema.parse(feed))
const formats = ['rss', 'atom', 'json', 'ics', 'html']
const { id, token, hash } = newToken()
const publicPaths = [
  '/',
  '/feeds.opml',
  ...feeds.flatMap(({ id, private: isPrivate }) =>
    isPrivate ? [] : formats.map((format) => `/feeds/${id}.${format}`),
  ),
]
const privatePaths = formats.map((format) => `/private/${token}/feeds/board.${format}`)
let postgres: EmbeddedServer
let database: Database
let server: RunningServer

beforeAll(async () => {
  postgres = await openEmbeddedServer(folder, silent)
  database = openDatabase(postgres.connectionString, silent)
  await migrate(database)
  await database.transaction((client) => keep(client, aSave()))
  await insertFeedToken(database, { id, hash, feedId: 'board', name: '张三', createdAt: new Date() })
  server = await startServer({ database, feeds, sources: [], host: '127.0.0.1', port: 0, publicUrl: null, log: silent })
})
afterAll(async () => {
  await server.stop()
  await database.close()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const textOf = async (path: string) => (await fetch(server.url + path)).text()

interface Answer {
  readonly path: string
  readonly status: number
  readonly text: string
  readonly isInTime: boolean
}

function askAll(paths: readonly string[]): Promise<Answer[]> {
  return Promise.all(
    paths.map(async (path) => {
      const startedAt = performance.now()
      const response = await fetch(server.url + path)
      const text = await response.text()
      return { path, status: response.status, text, isInTime: performance.now() - startedAt < boundMs }
    }),
  )
}

test('while the database is away each feed is its last good bytes, asked for before or not, and private ones for who has a token', async () => {
  // Nobody has asked for any of them.
  await expect.poll(() => server.hasFeeds(), soon).toBe(true)
  const before = await askAll(privatePaths)
  process.kill(readPostmasterFile(join(folder, 'postgres', 'data'))?.pid ?? 0, 'SIGQUIT')
  // As when an article had come in the moment before: all of them are out of date.
  server.useFeeds(feeds)

  for (let times = 0; times < 2; times++) {
    const during = await askAll([...publicPaths, ...privatePaths])
    expect(during.filter(({ status, isInTime }) => status !== 200 || !isInTime)).toEqual([])
    const texts = (answers: readonly Answer[]) => answers.map(({ text }) => text)
    expect(texts(during.slice(publicPaths.length))).toEqual(texts(before))
    expect(during.find(({ path }) => path === '/feeds/all.rss')?.text).toContain('<item>')
  }
  const page = await fetch(`${server.url}/feeds/search.html?q=a`)
  expect(page.status).toBe(503)
  expect(page.headers.get('retry-after')).toBe('10')
  expect(await page.text()).not.toContain('ECONNREFUSED')

  postgres = await openEmbeddedServer(folder, silent)
  await database.transaction((client) => keep(client, aSave({ url: 'http://a.example/2', bodyText: '又一条。' })))
  for (const path of ['/feeds/all.rss', privatePaths[0] ?? '']) {
    await expect.poll(async () => (await textOf(path)).split('<item>').length - 1, soon).toBe(2)
  }
  await expect.poll(async () => (await fetch(`${server.url}/feeds/search.html?q=a`)).status, soon).toBe(200)
})
