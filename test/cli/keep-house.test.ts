import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { insertRun } from '../../src/archive/runs.ts'
import { clearOld, shownBy } from '../../src/cli/keep-house.ts'
import { guardDisk } from '../../src/cli/disk-guard.ts'
import type { CrawlRun } from '../../src/model/crawl-run.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { sourceSchema } from '../../src/model/source.ts'
import type { BrokenSource } from '../../src/runtime/config-files.ts'
import { fixedSources } from '../../src/runtime/source-folder.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { anArchive } from '../a-database.ts'
import { aSave, keep, stated } from '../an-article.ts'
import { keepStory } from '../keep-story.ts'
import { silent } from '../silent.ts'

vi.setConfig({ testTimeout: 60_000 })

let database: Database
const now = new Date('2026-11-23T04:00:00Z')
const dayMs = 86_400_000
const daysAgo = (days: number): Date => new Date(now.getTime() - days * dayMs)
const sources = ['city', 'ministry', 'quiet'].map((id) =>
  sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`] }),
)
const feeds = [
  { id: 'all', title: '全部', items: 2 },
  { id: 'quiet', title: '少', sources: ['quiet'], items: 2 },
].map((feed) => feedDefinitionSchema.parse(feed))

const aRun = (id: number, sourceId: string, finishedAt: Date): CrawlRun => ({
  id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  sourceId,
  startedAt: finishedAt,
  finishedAt,
  outcome: 'succeeded',
  found: 0,
  stored: 0,
  revised: 0,
  unchanged: 0,
  failed: 0,
  skipped: {},
  notModifiedListings: 1,
  requests: 1,
  bytes: 0,
  errors: [],
})

async function count(from: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(`select count(*)::int as count from ${from}`)
  return rows[0]?.count ?? 0
}
const publishedAt = (days: number) => stated(daysAgo(days).toISOString())
const clear = (settings: Record<string, string>, isIncomplete = false) =>
  clearOld(database, readSettings(settings), { feeds, sources, isIncomplete }, now)

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())

test('old runs go, the last one of each source stays', async () => {
  const ages: [string, number][] = [
    ['city', 100],
    ['city', 91],
    ['city', 89],
    ['quiet', 400],
    ['quiet', 300],
  ]
  for (const [n, [source, age]] of ages.entries()) await insertRun(database, aRun(n, source, daysAgo(age)))
  expect(await clear({})).toEqual({ runs: 3, revisions: 0, articles: 0 })
  expect(await count('crawl_run')).toBe(2)
  expect(await clear({})).toEqual({ runs: 0, revisions: 0, articles: 0 })
})

test('runs that found nothing new go after days, those that tell something stay', async () => {
  for (const [n, age] of [10, 5, 2, 0].entries()) await insertRun(database, aRun(20 + n, 'calm', daysAgo(age)))
  await insertRun(database, { ...aRun(30, 'calm', daysAgo(9)), found: 1, stored: 1 })
  await insertRun(database, { ...aRun(31, 'calm', daysAgo(8)), outcome: 'failed' })
  expect(await clear({})).toMatchObject({ runs: 2 })
  const { rows } = await database.query(`select id from crawl_run where source_id = 'calm' order by finished_at`)
  expect(rows.map(({ id }) => Number(String(id).slice(-12)))).toEqual([30, 31, 22, 23])
})

test('of old revisions the first and the present one stay', async () => {
  for (const n of [1, 2, 3, 4]) {
    const save = aSave({ url: 'http://city.example/1', bodyText: `第 ${n} 稿。` }, { seenAt: daysAgo(100 - n) })
    await database.transaction((client) => keep(client, save))
  }
  expect(await clear({ NEWSFOLD_KEEP_REVISIONS: '30d' })).toMatchObject({ revisions: 2 })
  const { rows } = await database.query<{ number: number }>('select number from revision order by number')
  expect(rows.map(({ number }) => number)).toEqual([1, 4])
})

test('old stories go with all that is theirs; feeds keep what readers page through, and pages stay known', async () => {
  for (let n = 0; n < 30; n++) {
    await keepStory(database, {
      title: `通告 ${n}`,
      bodyText: `第 ${n} 号通告。`,
      sourceId: 'city',
      publishedAt: publishedAt(n * 10),
    })
  }
  for (let n = 0; n < 3; n++) {
    await keepStory(database, {
      title: `旧文 ${n}`,
      bodyText: `旧文 ${n}。`,
      sourceId: 'quiet',
      publishedAt: publishedAt(3000 + n),
    })
  }
  // As if each had been seen when it was published.
  for (const table of ['story', 'story_search']) {
    const key = table === 'story' ? 'id' : 'story_id'
    await database.query(
      `update ${table} t set sort_at = a.published_at, changed_at = a.published_at, first_seen_at = a.published_at
       from article a where a.story_id = t.${key}`,
    )
  }
  const before = { stories: await count('story'), pages: await count('page') }
  // What feeds show of a source whose file is wrong, nobody knows.
  expect(await clear({ NEWSFOLD_KEEP_ARTICLES: '100d' }, true)).toMatchObject({ articles: 0 })
  // The feed of all keeps its newest 20, to 190 days back, the one of the quiet source its three.
  expect(await clear({ NEWSFOLD_KEEP_ARTICLES: '100d' })).toMatchObject({ articles: 11 })
  expect(await count('story')).toBe(before.stories - 11)
  expect(await count(`article where source_id = 'quiet'`)).toBe(3)
  expect(await count(`article where source_id = 'city'`)).toBe(20)
  expect(await count('page')).toBe(before.pages)
  expect(await count('article where not exists (select from revision r where r.article_id = article.id)')).toBe(0)
  expect(await count('story_search')).toBe(await count('story'))
  expect(await clear({ NEWSFOLD_KEEP_ARTICLES: '100d' })).toMatchObject({ articles: 0 })
})

test('stories go although old texts cannot be cleared, and what went wrong is said', async () => {
  for (const n of [1, 2, 3]) {
    const save = aSave({ url: 'http://city.example/stuck', bodyText: `第 ${n} 稿。` }, { seenAt: daysAgo(100 - n) })
    await database.transaction((client) => keep(client, save))
  }
  await keepStory(database, { title: '很旧', bodyText: '很旧。', sourceId: 'gone', publishedAt: publishedAt(5000) })
  for (const [table, key] of [
    ['story', 'id'],
    ['story_search', 'story_id'],
  ]) {
    await database.query(
      `update ${table} t set sort_at = a.published_at, changed_at = a.published_at, first_seen_at = a.published_at
       from article a where a.story_id = t.${key} and a.source_id = 'gone'`,
    )
  }
  await database.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'texts are stuck'; end $$;
     create trigger refuse before delete on revision for each row when (old.number = 2) execute function refuse()`,
  )
  try {
    const cleared = clear({ NEWSFOLD_KEEP_REVISIONS: '30d', NEWSFOLD_KEEP_ARTICLES: '4000d' })
    await expect(cleared).rejects.toThrow('texts are stuck')
    expect(await count(`article where source_id = 'gone'`)).toBe(0)
  } finally {
    await database.query('drop trigger refuse on revision; drop function refuse()')
  }
})

test('that stories stay since a file is wrong is said once each time, and only where they would go', () => {
  const logged: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
  let [isFeedsBroken, broken] = [false, new Array<BrokenSource>()]
  const files = {
    log,
    feeds: { feeds: () => feeds, isBroken: () => isFeedsBroken },
    sources: { ...fixedSources(sources), broken: () => broken },
  }
  const look = shownBy({ ...files, settings: readSettings({ NEWSFOLD_KEEP_ARTICLES: '100d' }) })
  const isIncomplete = () => look().isIncomplete
  expect([isIncomplete(), logged.length]).toEqual([false, 0])
  isFeedsBroken = true
  expect([isIncomplete(), isIncomplete(), logged.length]).toEqual([true, true, 1])
  isFeedsBroken = false
  // One that was read before goes on as it was.
  broken = [{ id: 'city', file: 'city.yaml', problem: 'city.yaml:1: wrong' }]
  expect([isIncomplete(), logged.length]).toEqual([false, 1])
  broken = [{ id: 'new', file: 'new.yaml', problem: 'new.yaml:1: wrong' }]
  expect([isIncomplete(), isIncomplete(), logged.length]).toEqual([true, true, 2])
  expect(shownBy({ ...files, settings: readSettings({}) })().isIncomplete).toBe(true)
  expect(logged).toHaveLength(2)
})

test('crawling pauses while the disk is nearly full, once, and goes on when there is room again', async () => {
  const told: string[] = []
  const worker = { pause: () => void told.push('pause'), resume: () => void told.push('resume') }
  let freeMB = 1000
  const stop = guardDisk({ worker, freeBytes: () => freeMB * 2 ** 20, log: silent, everyMs: 5 })
  try {
    freeMB = 199
    await expect.poll(() => told).toEqual(['pause'])
    freeMB = 220
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(told).toEqual(['pause'])
    freeMB = 260
    await expect.poll(() => told).toEqual(['pause', 'resume'])
  } finally {
    stop()
  }
})
