import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { insertRun } from '../../src/archive/runs.ts'
import { pauseSchedules } from '../../src/archive/schedule-pauses.ts'
import { saveHealth } from '../../src/archive/source-health.ts'
import type { SourceHealth } from '../../src/model/source-health.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { reconcileSchedules } from '../../src/queue/schedules.ts'
import type { RunningServer } from '../../src/server/server.ts'
import { aRun } from '../a-run.ts'
import { keepStory } from '../keep-story.ts'
import { aQueuedServer, type QueuedServer } from './a-queued-server.ts'
import { ask } from './a-server.ts'

const hostile = '<script>alert(1)</script>"\'&'
const secret = 'k3y-of-the-listing'
const sources = [
  { id: 'ministry', name: '商务部', tags: ['trade'], homepage: 'https://user:word@ministry.example/' },
  { id: 'city', name: '市政府', tags: ['local'], headers: { 'x-api-key': secret } },
  { id: 'portal', name: hostile, tags: [hostile] },
  { id: 'old', name: '旧站', enabled: false },
].map((source) => sourceSchema.parse({ listings: [`https://${source.id}.example/list?key=${secret}`], ...source }))

let running: QueuedServer
let database: Database
let server: RunningServer

const health = (over: Partial<SourceHealth> & Pick<SourceHealth, 'sourceId' | 'state'>): SourceHealth => ({
  since: new Date('2026-11-20T01:00:00Z'),
  reason: null,
  checkedAt: new Date('2026-11-23T01:00:00Z'),
  lastNewAt: new Date('2026-11-22T01:00:00Z'),
  perWeek: 12.4,
  intervalMs: null,
  ...over,
})

beforeAll(async () => {
  running = await aQueuedServer(sources, null)
  ;({ database, server } = running)
  const reason = `3 runs failed: Cannot read listing https://u:p@city.example/list?key=${secret}: status 500`
  await saveHealth(database, health({ sourceId: 'ministry', state: 'healthy' }), null)
  await saveHealth(database, health({ sourceId: 'city', state: 'broken', reason }), 'healthy')
  for (let minute = 0; minute < 40; minute++) {
    const finishedAt = new Date(Date.UTC(2026, 10, 23, 1, minute))
    await insertRun(database, aRun({ sourceId: 'ministry', finishedAt }))
    const errors = [`status 500 from https://city.example/list?key=${secret}`]
    await insertRun(database, aRun({ sourceId: 'city', finishedAt, outcome: 'failed', stored: 0, failed: 1, errors }))
  }
  for (const day of [1, 2, 3])
    await keepStory(database, { title: `通告 ${day}`, bodyText: '全文', sourceId: 'ministry', day })
  await database.query(
    `update article set first_seen_at = now() - interval '3 days', published_at = now() - interval '3 days'`,
  )
  await reconcileSchedules(database, sources, new Date())
  await pauseSchedules(database, [{ kind: 'tag', name: 'trade' }], new Date())
})
afterAll(() => running.stop())

const get = (path: string, headers: Record<string, string> = {}) => ask(server.url + path, headers)

test('the page of sources is linked from the front page and shows each with how it is, those in trouble first', async () => {
  expect((await get('/')).text).toContain('href="/sources"')
  const { status, text, headers } = await get('/sources')
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toContain("default-src 'none'")
  const places = ['市政府', '商务部', '旧站'].map((name) => text.indexOf(name))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places[0]).toBeGreaterThan(0)
  for (const words of ['失败 <i lang="en">broken', '正常 <i lang="en">healthy', '停用 <i lang="en">disabled', '未抓取'])
    expect(text).toContain(words)
  expect(text.match(/<mark class="is-paused">/g)).toHaveLength(1)
  expect(text.match(/class="run-failed"/g)).toHaveLength(24)
  expect(text).not.toContain('<script>')
  // Pages under this policy show nothing of a style attribute.
  expect(text).not.toContain('style="')
})

test('sources are chosen by state, tag and name', async () => {
  const broken = (await get('/sources?state=broken')).text
  expect(broken).toContain('href="/sources/city"')
  expect(broken).not.toContain('href="/sources/ministry"')
  expect((await get('/sources?tag=trade')).text).not.toContain('href="/sources/city"')
  expect((await get(`/sources?q=${encodeURIComponent('商务')}`)).text).toContain('href="/sources/ministry"')
  expect((await get('/sources?q=nothing')).text).toContain('No such source')
})

test('the page of a source shows its runs with reasons, its changes and when it publishes', async () => {
  const { status, text } = await get('/sources/ministry')
  expect(status).toBe(200)
  expect(text).toContain('robots 不许')
  expect(text).toContain('aria-label="每周篇数 Articles a week"')
  expect(text.match(/<tr>/g)).toHaveLength(21)
  const city = (await get('/sources/city')).text
  expect(city).toContain('healthy</i> → <mark class="is-broken">')
  expect((await get('/sources/nobody')).status).toBe(404)
  expect((await get('/sources/portal')).text).toContain('Not read yet')
})

test('what may hold a key or a password is shown to nobody', async () => {
  for (const path of ['/sources', '/sources/city', '/sources/ministry', '/api/sources', '/api/sources/city']) {
    const { text } = await get(path)
    for (const hidden of [secret, 'x-api-key', 'user:word', 'u:p@', '/list']) {
      expect([path, hidden, text.includes(hidden)]).toEqual([path, hidden, false])
    }
  }
  expect((await get('/sources/city')).text).toContain('https://city.example/…: status 500')
})

test('programs read the same as JSON', async () => {
  const { text, headers } = await get('/api/sources')
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(headers['access-control-allow-origin']).toBe('*')
  const { sources: all } = JSON.parse(text)
  expect(all).toHaveLength(4)
  expect(all[0]).toMatchObject({
    id: 'city',
    state: 'broken',
    isPaused: false,
    itemsPerWeek: 12.4,
    lastRun: { outcome: 'failed', failed: 1, finishedAt: '2026-11-23T01:39:00.000Z' },
    nextRunAt: expect.stringMatching(/^20\d\d-/),
  })
  expect(all.at(-1)).toMatchObject({ id: 'old', state: 'disabled', isEnabled: false, nextRunAt: null, lastRun: null })
  const one = JSON.parse((await get('/api/sources/ministry')).text)
  expect(one).toMatchObject({ id: 'ministry', isPaused: true, changes: [{ before: null, after: 'healthy' }] })
  expect(one.runs).toHaveLength(40)
  expect((await get('/api/sources/nobody')).status).toBe(404)
})

test('readers who have the bytes are told so, and only reading is answered', async () => {
  const { headers } = await get('/sources')
  expect(headers['cache-control']).toBe('public, max-age=10')
  expect((await get('/sources', { 'if-none-match': headers.etag ?? '' })).status).toBe(304)
  expect((await ask(`${server.url}/sources/city`, {}, 'POST')).status).toBe(405)
})
