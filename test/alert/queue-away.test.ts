import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { webhookTarget } from '../../src/alert/alert-target.ts'
import { findTroubles } from '../../src/alert/find-troubles.ts'
import { lookOnce } from '../../src/alert/watch-over.ts'
import type { Database } from '../../src/archive/database.ts'
import { keepQueuesPaused } from '../../src/archive/schedule-pauses.ts'
import { saveSchedules } from '../../src/archive/source-schedules.ts'
import { openDeliveryQueue, type DeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { silent } from '../silent.ts'
import { after, startToldWebhook, type ToldWebhook } from './a-told-webhook.ts'

const requirement = findRequirement('redis')

describe.skipIf(requirement.isMissing)(`while Redis is away${requirement.note}`, () => {
  vi.setConfig({ testTimeout: 60_000 })
  let database: Database
  let redis: RunningRedis
  let queue: JobQueue
  let deliveries: DeliveryQueue
  let webhook: ToldWebhook

  beforeAll(async () => {
    database = await anArchive()
    redis = await startRedis(requirement.program)
    const store = { databaseUrl: database.connectionString, redisUrl: redis.url }
    queue = openJobQueue(store, silent)
    deliveries = openDeliveryQueue(store, silent)
    await queue.ready()
    webhook = await startToldWebhook()
  })
  afterAll(async () => {
    await webhook.close()
    await queue.close()
    await deliveries.close()
    await redis.stop()
    await database.close()
  })

  const find = (now: Date, patience = {}) =>
    findTroubles({ database, queue, deliveries, sources: [], freeBytes: 100 * 2 ** 20, ...patience }, now)
  const hasty = { queuePatienceMs: 300 }

  test('a queue that hangs is trouble by itself for as long as it does, and schedules that are late meanwhile are too', async () => {
    const at = new Date()
    const timing = { everyMs: 3_600_000, cron: null, timeZone: null, jitterMs: 0, anchorAt: at }
    await saveSchedules(database, [{ sourceId: 'city', nextAt: at, ...timing }])
    expect(await find(at)).toMatchObject([{ key: 'disk' }])
    redis.hang()
    const away = {
      key: 'queue-away',
      says: expect.stringContaining(`Redis at ${redis.url} did not answer within 0.3 s`),
    }
    expect(await find(at, hasty)).toMatchObject([{ key: 'disk' }, away])
    const late = new Date(at.getTime() + 15 * 60_000)
    expect(await find(late, hasty)).toMatchObject([{ key: 'disk' }, away, { key: 'queue' }])
    await keepQueuesPaused(database, ['crawls'], at)
    expect(await find(late, hasty)).toMatchObject([{ key: 'disk' }, away])
    redis.wake()
    expect(await find(at)).toMatchObject([{ key: 'disk' }])
  })

  test('a queue that is gone keeps nobody from being told of it and of all else', async () => {
    await redis.stop()
    const targets = [webhookTarget(webhook.sender, webhook.url)]
    for (const minute of [0, 1]) {
      await lookOnce(
        { database, targets, log: silent, afterMs: 60_000, findTroubles: () => find(new Date(), hasty) },
        after(minute),
      )
    }
    expect(webhook.told).toHaveLength(1)
    expect(webhook.told[0]).toContain('✗ disk: 100 MB free')
    expect(webhook.told[0]).toContain('✗ queue-away: ')
    expect(webhook.told[0]).toContain('ECONNREFUSED')
  })
})
