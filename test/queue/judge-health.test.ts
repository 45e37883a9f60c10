import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { insertRun } from '../../src/archive/runs.ts'
import { findHealthOf } from '../../src/archive/source-health.ts'
import type { CrawlRun } from '../../src/model/crawl-run.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { createJudgements, judgeHealth } from '../../src/queue/judge-health.ts'
import { anArchive } from '../a-database.ts'
import { aSave, keep, stated } from '../an-article.ts'
import { silent } from '../silent.ts'

const day = 86_400_000
let database: Database

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())

/** One release every other day, the last one so many days before `now`. */
async function publish(sourceId: string, silentDays: number, now: Date, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const at = new Date(now.getTime() - (silentDays + 2 * number) * day)
    const url = `https://${sourceId}.example/${number}.html`
    const article = { url, title: `第${number}号通告`, publishedAt: stated(at.toISOString()) }
    await database.transaction((client) => keep(client, aSave(article, { sourceId, canonicalUrl: url, seenAt: at })))
  }
}

function aRun(sourceId: string, now: Date): CrawlRun {
  const counts = { found: 1, stored: 0, revised: 0, unchanged: 1, failed: 0, skipped: {}, notModifiedListings: 0 }
  const run = { id: randomUUID(), sourceId, startedAt: now, finishedAt: now, outcome: 'succeeded' } as const
  return { ...run, ...counts, requests: 1, bytes: 1, errors: [] }
}

async function judged(id: string, now: Date) {
  await insertRun(database, aRun(id, now))
  const source = sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`] })
  await judgeHealth(database, source, { now, log: silent })
  return await findHealthOf(database, id)
}

test('a source that has been silent for longer than its history is kept is quiet, and after a year degraded', async () => {
  const now = new Date('2019-11-20T08:00:00Z')
  await publish('city', 200, now, 20)
  const health = await judged('city', now)
  expect(health?.state).toBe('quiet')
  expect(health?.reason).toBe('nothing new for 200 days; it publishes at least every 2d as a rule')
  const later = await judged('city', new Date(now.getTime() + 200 * day))
  expect(later?.state).toBe('degraded')
  expect(later?.reason).toContain('has its list moved?')
})

test('a source of few articles, whose rhythm nobody knows, is quiet after half a year of silence', async () => {
  const now = new Date('2019-11-20T08:00:00Z')
  await publish('town', 170, now, 2)
  expect((await judged('town', now))?.state).toBe('healthy')
  const later = await judged('town', new Date(now.getTime() + 20 * day))
  expect(later?.state).toBe('quiet')
  expect(later?.reason).toBe('nothing new for 190 days')
})

test('a source that was met today is not judged by the age of what it has', async () => {
  const now = new Date('2019-11-20T08:00:00Z')
  await publish('village', 1000, now, 20)
  await database.query(`update article set first_seen_at = $1 where source_id = 'village'`, [now])
  expect((await judged('village', now))?.state).toBe('healthy')
})

test('what another process has judged since, or a clock that was set back, has a source judged again', async () => {
  const now = new Date('2019-11-20T08:00:00Z')
  const health = await judged('port', now)
  if (!health) throw new Error('The source was not judged')
  const counts = { read: 0, undated: 0, empty: 0, unruled: 0, failedListings: 0 }
  const observed = { ...counts, confidence: null, block: null, isGone: false, isRedesigned: false }
  const uneventful = (finishedAt: Date) => ({ ...aRun('port', finishedAt), observed })
  const judgements = createJudgements()
  judgements.add(health)
  expect(judgements.isKnown(uneventful(new Date(now.getTime() + 60_000)), health)).toBe(true)
  expect(judgements.isKnown(uneventful(new Date(now.getTime() - day)), health)).toBe(false)
  const broken = { ...health, state: 'broken' } as const
  expect(judgements.isKnown(uneventful(new Date(now.getTime() + 60_000)), broken)).toBe(false)
})
