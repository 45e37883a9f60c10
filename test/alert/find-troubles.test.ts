import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findTroubles } from '../../src/alert/find-troubles.ts'
import type { Database } from '../../src/archive/database.ts'
import { pauseSchedules, resumeSchedules } from '../../src/archive/schedule-pauses.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
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
  const repeat = { every: 60_000, startDate: new Date(Date.now() + 60_000) }
  await queue.upsertSchedule('crawl-city', repeat, { sourceId: 'city', jitterMs: 0 })
  expect(await find(10)).toEqual([])
  expect(await find(15)).toEqual([{ key: 'queue', says: 'overdue schedules: 1, the longest city by 14 min' }])
  await queue.pause()
  expect(await find(15)).toEqual([])
  await queue.resume()
  await queue.removeSchedule('crawl-city')
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
