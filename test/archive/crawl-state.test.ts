import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { findListing, saveListing } from '../../src/archive/listings.ts'
import type { Queryable } from '../../src/archive/database.ts'
import { delayHost, hostSlots } from '../../src/archive/pacing.ts'
import {
  findDuePages,
  findPages,
  hastenPages,
  markPageFailed,
  markPageStored,
  markPageUnchanged,
  type PageFailure,
  type StoredPage,
} from '../../src/archive/pages.ts'
import { findRobotsFile, saveRobotsFile } from '../../src/archive/robots-files.ts'
import { findLastRuns, insertRun } from '../../src/archive/runs.ts'
import type { CrawlRun } from '../../src/model/crawl-run.ts'
import { anArchive } from '../a-database.ts'
import { aRun } from '../a-run.ts'
import { silent } from '../silent.ts'

let database: Database
let second: Database

beforeAll(async () => {
  database = await anArchive()
  second = openDatabase(database.connectionString, silent)
})
afterAll(async () => {
  await second.close()
  await database.close()
})

const noon = new Date('2019-11-05T12:00:00Z')
const after = (ms: number) => new Date(noon.getTime() + ms)

function aFailure(url: string, over: Partial<PageFailure> = {}): PageFailure {
  return {
    sourceId: 'city',
    canonicalUrl: url,
    url,
    status: 'failed',
    errorCode: 'http.status',
    errorMessage: 'status 500',
    at: noon,
    delayMs: 60_000,
    maxDelayMs: 200_000,
    ...over,
  }
}

function aStoredPage(url: string, title: string | null = 'A') {
  return {
    sourceId: 'city',
    canonicalUrl: url,
    url,
    etag: '"1"',
    lastModified: null,
    listedTitle: title,
    listedAt: noon,
    fetchedAt: noon,
    isChanged: true,
    looksMs,
  }
}

const looksMs = [1000, 5000]

const onlyPage = async (url: string) => (await findPages(database, 'city', [url]))[0]

test('the wait before a failed page is tried again doubles up to its limit', async () => {
  const waits: number[] = []
  for (let failures = 0; failures < 4; failures++) {
    await markPageFailed(database, aFailure('http://a.example/doubling'))
    const page = await onlyPage('http://a.example/doubling')
    waits.push((page?.nextTryAt?.getTime() ?? 0) - noon.getTime())
  }
  expect(waits).toEqual([60_000, 120_000, 200_000, 200_000])
})

test('a page that failed for good is not due again, also when it failed in a passing way before', async () => {
  await markPageFailed(database, aFailure('http://a.example/pdf'))
  await markPageFailed(database, aFailure('http://a.example/pdf', { delayMs: null, errorCode: 'page.not-html' }))
  expect(await onlyPage('http://a.example/pdf')).toMatchObject({ nextTryAt: null, errorCode: 'page.not-html' })
})

test('due pages are those whose time has come, the longest waiting first', async () => {
  await markPageFailed(database, aFailure('http://b.example/late', { sourceId: 'due', delayMs: 90_000 }))
  await markPageFailed(database, aFailure('http://b.example/early', { sourceId: 'due', delayMs: 30_000 }))
  await markPageFailed(database, aFailure('http://b.example/not-yet', { sourceId: 'due', delayMs: 100_000 }))
  await markPageFailed(database, aFailure('http://b.example/other', { sourceId: 'other', delayMs: 1 }))
  const due = await findDuePages(database, 'due', after(90_000), 10)
  expect(due.map(({ url }) => url)).toEqual(['http://b.example/early', 'http://b.example/late'])
  expect(await findDuePages(database, 'due', after(90_000), 1)).toHaveLength(1)
})

test('pages that were read in the future are due at once, others when they are', async () => {
  const sourceId = 'hastened'
  const dayMs = 86_400_000
  await markPageFailed(database, aFailure('http://b.example/now', { sourceId }))
  await markPageFailed(database, aFailure('http://b.example/ahead', { sourceId, at: after(dayMs) }))
  await markPageFailed(database, aFailure('http://b.example/never', { sourceId, at: after(dayMs), delayMs: null }))
  expect(await hastenPages(database, after(2000), 58_000)).toBe(1)
  const due = await findDuePages(database, sourceId, after(30_000), 10)
  expect(due.map(({ url }) => url)).toEqual(['http://b.example/ahead'])
})

const keepPage = (page: StoredPage) => database.transaction(async (client) => markPageStored(client, page))

test('a stored page stays stored when a later look at it fails, and an answer clears the failure', async () => {
  const url = 'http://a.example/stays'
  await keepPage(aStoredPage(url))
  await markPageFailed(database, aFailure(url))
  expect(await onlyPage(url)).toMatchObject({ status: 'stored', attempts: 1, errorCode: 'http.status', etag: '"1"' })
  await markPageUnchanged(database, { sourceId: 'city', canonicalUrl: url, seen: null, now: after(1), looksMs })
  expect(await onlyPage(url)).toMatchObject({
    status: 'stored',
    attempts: 0,
    nextTryAt: after(1 + 5000),
    errorCode: null,
    listedTitle: 'A',
    fetchedAt: after(1),
  })
})

test('a stored page is looked at again ever later, then no more, and soon again after a change', async () => {
  const url = 'http://a.example/looked-at'
  const next = async () => (await onlyPage(url))?.nextTryAt
  await keepPage(aStoredPage(url))
  expect(await next()).toEqual(after(1000))
  await keepPage({ ...aStoredPage(url), isChanged: false })
  expect(await next()).toEqual(after(5000))
  await markPageUnchanged(database, { sourceId: 'city', canonicalUrl: url, seen: null, now: after(5000), looksMs })
  expect(await next()).toBeNull()
  await keepPage(aStoredPage(url))
  expect(await next()).toEqual(after(1000))
})

test('reading a page again keeps what its listing said when no listing names it now', async () => {
  const url = 'http://a.example/listed'
  await keepPage(aStoredPage(url, 'as listed'))
  await keepPage({ ...aStoredPage(url, null), listedAt: null, etag: '"2"' })
  expect(await onlyPage(url)).toMatchObject({ listedTitle: 'as listed', listedAt: noon, etag: '"2"' })
})

test('what a listing answered is kept by source and address, and replaced', async () => {
  const state = { etag: '"1"', lastModified: null, settingsKey: 'k', isComplete: false, savedAt: noon }
  expect(await findListing(database, 'city', 'http://a.example/')).toBeNull()
  await saveListing(database, 'city', 'http://a.example/', state)
  await saveListing(database, 'city', 'http://a.example/', { ...state, etag: '"2"', isComplete: true })
  expect(await findListing(database, 'city', 'http://a.example/')).toEqual({
    ...state,
    etag: '"2"',
    isComplete: true,
    freshUntil: null,
    skipHours: [],
  })
  expect(await findListing(database, 'other', 'http://a.example/')).toBeNull()
})

test('a robots.txt that could not be read is told from an empty one', async () => {
  const record = { text: null, reason: 'status 503', expiresAt: noon }
  await saveRobotsFile(database, 'http://a.example', record)
  expect(await findRobotsFile(database, 'http://a.example')).toEqual(record)
  await saveRobotsFile(database, 'http://a.example', { ...record, text: '', reason: 'status 404' })
  expect((await findRobotsFile(database, 'http://a.example'))?.text).toBe('')
  expect(await findRobotsFile(database, 'http://b.example')).toBeNull()
})

const aCityRun = (over: Partial<CrawlRun>): CrawlRun =>
  aRun({
    sourceId: 'city',
    startedAt: noon,
    finishedAt: after(1000),
    requests: 5,
    bytes: 5_000_000_000,
    errors: ['one line'],
    ...over,
  })

test('the last run of each source is found as it was kept, and keeping it twice keeps it once', async () => {
  const [old, last, other] = [aCityRun({}), aCityRun({ finishedAt: after(9000) }), aCityRun({ sourceId: 'ministry' })]
  for (const run of [last, old, other, last]) await insertRun(database, run)
  expect((await findLastRuns(database)).toSorted((a, b) => a.sourceId.localeCompare(b.sourceId))).toEqual(
    [last, other].map((run) => ({ ...run, observed: null })),
  )
  const { rows } = await database.query<{ n: number }>('select count(*)::int as n from crawl_run')
  expect(rows[0]?.n).toBe(3)
})

/** Longer than any wait but the one that is asked for in so many words. */
const patient = 3_590_000

test('two pools that ask for one host at once get slots that are the delay apart', async () => {
  const [one, two] = [hostSlots(database), hostSlots(second)]
  const waits = await Promise.all(
    Array.from({ length: 8 }, (_, n) => (n % 2 ? one : two)('paced.example', 10_000, patient)),
  )
  const sorted = waits.toSorted((a, b) => a - b)
  expect(sorted[0]).toBe(0)
  // Each was told from its own moment, and all within the second that eight queries take at the most.
  for (const [index, wait] of sorted.entries()) {
    expect(wait).toBeLessThanOrEqual(index * 10_000)
    expect(wait).toBeGreaterThan((index - 1) * 10_000)
  }
  expect(await two('other.example', 10_000, patient)).toBe(0)
})

test('a slot that nobody would wait for is not taken', async () => {
  const reserve = hostSlots(database)
  expect(await reserve('crowded.example', 10_000, 0)).toBe(0)
  expect(await reserve('crowded.example', 10_000, 5000)).toBe(Number.POSITIVE_INFINITY)
  expect(await reserve('crowded.example', 10_000, patient)).toBeLessThanOrEqual(10_000)
})

test('slots of many hosts that are asked for at once are given by few statements, each host its own', async () => {
  let statements = 0
  const counting: Queryable = {
    query: (text, values) => {
      statements++
      return database.query(text, values)
    },
  }
  const reserve = hostSlots(counting)
  const waits = await Promise.all(
    Array.from({ length: 60 }, (_, n) => reserve(`many-${n % 30}.example`, 10_000, patient)),
  )
  const [first, later] = [waits.slice(0, 30), waits.slice(30)]
  expect(Math.max(...first)).toBe(0)
  expect(Math.min(...later)).toBeGreaterThan(5000)
  expect(statements).toBe(2)
})

test('a store that fails to give slots says so to everybody who asked, and gives the next ones', async () => {
  let isAway = true
  const reserve = hostSlots({
    query: (text, values) => (isAway ? Promise.reject(new Error('away')) : database.query(text, values)),
  })
  const failed = await Promise.allSettled([reserve('a.example', 0, patient), reserve('b.example', 0, patient)])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isAway = false
  expect(await reserve('c.example', 0, patient)).toBe(0)
})

test('a host that asked to be left alone is left alone by every process, and no shorter wish undoes it', async () => {
  await delayHost(database, 'busy.example', 3_600_000)
  await delayHost(database, 'busy.example', 1000)
  expect(await hostSlots(second)('busy.example', 20, patient)).toBe(Number.POSITIVE_INFINITY)
  expect(await hostSlots(second)('busy.example', 20, 2 * patient)).toBeGreaterThan(3_500_000)
})

test('a slot and a closed door that a clock has set which was ahead are not waited for, the longest wait there is goes on', async () => {
  const dayMs = 86_400_000
  const setAhead = (host: string, slotMs: number, closedMs: number | null) =>
    database.query(
      `insert into host_pacing (host, slot_at, delay_ms, closed_until)
       values ($1, now() + $2 * interval '1 ms', 600000, now() + $3 * interval '1 ms')`,
      [host, slotMs, closedMs],
    )
  const reserve = hostSlots(database)
  await setAhead('slot-ahead.example', dayMs, null)
  const first = await reserve('slot-ahead.example', 600_000, patient)
  // A delay after this moment: the host may have been asked right before the clock was set back.
  expect(first).toBeLessThanOrEqual(600_000)
  expect(first).toBeGreaterThan(0)
  expect(await reserve('slot-ahead.example', 600_000, patient)).toBeGreaterThan(first)

  await setAhead('closed-ahead.example', -dayMs, 3 * dayMs)
  expect(await reserve('closed-ahead.example', 1000, 0)).toBe(0)
  await setAhead('closed-anew.example', -dayMs, 3 * dayMs)
  await delayHost(database, 'closed-anew.example', 1_800_000)
  const anew = await reserve('closed-anew.example', 1000, patient)
  expect(anew).toBeLessThanOrEqual(1_800_000)
  expect(anew).toBeGreaterThan(1_000_000)

  // Sixteen at a time, each ten minutes after the one before, and a minute's patience: the schema allows no more.
  await setAhead('slow.example', 17 * 600_000 + 60_000, null)
  expect(await reserve('slow.example', 1000, patient)).toBe(Number.POSITIVE_INFINITY)
  await delayHost(database, 'closed.example', dayMs)
  expect(await reserve('closed.example', 1000, patient)).toBe(Number.POSITIVE_INFINITY)
})
