import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findTroubles } from '../../src/alert/find-troubles.ts'
import { countDeliveries } from '../../src/archive/alerts.ts'
import type { Database } from '../../src/archive/database.ts'
import { addDeliveries, markDeliveryFailed } from '../../src/archive/deliveries.ts'
import { pauseSchedules, resumeSchedules } from '../../src/archive/schedule-pauses.ts'
import { removeSchedules, saveSchedules, settleTicks } from '../../src/archive/source-schedules.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openDeliveryQueue, type DeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { openJobQueue, tickJobId, type JobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

vi.setConfig({ testTimeout: 60_000 })

const sources = ['city', 'town'].map((id) =>
  sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`], tags: ['local'] }),
)
let database: Database
let queue: JobQueue
let deliveries: DeliveryQueue

beforeAll(async () => {
  database = await anArchive()
  const store = { databaseUrl: database.connectionString, redisUrl: null }
  queue = openJobQueue(store, silent)
  deliveries = openDeliveryQueue(store, silent)
  await queue.ready()
})
afterAll(async () => {
  await deliveries.close()
  await queue.close()
  await database.close()
})

const find = (inMinutes = 0, freeMB = 1000) =>
  findTroubles(
    { database, queue, deliveries, sources, freeBytes: freeMB * 2 ** 20 },
    new Date(Date.now() + inMinutes * 60_000),
  )

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
  // Noted by a clock that was set back since.
  await database.query(`update source_schedule set job_at = now() + interval '1 day'`)
  expect(await find()).toEqual([])
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
  await database.query('truncate source_health')
})

/** What is due to a webhook, at a hub and to a subscriber. @returns its start */
async function withDeliveries(): Promise<Date> {
  const at = new Date()
  const item = { target: 't', feedId: 'all', kind: 'new' } as const
  await addDeliveries(
    database,
    [
      { ...item, channel: 'webhook', subject: 'a' },
      { ...item, channel: 'webhook', subject: 'b' },
      { ...item, channel: 'hub', subject: 'c' },
    ],
    at,
  )
  await database.query(
    `insert into subscription (id, topic, callback, expires_at, created_at, due_hash, next_at)
     values (gen_random_uuid(), 'http://news.example/feeds/all.rss', 'http://reader.example:81/back', $2, $1, 'x', $1)`,
    [at, new Date(at.getTime() + 86_400_000)],
  )
  return at
}

test('deliveries that are due and that nobody makes are trouble after ten minutes, unless somebody holds them', async () => {
  const at = await withDeliveries()
  expect(await find(9)).toEqual([])
  const late = {
    key: 'deliveries-late',
    says: 'due and not sent: 1 to hubs, 2 to webhooks, 1 to subscribers, the longest for 11 min',
  }
  expect(await find(11)).toEqual([late])
  await deliveries.pause()
  expect(await find(11)).toEqual([])
  await deliveries.resume()
  // One that failed waits for its next try.
  const nextAt = new Date(at.getTime() + 20 * 60_000)
  const { rows } = await database.query<{ id: string }>('select id from delivery')
  for (const { id } of rows) await markDeliveryFailed(database, id, { error: 'got 500', nextAt, now: at })
  await database.query('update subscription set attempts = 11, next_at = $1', [nextAt])
  expect(await find(11)).toEqual([])
  expect(await find(31)).toMatchObject([{ key: 'deliveries-late' }])
  await database.query('truncate delivery, subscription')
})

test('deliveries that were given up are trouble, and so is a subscriber who refuses as many tries in a row', async () => {
  const at = await withDeliveries()
  const { rows } = await database.query<{ id: string }>('select id from delivery')
  for (const { id } of rows) await markDeliveryFailed(database, id, { error: 'got 500', nextAt: null, now: at })
  await database.query('update subscription set attempts = 11, next_at = $1', [new Date(at.getTime() + 3_600_000)])
  const dead = { key: 'deliveries', says: '3 to webhooks or hubs given up within the last hour' }
  expect(await find()).toEqual([dead])
  await database.query('update subscription set attempts = 12')
  const says = '1 by WebSub refused 12 tries in a row and more, one at reader.example:81'
  expect(await find()).toEqual([dead, { key: 'subscribers', says }])
  expect(await countDeliveries(database)).toEqual([
    { channel: 'websub', waiting: 1, dead: 0 },
    { channel: 'webhook', waiting: 0, dead: 2 },
    { channel: 'hub', waiting: 0, dead: 1 },
  ])
  await database.query('truncate delivery, subscription')
})
