import { afterEach, expect, test } from 'vitest'
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

test('a schedule that somebody changed in the store is put right when what is known of it is old', async () => {
  const database = await anArchive()
  closers.push(() => database.close())
  const queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent)
  closers.push(() => queue.close())
  await queue.ready()
  const sources = [
    sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://city.example/'], schedule: { every: '1h' } }),
  ]
  const keeper = keepSchedules(queue, database, { sources: () => sources }, silent, { believedMs: 0 })
  closers.push(() => keeper.stop())
  const every = async () => (await queue.schedule('crawl-city'))?.every
  await expect.poll(every, soon).toBe(3_600_000)
  await queue.upsertSchedule(
    'crawl-city',
    { every: 7_200_000, startDate: new Date() },
    { sourceId: 'city', jitterMs: 0 },
  )
  keeper.changed()
  await expect.poll(every, soon).toBe(3_600_000)
}, 60_000)
