import { afterEach, expect, test } from 'vitest'
import { findSchedules, settleTicks } from '../../src/archive/source-schedules.ts'
import { keepSchedules } from '../../src/cli/keep-schedules.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

const soon = { timeout: 30_000 }
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

test('a schedule that somebody changed in the archive is put right when what is known of it is old', async () => {
  const database = await anArchive()
  closers.push(() => database.close())
  const queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent)
  closers.push(() => queue.close())
  await queue.ready()
  const sources = [
    sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://city.example/'], schedule: { every: '1h' } }),
  ]
  const keeper = keepSchedules(queue, database, { sources: () => [...sources] }, silent, { believedMs: 0 })
  closers.push(() => keeper.stop())
  const every = async () => (await findSchedules(database))[0]?.everyMs
  await expect.poll(every, soon).toBe(3_600_000)
  await database.query('update source_schedule set every_ms = 7200000')
  keeper.changed()
  await expect.poll(every, soon).toBe(3_600_000)
}, 60_000)

test('a source whose job is lost with an emptied queue is due again soon', async () => {
  const database = await anArchive()
  closers.push(() => database.close())
  const queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent)
  closers.push(() => queue.close())
  await queue.ready()
  const sources = [
    sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://city.example/'], schedule: { every: '1h' } }),
  ]
  const keeper = keepSchedules(queue, database, { sources: () => sources }, silent)
  closers.push(() => keeper.stop())
  const first = async () => (await findSchedules(database))[0]
  await expect.poll(first, soon).toBeDefined()
  const dueAt = (await first())?.nextAt ?? new Date()
  const nextAt = new Date(dueAt.getTime() + 3_600_000)
  await settleTicks(database, [{ sourceId: 'city', dueAt, nextAt, jobId: 'tick-city-0', run: null }])
  await expect.poll(async () => (await first())?.jobId, soon).toBeNull()
  expect((await first())?.nextAt.getTime()).toBeLessThanOrEqual(Date.now())
}, 60_000)
