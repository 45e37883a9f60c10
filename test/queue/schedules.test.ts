import { beforeEach, afterEach, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import {
  countSchedules,
  endScheduledJob,
  findDueSources,
  findNextTimes,
  findSchedules,
  settleTicks,
  type SourceTiming,
} from '../../src/archive/source-schedules.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import type { JobState } from '../../src/queue/crawl-jobs.ts'
import { mendScheduledJobs } from '../../src/queue/scheduled-jobs.ts'
import { nextTick, reconcileSchedules, timingOf } from '../../src/queue/schedules.ts'
import { anArchive } from '../a-database.ts'

let database: Database

beforeEach(async () => {
  database = await anArchive()
})
afterEach(async () => {
  await database.close()
})

const source = (id: string, schedule: Record<string, unknown>, more: Record<string, unknown> = {}): Source =>
  sourceSchema.parse({ id, name: id, listings: ['https://a.example/'], schedule, ...more })
const now = new Date('2026-11-23T04:00:00Z')
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000)
const cronTiming = (cron: string, timeZone: string, jitterMs = 0): SourceTiming => ({
  everyMs: null,
  cron,
  timeZone,
  jitterMs,
  anchorAt: now,
})
const nextOf = async (id: string) => (await findNextTimes(database)).get(id)

test('schedules follow the sources: new ones are due now, changed ones replaced, others removed', async () => {
  const city = source('city', { every: '1h' })
  const ministry = source('ministry', { cron: '0 9 * * *' })
  const off = source('off', { every: '1h' }, { enabled: false })
  const before = await reconcileSchedules(database, [city, ministry, off], now)
  expect(before).toEqual({ added: ['city', 'ministry'], changed: [], removed: [], late: [] })
  expect(await findNextTimes(database)).toEqual(new Map(['city', 'ministry'].map((id) => [id, now])))
  const again = await reconcileSchedules(database, [city, ministry], later(1))
  expect(again).toEqual({ added: [], changed: [], removed: [], late: [] })
  const after = await reconcileSchedules(database, [source('city', { every: '2h' })], later(1))
  expect(after).toEqual({ added: [], changed: ['city'], removed: ['ministry'], late: [] })
  expect(await findSchedules(database)).toMatchObject([{ sourceId: 'city', everyMs: 7_200_000, nextAt: now }])
  expect(await countSchedules(database)).toBe(1)
})

test('an adaptive source is asked as often as it was learned to publish, a change never puts its tick off', async () => {
  const sources = [source('city', { adaptive: { min: '10m', max: '6h' } })]
  await reconcileSchedules(database, sources, now)
  expect(await findSchedules(database)).toMatchObject([{ everyMs: 1_800_000 }])
  await settleTicks(database, [{ sourceId: 'city', dueAt: now, nextAt: later(20), jobId: null, run: null }])
  const learned = new Map([['city', 7_200_000]])
  expect(await reconcileSchedules(database, sources, later(1), learned)).toMatchObject({ changed: ['city'] })
  expect(await reconcileSchedules(database, sources, later(2), learned)).toMatchObject({ changed: [] })
  expect(await findSchedules(database)).toMatchObject([{ everyMs: 7_200_000, nextAt: later(20), anchorAt: later(20) }])
  // Learned to publish often: the tick that was far away is near.
  await settleTicks(database, [{ sourceId: 'city', dueAt: later(20), nextAt: later(140), jobId: null, run: null }])
  await reconcileSchedules(database, sources, later(21), new Map([['city', 600_000]]))
  expect(Number(await nextOf('city'))).toBeLessThanOrEqual(later(21 + 15).getTime())
})

test('ticks of an interval are whole intervals from the first, whatever was missed', async () => {
  const timing: SourceTiming = { everyMs: 600_000, cron: null, timeZone: null, jitterMs: 0, anchorAt: later(7) }
  expect(nextTick(timing, now)).toEqual(later(7))
  expect(nextTick(timing, later(7))).toEqual(later(17))
  expect(nextTick(timing, later(16.9))).toEqual(later(17))
  expect(nextTick(timing, later(600))).toEqual(later(607))
})

test('ticks of cron fields are by the clock of their zone, each put off by its jitter', () => {
  const tick = (...given: Parameters<typeof cronTiming>) => nextTick(cronTiming(...given), now).toISOString()
  expect(tick('30 9 * * *', 'Asia/Shanghai')).toBe('2026-11-24T01:30:00.000Z')
  expect(tick('30 9 1 7 *', 'America/New_York')).toBe('2027-07-01T13:30:00.000Z')
  expect(tick('*/10 * * * *', 'Asia/Shanghai', 30_000)).toBe('2026-11-23T04:00:30.000Z')
  // At the moment of a tick the one after it is next.
  expect(nextTick(cronTiming('*/10 * * * *', 'UTC', 30_000), new Date('2026-11-23T04:00:30Z'))).toEqual(later(10.5))
})

test('sources that come at once are due at moments that are spread over the interval', async () => {
  const sources = Array.from({ length: 20 }, (_, index) => source(`s${index}`, { every: '1h' }))
  await reconcileSchedules(database, sources, now)
  const minutes = (await findSchedules(database)).map(
    (schedule) => (nextTick(schedule, now).getTime() - now.getTime()) / 60_000,
  )
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(30)
  expect(Math.max(...minutes)).toBeLessThan(90)
  expect(new Set(minutes.map((minute) => Math.floor(minute / 10))).size).toBeGreaterThan(3)
})

const cron = (jitter: string) => source('city', { cron: '*/10 * * * *', jitter })
const town = (jitter: string) => source('town', { every: '1h', jitter })

test('a changed jitter moves the ticks of cron fields, and those of an interval are spread without it', async () => {
  await reconcileSchedules(database, [cron('0s'), town('0s')], now)
  const before = await findSchedules(database)
  expect(await reconcileSchedules(database, [cron('8m'), town('1h')], now)).toMatchObject({ changed: ['city'] })
  const after = await findSchedules(database)
  const tickOf = (schedules: typeof before, id: string) =>
    schedules.flatMap((schedule) => (schedule.sourceId === id ? [nextTick(schedule, now).getTime()] : []))
  expect(tickOf(after, 'town')).toEqual(tickOf(before, 'town'))
  expect(tickOf(after, 'city')).not.toEqual(tickOf(before, 'city'))
  expect(timingOf(town('1h'), now, new Map())).toEqual(timingOf(town('0s'), now, new Map()))
})

test('schedules that were made by a clock which was ahead are due again when it is set back, others are left', async () => {
  const city = source('city', { every: '1h' })
  const night = source('night', { every: '1h', quiet: { from: '23:00', to: '06:00' } })
  const town = source('town', { every: '1h' })
  await reconcileSchedules(database, [city, night], later(24 * 60))
  await reconcileSchedules(database, [town], now)
  await reconcileSchedules(database, [city, night], later(24 * 60))
  expect(await reconcileSchedules(database, [city, night, town], now)).toMatchObject({
    added: ['town'],
    late: ['city'],
  })
  expect(Number(await nextOf('city'))).toBeLessThan(later(91).getTime())
  // Quiet hours put ticks off until the morning.
  expect(await nextOf('night')).toEqual(later(24 * 60))
  expect(await reconcileSchedules(database, [city, night, town], now)).toMatchObject({ late: [] })
})

test('a tick is settled once, and not when its schedule was made anew meanwhile', async () => {
  await reconcileSchedules(database, [source('city', { every: '1h' })], now)
  const tick = { sourceId: 'city', dueAt: now, nextAt: later(60), jobId: null, run: null }
  await settleTicks(database, [tick])
  expect(await nextOf('city')).toEqual(later(60))
  await settleTicks(database, [{ ...tick, nextAt: later(30) }])
  expect(await nextOf('city')).toEqual(later(60))
})

test('a source with a job is not due until the job is over, and only that job ends it', async () => {
  await reconcileSchedules(database, [source('city', { every: '1h' })], now)
  await settleTicks(database, [{ sourceId: 'city', dueAt: now, nextAt: later(1), jobId: 'tick-1', run: null }])
  expect(await findDueSources(database, ['city'], later(2))).toEqual([])
  await endScheduledJob(database, 'city', 'tick-0')
  expect(await findDueSources(database, ['city'], later(2))).toEqual([])
  await endScheduledJob(database, 'city', 'tick-1')
  expect(await findDueSources(database, ['city'], later(2))).toMatchObject([{ sourceId: 'city', nextAt: later(1) }])
})

test('a job that nobody knows makes its source due again, one that ended lets it go on, others are waited for', async () => {
  const ids = ['lost', 'over', 'waiting', 'fresh', 'ahead']
  const sources = ids.map((id) => source(id, { every: '1h' }))
  await reconcileSchedules(database, sources, now)
  const ticks = ids.map((id) => ({ sourceId: id, dueAt: now, nextAt: later(60), jobId: id, run: null }))
  await settleTicks(database, ticks)
  await database.query(`update source_schedule set job_at = now() - interval '1 minute' where source_id <> 'fresh'`)
  // Noted by a clock that was set back since.
  await database.query(`update source_schedule set job_at = now() + interval '1 day' where source_id = 'ahead'`)
  const states = new Map<string, JobState>([
    ['over', 'ended'],
    ['waiting', 'waiting'],
  ])
  await mendScheduledJobs(database, { stateOf: async (id) => states.get(id) ?? 'absent' }, later(5))
  const left = await findSchedules(database)
  const of = (id: string) => left.find(({ sourceId }) => sourceId === id)
  for (const id of ['lost', 'ahead']) expect(of(id)).toMatchObject({ jobId: null, nextAt: later(5) })
  expect(of('over')).toMatchObject({ jobId: null, nextAt: later(60) })
  expect(of('waiting')).toMatchObject({ jobId: 'waiting', nextAt: later(60) })
  // It may be on its way into the queue.
  expect(of('fresh')).toMatchObject({ jobId: 'fresh', nextAt: later(60) })
})
