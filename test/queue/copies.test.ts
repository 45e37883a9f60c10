import { afterEach, describe, expect, test, vi } from 'vitest'
import { countArchive } from '../../src/archive/articles.ts'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { openJobQueue, type JobQueue, type RunningWorker } from '../../src/queue/job-queue.ts'
import { anArchive } from '../a-database.ts'
import { startRedis } from '../a-redis.ts'
import { aSave, keep } from '../an-article.ts'
import { findRequirement } from '../requirements.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

// A hang guard: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const redisServer = findRequirement('redis')
const release = [
  '环城高速西段改扩建工程今日通过竣工验收，双向四车道拓宽为八车道，全长三十七公里。',
  '工程历时二十六个月，沿线十一座互通立交同步改造，施工期间保持双向通行。',
  '交通运输厅表示，通车后西段高峰时段平均车速预计提高三成，货车绕城时间缩短四十分钟。',
]
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** A process's own pool and worker, which keeps the copy that its job names. */
function startWorker(archive: Database, queue: JobQueue, done: Set<string>): RunningWorker {
  const database = openDatabase(archive.connectionString, silent)
  const worker = queue.work(async ({ sourceId }) => {
    const number = Number(sourceId.split('-')[1])
    const bodyText = [...(number % 2 ? ['本报讯（记者甲）'] : []), ...release].join('\n')
    const copy = aSave({
      url: `https://copy.example/${number}`,
      title: `环城高速西段${number % 2 ? '完工' : '通过验收'}`,
      bodyText,
    })
    await database.transaction((client) => keep(client, copy))
    done.add(sourceId)
    return { kind: 'done' }
  }, 4)
  closers.push(
    () => database.close(),
    () => worker.stop(),
  )
  return worker
}

async function crawlCopies(redisUrl: string | null): Promise<{ articles: number; stories: number }> {
  const archive = await anArchive()
  closers.push(() => archive.close())
  const to = { databaseUrl: archive.connectionString, redisUrl }
  const queues = [openJobQueue(to, silent, quickTiming), openJobQueue(to, silent, quickTiming)]
  for (const queue of queues) closers.push(() => queue.close())
  await Promise.all(queues.map((queue) => queue.ready()))
  const done = new Set<string>()
  for (let number = 0; number < 12; number++) await queues[0]?.addCrawl(`copy-${number}`)
  for (const queue of queues) startWorker(archive, queue, done)
  await expect.poll(() => done.size, { timeout: 30_000 }).toBe(12)
  return countArchive(archive)
}

test('two workers that meet twelve copies at the same moment make one story, with the queue on PostgreSQL', async () => {
  expect(await crawlCopies(null)).toEqual({ articles: 12, stories: 1 })
})

describe.skipIf(redisServer.isMissing)(`with the queue on Redis${redisServer.note}`, () => {
  test('two workers that meet twelve copies at the same moment make one story', async () => {
    const redis = await startRedis(redisServer.program)
    closers.push(() => redis.stop())
    expect(await crawlCopies(redis.url)).toEqual({ articles: 12, stories: 1 })
  })
})
