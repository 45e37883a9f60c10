import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { sourceSchema } from '../../src/model/source.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { reconcileSchedules } from '../../src/queue/schedules.ts'
import { watchSources } from '../../src/server/source-facts.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'

const source = sourceSchema.parse({ id: 'city', name: '市政府', listings: ['https://city.example/'] })

let database: Database
let queue: JobQueue

beforeAll(async () => {
  database = await anArchive()
  queue = openJobQueue({ databaseUrl: database.connectionString, redisUrl: null }, silent)
  await queue.ready()
  await reconcileSchedules(database, [source], new Date())
})
afterAll(async () => {
  await queue.close()
  await database.close()
})

test('a queue that takes long to answer keeps no reader waiting, and is asked by one at a time', async () => {
  let isSlow = false
  let asked = 0
  const slowly = async () => {
    asked++
    if (isSlow) await sleep(60_000, undefined, { ref: false })
    return queue.isPaused()
  }
  const watch = watchSources({
    database,
    sources: () => new Map([[source.id, source]]),
    queue: () => ({ ...queue, isPaused: slowly }),
    now: () => new Date(),
  })
  await queue.pause()
  const [before] = await watch.all()
  expect(before).toMatchObject({ isPaused: true, nextRunAt: expect.any(Date) })
  isSlow = true
  await queue.resume()
  const seen = await Promise.all([watch.all({ isFresh: true }), watch.all({ isFresh: true }), watch.all()])
  const same = { isPaused: true, nextRunAt: before?.nextRunAt }
  expect(seen).toMatchObject([[same], [same], [same]])
  expect(asked).toBe(2)
})
