import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { silent } from '../silent.ts'
import { testJobQueue } from './job-queue-conformance.ts'
import { quickTiming } from './quick-timing.ts'

const requirement = findRequirement('redis')
/** Never asked: with a Redis the queue has no business with PostgreSQL. */
const databaseUrl = 'postgresql://nobody@127.0.0.1:1/none'

const openOf = (installation: string, redis: RunningRedis) =>
  openJobQueue({ databaseUrl, redisUrl: redis.url, installation }, silent, quickTiming)

describe.skipIf(requirement.isMissing)(`on Redis${requirement.note}`, () => {
  let redis: RunningRedis
  beforeAll(async () => {
    redis = await startRedis(requirement.program)
  })
  afterAll(() => redis.stop())

  testJobQueue('redis', async () => {
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    return { databaseUrl, redisUrl: redis.url }
  })

  test('queues of two archives on one Redis know nothing of each other', async () => {
    const queues = { ours: openOf('a', redis), oursAgain: openOf('a', redis), theirs: openOf('b', redis) }
    const seen: string[] = []
    const worker = queues.theirs.work(async ({ sourceId }) => {
      seen.push(sourceId)
      return { kind: 'done' }
    }, 1)
    try {
      await queues.ours.addCrawl('city')
      await queues.ours.pause()
      await queues.theirs.addCrawl('town')
      await expect.poll(() => queues.theirs.counts(), { timeout: 20_000 }).toMatchObject({ completed: 1, active: 0 })
      expect(seen).toEqual(['town'])
      expect(await queues.theirs.isPaused()).toBe(false)
      expect(await queues.oursAgain.isPaused()).toBe(true)
      expect(await queues.oursAgain.counts()).toMatchObject({ waiting: 1, completed: 0 })
    } finally {
      await worker.stop()
      await Promise.all(Object.values(queues).map((queue) => queue.close()))
    }
  })
})

test('a Redis that does not answer is an error in one line, without its password, and no endless wait', async () => {
  const port = await freePort(null)
  const redisUrl = `redis://:hunter2@127.0.0.1:${port}`
  const queue = openJobQueue({ databaseUrl, redisUrl }, silent, { ...quickTiming, readyMs: 300 })
  const failure = await queue.ready().catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'queue.unreachable', message: expect.stringContaining('REDIS_URL') })
  expect(String(failure)).toContain('ECONNREFUSED')
  expect(String(failure)).not.toContain('hunter2')
  expect(String(failure)).not.toContain('\n')
})
