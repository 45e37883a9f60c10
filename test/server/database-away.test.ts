import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/archive/embedded/server.ts'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { migrate } from '../../src/archive/migrate.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { aSave, keep } from '../an-article.ts'
import { silent } from '../silent.ts'

// A hang guard: a busy machine takes its time to start a server, and the archive is waited for.
vi.setConfig({ testTimeout: 90_000 })

const folder = mkdtempSync(join(tmpdir(), 'newsfold-away-'))
const feeds = [feedDefinitionSchema.parse({ id: 'all', title: '全部' })]
let postgres: EmbeddedServer
let database: Database
let server: RunningServer

beforeAll(async () => {
  postgres = await openEmbeddedServer(folder, silent)
  database = openDatabase(postgres.connectionString, silent)
  await migrate(database)
  await database.transaction((client) => keep(client, aSave()))
  server = await startServer({ database, feeds, sources: [], host: '127.0.0.1', port: 0, publicUrl: null, log: silent })
})
afterAll(async () => {
  await server.stop()
  await database.close()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

test('while the database is away feeds are the last good bytes, pages say what is wrong, and both come back', async () => {
  const before = await (await fetch(`${server.url}/feeds/all.rss`)).text()
  process.kill(readPostmasterFile(join(folder, 'postgres', 'data'))?.pid ?? 0, 'SIGQUIT')

  const during = await fetch(`${server.url}/feeds/all.rss`)
  expect([during.status, await during.text()]).toEqual([200, before])
  const page = await fetch(`${server.url}/`)
  expect(page.status).toBe(503)
  expect(page.headers.get('retry-after')).toBe('10')
  expect(await page.text()).not.toContain('ECONNREFUSED')

  postgres = await openEmbeddedServer(folder, silent)
  await database.transaction((client) => keep(client, aSave({ url: 'http://a.example/2', bodyText: '又一条。' })))
  await expect
    .poll(async () => (await (await fetch(`${server.url}/feeds/all.rss`)).text()).split('<item>').length - 1, {
      timeout: 20_000,
    })
    .toBe(2)
  await expect.poll(async () => (await fetch(`${server.url}/`)).status, { timeout: 20_000 }).toBe(200)
})
