import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { openSourceLeases } from '../../src/archive/source-lease.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { queueName } from '../../src/queue/jobs.ts'
import { stuckLocks } from '../../src/archive/stuck-locks.ts'
import { anEmptyDatabase } from '../a-database.ts'
import { silent } from '../silent.ts'
import { quickTiming } from '../queue/quick-timing.ts'

const dayMs = 86_400_000
const lockedUntil = async (database: Database): Promise<string[]> =>
  (await database.query<{ at: string }>('select locked_until_ms::text as at from bullmq.job')).rows.map(({ at }) => at)

const soon = { timeout: 20_000, interval: 200 }

async function withQueue() {
  const databaseUrl = await anEmptyDatabase()
  const database = openDatabase(databaseUrl, silent)
  onTestFinished(() => database.close())
  const queue = openJobQueue({ databaseUrl, redisUrl: null }, silent, quickTiming)
  onTestFinished(() => queue.close())
  await queue.ready()
  // Twice as long as a worker takes to renew a lock.
  const look = stuckLocks(database, [queueName], { renewedWithinMs: quickTiming.lockDurationMs })
  return { databaseUrl, database, queue, look }
}

/** Takes a job with a clock that is a day ahead. @returns ends it as a crash does, and puts its clock right */
async function aWorkerAhead(databaseUrl: string): Promise<{ die: () => void; setBack: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'newsfold-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const clock = join(folder, 'clock')
  await writeFile(clock, String(dayMs))
  const child = fork('test/queue/hold-job.ts', [JSON.stringify({ databaseUrl, redisUrl: null })], {
    execArgv: ['--import', 'tsx', '--import', './bench/chaos/moved-clock.mjs'],
    env: { ...process.env, CHAOS_CLOCK: clock },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return { die: () => void child.kill('SIGKILL'), setBack: () => writeFile(clock, '0') }
}

test('a job of a worker that died with its clock ahead is worked on by another', async () => {
  const { databaseUrl, queue, look } = await withQueue()
  await queue.addCrawl('city')
  const { die } = await aWorkerAhead(databaseUrl)
  die()
  const worker = queue.work(() => Promise.resolve({ kind: 'done' }), 1)
  onTestFinished(() => worker.stop())
  const mended: number[] = []
  const lookAndCount = async () => {
    mended.push(await look(new Date()))
    return await queue.counts()
  }
  await expect.poll(lookAndCount, soon).toMatchObject({ completed: 1, active: 0 })
  expect(mended[0]).toBe(0)
  expect(mended.filter((count) => count > 0)).not.toEqual([])
}, 60_000)

test.each(['stays ahead', 'is set back'])(
  'a worker that lives keeps what it has while its clock %s',
  async (what) => {
    const { databaseUrl, database, queue, look } = await withQueue()
    const leases = openSourceLeases(database, silent)
    onTestFinished(() => leases.close())
    await queue.addCrawl('city')
    const { setBack } = await aWorkerAhead(databaseUrl)
    // As every worker has of what it crawls.
    expect(await leases.take('city')).not.toBeNull()
    if (what === 'is set back') await setBack()
    const [before] = await lockedUntil(database)
    for (const end = performance.now() + 3 * quickTiming.lockDurationMs; performance.now() < end;) {
      await look(new Date())
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const [after] = await lockedUntil(database)
    // One that was set back renews nothing until it is there again.
    expect(Number(after) > Number(before)).toBe(what === 'stays ahead')
    expect(await queue.counts()).toMatchObject({ active: 1, waiting: 0 })
  },
  60_000,
)

test('jobs of other programs on the same database are left alone', async () => {
  const { database, queue, look } = await withQueue()
  await queue.addCrawl('city')
  const dayAhead = Date.now() + dayMs
  await database.query(
    `update bullmq.job set queue = 'theirs', state = 'active', lock_token = 'x', locked_until_ms = $1`,
    [dayAhead],
  )
  await look(new Date())
  await new Promise((resolve) => setTimeout(resolve, quickTiming.lockDurationMs + 100))
  expect(await look(new Date())).toBe(0)
  expect(await lockedUntil(database)).toEqual([String(dayAhead)])
}, 60_000)
