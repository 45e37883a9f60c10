import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findTroubles } from '../../src/alert/find-troubles.ts'
import type { Database } from '../../src/archive/database.ts'
import { pauseSchedules, resumeSchedules } from '../../src/archive/schedule-pauses.ts'
import { removeSchedules, saveSchedules, settleTicks } from '../../src/archive/source-schedules.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openJobQueue, tickJobId, type JobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

vi.setConfig({ testTimeout: 60_000 })

const sources = ['city', 'town'].map((id) =>
  sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`], tags: ['local'] }),
)
let database: Database
let queue: JobQueue

beforeAll(async () => {
  database = await anArchive()
  queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent)
  await queue.ready()
})
afterAll(async () => {
  await queue.close()
  await database.close()
})

const find = (inMinutes = 0, freeMB = 1000) =>
  findTroubles({ database, queue, sources, freeBytes: freeMB * 2 ** 20 }, new Date(Date.now() + inMinutes * 60_000))

test('a new set-up has no trouble, a full disk is one', async () => {
  expect(await find()).toEqual([])
  expect(await find(0, 199)).toMatchObject([{ key: 'disk', says: expect.stringContaining('199 MB free') }])
})

test('schedules that nobody takes are trouble, unless somebody paused the queue', async () => {
  const nextAt = new Date(Date.now() + 60_000)
  const timing = { everyMs: 60_000, cron: null, timeZone: null, jitterMs: 0, anchorAt: nextAt }
  await saveSchedules(database, [{ sourceId: 'city', nextAt, ...timing }])
  expect(await find(10)).toEqual([])
  expect(await find(15)).toEqual([{ key: 'queue', says: 'overdue schedules: 1, the longest city by 14 min' }])
  await queue.pause()
  expect(await find(15)).toEqual([])
  await queue.resume()
  await removeSchedules(database, ['city'])
})

test('a schedule whose job no worker takes is trouble, one whose job is long under way is not', async () => {
  const at = new Date()
  const timing = { everyMs: 3_600_000, cron: null, timeZone: null, jitterMs: 0, anchorAt: at }
  const ids = ['city', 'town']
  await saveSchedules(
    database,
    ids.map((sourceId) => ({ sourceId, nextAt: at, ...timing })),
  )
  const nextAt = new Date(at.getTime() + 3_600_000)
  await settleTicks(
    database,
    ids.map((id) => ({ sourceId: id, dueAt: at, nextAt, jobId: tickJobId(id, at), run: null })),
  )
  await queue.addTick('town', at)
  await database.query(`update source_schedule set job_at = now() - interval '20 minutes'`)
  expect(await find()).toEqual([{ key: 'queue', says: 'overdue schedules: 1, the longest town by 20 min' }])
  await removeSchedules(database, ids)
})

test('sources in trouble are named with the reason, but not those that are paused, gone from the files, or only quiet', async () => {
  await database.query(
    `insert into source_health (source_id, state, since, reason, checked_at) values
       ('city', 'broken', now(), '3 runs failed', now()), ('town', 'quiet', now(), 'silent', now()),
       ('removed', 'gone', now(), null, now())`,
  )
  expect(await find()).toEqual([{ key: 'source:city', says: 'broken: 3 runs failed' }])
  await pauseSchedules(database, [{ kind: 'tag', name: 'local' }], new Date())
  expect(await find()).toEqual([])
  await resumeSchedules(database, [{ kind: 'tag', name: 'local' }])
  expect(await find()).toHaveLength(1)
})
