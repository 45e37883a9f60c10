import { Queue } from 'bullmq'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  openJobQueue,
  tickJobId,
  type JobQueue,
  type JobResult,
  type RunningWorker,
  type Tick,
} from '../../src/queue/job-queue.ts'
import { queueName } from '../../src/queue/jobs.ts'
import { keyPrefix } from '../../src/queue/queue-store.ts'
import { connectRedis, postgresBackend, postgresConnection } from '../../src/queue/store-connection.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

/** An empty store for each test. */
export interface Store {
  readonly databaseUrl: string
  readonly redisUrl: string | null
}

const done: JobResult = { kind: 'done' }
const soon = { timeout: 20_000 }

/** As versions before 0.2 made them: one job scheduler a source. */
async function withOldSchedules(store: Store, ids: readonly string[]): Promise<void> {
  const add = async (queue: Pick<Queue, 'upsertJobScheduler' | 'close'>): Promise<void> => {
    for (const id of ids) {
      await queue.upsertJobScheduler(
        `crawl-${id}`,
        { every: 3_600_000, startDate: new Date(Date.now() + 3_600_000) },
        { name: 'crawl-source', data: { sourceId: id, jitterMs: 0 } },
      )
    }
    await queue.close()
  }
  const prefix = keyPrefix(store)
  if (store.redisUrl === null) {
    const connection = postgresConnection(store.databaseUrl, 2)
    return add(new Queue(queueName, { connection, prefix }, postgresBackend))
  }
  const connection = connectRedis(store.redisUrl)
  await add(new Queue(queueName, { connection, prefix }))
  connection.disconnect()
}

/** What every backend of the queue does. One suite, so that no backend is tested more kindly than another. */
export function testJobQueue(backend: JobQueue['backend'], emptyStore: () => Promise<Store>): void {
  // A hang guard: a busy machine takes its time.
  vi.setConfig({ testTimeout: 60_000 })
  let store: Store
  let queue: JobQueue
  const workers: RunningWorker[] = []
  const children: ChildProcess[] = []

  beforeEach(async () => {
    store = await emptyStore()
    queue = openJobQueue(store, silent, quickTiming)
    await queue.ready()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await Promise.all(workers.splice(0).map((worker) => worker.stop()))
    await queue.close()
  })

  const work = (process: (sourceId: string) => JobResult | Promise<JobResult>, concurrency = 2): RunningWorker => {
    const worker = queue.work(async ({ sourceId }) => process(sourceId), concurrency)
    workers.push(worker)
    return worker
  }

  test('it says which backend it is on', () => {
    expect(queue.backend).toBe(backend)
  })

  test('a crawl that was added is worked on once and counted as completed', async () => {
    const seen: string[] = []
    work((id) => {
      seen.push(id)
      return done
    })
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, waiting: 0, active: 0, failed: 0 })
    expect(seen).toEqual(['city'])
  })

  test('a second crawl of a source that waits already is not added, one of another source is', async () => {
    await queue.addCrawl('city')
    await queue.addCrawl('city')
    await queue.addCrawl('ministry')
    expect((await queue.counts()).waiting).toBe(2)
  })

  test('a source can be added again once its crawl is over', async () => {
    let runs = 0
    work(() => {
      runs++
      return done
    })
    for (const expected of [1, 2]) {
      await queue.addCrawl('city')
      await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: expected, active: 0 })
    }
    expect(runs).toBe(2)
  })

  test('a failing job is tried four times, each time after a longer wait, and then kept with its reason', async () => {
    const tries: number[] = []
    work(() => {
      tries.push(Date.now())
      throw new Error(`no listing, try ${tries.length}`)
    })
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ failed: 1, delayed: 0, active: 0 })
    const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    expect(waits).toHaveLength(3)
    // 200, 400 and 800 ms, less up to 30 % of jitter: none may be shorter.
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(200 * 2 ** index * 0.7 - 20)
    expect(await queue.failed(10)).toMatchObject([{ sourceId: 'city', reason: 'no listing, try 4', attempts: 4 }])
    expect((await queue.failed(10))[0]?.failedAt).toBeInstanceOf(Date)
  })

  test('failed jobs are put back on request, and listed no more when they succeed', async () => {
    let isBroken = true
    work(() => {
      if (isBroken) throw new Error('broken')
      return done
    })
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ failed: 1, active: 0 })
    isBroken = false
    expect(await queue.retryFailed()).toBe(1)
    await expect.poll(() => queue.counts(), soon).toMatchObject({ failed: 0, completed: 1 })
    expect(await queue.failed(10)).toEqual([])
    expect(await queue.retryFailed()).toBe(0)
  })

  test('a job whose worker process is killed in the middle is worked on by another one', async () => {
    await queue.addCrawl('city')
    const child = fork('test/queue/hold-job.ts', [JSON.stringify(store)], { execArgv: ['--import', 'tsx'] })
    children.push(child)
    expect((await once(child, 'message'))[0]).toBe('city')
    expect((await queue.counts()).active).toBe(1)
    child.kill('SIGKILL')
    const seen: string[] = []
    work((id) => {
      seen.push(id)
      return done
    })
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, active: 0, failed: 0 })
    expect(seen).toEqual(['city'])
  })

  test('a worker that stops ends the job it has, and what it hands back is done by the next', async () => {
    const release = new AbortController()
    let isStarted = false
    const first = work(async () => {
      isStarted = true
      await once(release.signal, 'abort')
      return { kind: 'handed-back' }
    }, 1)
    await queue.addCrawl('city')
    await expect.poll(() => isStarted, soon).toBe(true)
    const stopped = first.stop()
    release.abort()
    await stopped
    expect(await queue.counts()).toMatchObject({ active: 0, completed: 0, failed: 0 })
    const seen: string[] = []
    work((id) => {
      seen.push(id)
      return done
    })
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, waiting: 0, delayed: 0 })
    expect(seen).toEqual(['city'])
  })

  test('a job that is handed back for later says so when it starts again, and not before its time', async () => {
    const starts: { isAgain: boolean; at: number }[] = []
    workers.push(
      queue.work(async (_data, { isAgain }) => {
        starts.push({ isAgain, at: Date.now() })
        return isAgain ? done : { kind: 'handed-back', afterMs: 700 }
      }, 1),
    )
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, active: 0, delayed: 0 })
    expect(starts.map(({ isAgain }) => isAgain)).toEqual([false, true])
    expect((starts[1]?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThanOrEqual(690)
  })

  test('a job that a clock put off which was ahead starts when it is looked for, one that waits its time does not', async () => {
    const dayMs = 86_400_000
    const realNow = Date.now.bind(Date)
    const ahead = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + dayMs)
    const seen: string[] = []
    work((id) => {
      seen.push(id)
      const isFirst = seen.filter((each) => each === id).length === 1
      return isFirst ? { kind: 'handed-back', afterMs: 60_000 } : done
    }, 1)
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ delayed: 1, active: 0 })
    ahead.mockRestore()
    await queue.addCrawl('ministry')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ delayed: 2, active: 0 })
    expect(await queue.startFarOff(new Date(Date.now() + dayMs))).toBe(0)
    expect(await queue.startFarOff(new Date())).toBe(1)
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, delayed: 1 })
    expect(seen).toEqual(['city', 'ministry', 'city'])
  })

  test('nothing starts while the queue is paused, and everything after it goes on', async () => {
    let runs = 0
    await queue.pause()
    work(() => {
      runs++
      return done
    })
    await queue.addCrawl('city')
    expect(await queue.isPaused()).toBe(true)
    expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0 })
    await queue.addCrawl('ministry')
    expect(runs).toBe(0)
    await queue.resume()
    expect(await queue.isPaused()).toBe(false)
    await expect.poll(() => runs, soon).toBe(2)
  })

  test('a job says its id, and whether a schedule or a person asked for it', async () => {
    const ticks: Tick[] = []
    workers.push(
      queue.work(async (_data, tick) => {
        ticks.push(tick)
        return done
      }, 1),
    )
    await queue.addCrawl('city')
    await expect.poll(() => ticks, soon).toMatchObject([{ isScheduled: false, isAgain: false }])
    await queue.addTick('city', new Date(1_000_000))
    await expect.poll(() => ticks.length, soon).toBe(2)
    expect(ticks[1]).toEqual({ jobId: 'tick-city-1000000', isScheduled: true, isAgain: false })
  })

  test('a tick is one job however often it is added, and the queue knows how it stands', async () => {
    const at = new Date()
    const jobId = tickJobId('city', at)
    expect(await queue.stateOf(jobId)).toBe('absent')
    for (let n = 0; n < 3; n++) await queue.addTick('city', at)
    expect(await queue.counts()).toMatchObject({ waiting: 1 })
    expect(await queue.stateOf(jobId)).toBe('waiting')
    const ending = new AbortController()
    work(async () => {
      // The queue may say that it is active before this is asked.
      if (!ending.signal.aborted) await once(ending.signal, 'abort')
      return done
    })
    await expect.poll(() => queue.stateOf(jobId), soon).toBe('active')
    ending.abort()
    await expect.poll(() => queue.stateOf(jobId), soon).toBe('ended')
  })

  test('a job that finds the archive away is not given up, however often', async () => {
    let runs = 0
    work(() => {
      if (++runs <= 10) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      return done
    })
    await queue.addCrawl('city')
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, failed: 0 })
    expect(runs).toBe(11)
  })

  test('jobs that take long go behind those that do not, also when they are handed back', async () => {
    const seen: string[] = []
    await queue.pause()
    await queue.addTick('first-crawl', new Date(1_000_000), true)
    await queue.addTick('archive', new Date(1_000_000))
    await queue.addTick('news', new Date(1_000_000))
    expect(await queue.counts()).toMatchObject({ waiting: 3 })
    expect(await queue.countNews()).toBe(2)
    work((id) => {
      seen.push(id)
      return id === 'archive' && seen.length === 1 ? { kind: 'handed-back', isLong: true } : done
    }, 1)
    await queue.resume()
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 3, waiting: 0, delayed: 0 })
    expect(seen.slice(0, 2)).toEqual(['archive', 'news'])
    expect(seen.slice(2).toSorted()).toEqual(['archive', 'first-crawl'])
  })

  test('a long job that has waited for too long has its turn before what comes after it', async () => {
    await queue.pause()
    await queue.addTick('first-crawl', new Date(1_000_000), true)
    const added = new Date()
    expect(await queue.hastenLong(new Date(added.getTime() - 60_000))).toBe(0)
    expect(await queue.hastenLong(new Date(added.getTime() + 60_000))).toBe(1)
    await queue.addTick('news', new Date(1_000_000))
    const seen: string[] = []
    work((id) => {
      seen.push(id)
      return done
    }, 1)
    await queue.resume()
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 2 })
    expect(seen).toEqual(['first-crawl', 'news'])
  })

  test('a job that was given up has ended, one that is tried again waits', async () => {
    const at = new Date()
    work(() => {
      throw new Error('no listing')
    })
    await queue.addTick('city', at)
    await expect.poll(() => queue.stateOf(tickJobId('city', at)), soon).toBe('ended')
    expect(await queue.failed(10)).toMatchObject([{ sourceId: 'city', attempts: 4 }])
  })

  test('schedules that an older program kept in the queue are removed with their next jobs', async () => {
    await withOldSchedules(store, ['city', 'ministry'])
    expect((await queue.counts()).delayed).toBe(2)
    expect(await queue.removeOldSchedules()).toBe(2)
    expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0 })
    expect(await queue.removeOldSchedules()).toBe(0)
  })
}
