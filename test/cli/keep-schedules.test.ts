import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { keepQueuesPaused } from '../../src/archive/schedule-pauses.ts'
import { findSchedules, settleTicks } from '../../src/archive/source-schedules.ts'
import { keepSchedules } from '../../src/cli/keep-schedules.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openDeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { keepPauses } from '../../src/queue/kept-pauses.ts'
import { pauseCrawls, resumeCrawls } from '../../src/queue/steer.ts'
import type { QueueStore } from '../../src/queue/queue-store.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { startRedis } from '../a-redis.ts'
import { describeOnRedis } from '../on-redis.ts'
import { findRequirement } from '../requirements.ts'
import { silent } from '../silent.ts'

const soon = { timeout: 30_000 }
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function openQueues(store: QueueStore) {
  const queue = openJobQueue(store, silent)
  const deliveries = openDeliveryQueue(store, silent)
  closers.push(
    () => queue.close(),
    () => deliveries.close(),
  )
  await queue.ready()
  return { queue, deliveries }
}

test('a schedule that somebody changed in the archive is put right when what is known of it is old', async () => {
  const database = await anArchive()
  closers.push(() => database.close())
  const { queue, deliveries } = await openQueues({ databaseUrl: database.connectionString, redisUrl: null })
  const sources = [
    sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://city.example/'], schedule: { every: '1h' } }),
  ]
  const keeper = keepSchedules({ queue, deliveries }, database, { sources: () => [...sources] }, silent, {
    believedMs: 0,
  })
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
  const { queue, deliveries } = await openQueues({ databaseUrl: database.connectionString, redisUrl: null })
  const sources = [
    sourceSchema.parse({ id: 'city', name: 'city', listings: ['https://city.example/'], schedule: { every: '1h' } }),
  ]
  const keeper = keepSchedules({ queue, deliveries }, database, { sources: () => sources }, silent)
  closers.push(() => keeper.stop())
  const first = async () => (await findSchedules(database))[0]
  await expect.poll(first, soon).toBeDefined()
  const dueAt = (await first())?.nextAt ?? new Date()
  const nextAt = new Date(dueAt.getTime() + 3_600_000)
  await settleTicks(database, [{ sourceId: 'city', dueAt, nextAt, jobId: 'tick-city-0', run: null }])
  await expect.poll(async () => (await first())?.jobId, soon).toBeNull()
  expect((await first())?.nextAt.getTime()).toBeLessThanOrEqual(Date.now())
}, 60_000)

describeOnRedis((url) => {
  test('a pause of everything outlives a Redis that lost everything', async () => {
    const database = await anArchive()
    closers.push(() => database.close())
    const queues = await openQueues({ databaseUrl: database.connectionString, redisUrl: url() })
    const keeper = keepSchedules(queues, database, { sources: () => [] }, silent)
    closers.push(() => keeper.stop())
    const { queue, deliveries } = queues
    const areHeld = () => Promise.all([queue.isPaused(), deliveries.isPaused()])
    const steering = { ...queues, database, sources: [] }
    await pauseCrawls(steering, 'everything', new Date())
    const client = new Redis(url())
    closers.push(async () => client.disconnect())
    await client.flushall()
    await expect.poll(areHeld, soon).toEqual([true, true])
    await resumeCrawls(steering, 'everything')
    await client.flushall()
    expect(await keepPauses(database, { crawls: queue, deliveries })).toEqual([])
  }, 60_000)
})

const requirement = findRequirement('redis')

test.skipIf(requirement.isMissing)(
  `a source that comes while Redis is away has its schedule at once, and a pause is put back afterwards${requirement.note}`,
  async () => {
    const database = await anArchive()
    const redis = await startRedis(requirement.program)
    closers.push(
      () => redis.stop(),
      () => database.close(),
    )
    const queues = await openQueues({ databaseUrl: database.connectionString, redisUrl: redis.url })
    let ids = ['city']
    const sources = () =>
      ids.map((id) =>
        sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`], schedule: { every: '1h' } }),
      )
    const keeper = keepSchedules(queues, database, { sources }, silent)
    closers.push(() => keeper.stop())
    const scheduled = async () => (await findSchedules(database)).map(({ sourceId }) => sourceId).toSorted()
    await expect.poll(scheduled, soon).toEqual(['city'])
    redis.hang()
    ids = ['city', 'town']
    keeper.changed()
    await expect.poll(scheduled, soon).toEqual(ids)
    await keepQueuesPaused(database, ['crawls'], new Date())
    redis.wake()
    await expect.poll(() => queues.queue.isPaused(), soon).toBe(true)
  },
  60_000,
)
