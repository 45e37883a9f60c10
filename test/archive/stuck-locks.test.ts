import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/archive/database.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { stuckLocks } from '../../src/archive/stuck-locks.ts'
import { anEmptyDatabase } from '../a-database.ts'
import { silent } from '../silent.ts'
import { quickTiming } from '../queue/quick-timing.ts'

const dayMs = 86_400_000
const soon = { timeout: 20_000, interval: 200 }

async function withQueue() {
  const databaseUrl = await anEmptyDatabase()
  const database = openDatabase(databaseUrl, silent)
  onTestFinished(() => database.close())
  const queue = openJobQueue({ databaseUrl, redisUrl: null }, silent, quickTiming)
  onTestFinished(() => queue.close())
  await queue.ready()
  // Twice as long as a worker takes to renew a lock.
  return { databaseUrl, queue, look: stuckLocks(database, { renewedWithinMs: quickTiming.lockDurationMs }) }
}

/** Takes a job with a clock that is a day ahead. @returns ends it as a crash does */
async function aWorkerAhead(databaseUrl: string): Promise<() => void> {
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
  return () => void child.kill('SIGKILL')
}

test('a job of a worker that died with its clock ahead is worked on by another', async () => {
  const { databaseUrl, queue, look } = await withQueue()
  await queue.addCrawl('city')
  const die = await aWorkerAhead(databaseUrl)
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

test('a worker that lives keeps what it has, whatever its clock', async () => {
  const { databaseUrl, queue, look } = await withQueue()
  await queue.addCrawl('city')
  await aWorkerAhead(databaseUrl)
  for (const end = performance.now() + 3 * quickTiming.lockDurationMs; performance.now() < end;) {
    expect(await look(new Date())).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  expect(await queue.counts()).toMatchObject({ active: 1, waiting: 0 })
}, 60_000)
