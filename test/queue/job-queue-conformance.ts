import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import {
  openJobQueue,
  type JobQueue,
  type JobResult,
  type RunningWorker,
  type Tick,
} from '../../src/queue/job-queue.ts'
import { scheduleId } from '../../src/queue/jobs.ts'
import { replaceLateSchedules } from '../../src/queue/late-schedules.ts'
import { reconcileSchedules, type KnownSchedules } from '../../src/queue/schedules.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

/** An empty store for each test. */
export interface Store {
  readonly databaseUrl: string
  readonly redisUrl: string | null
}

const done: JobResult = { kind: 'done' }
const soon = { timeout: 20_000 }
const source = (id: string, schedule: Record<string, unknown>, more: Record<string, unknown> = {}): Source =>
  sourceSchema.parse({ id, name: id, listings: ['https://a.example/'], schedule, ...more })

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

  test('a schedule by interval ticks again and again', async () => {
    let runs = 0
    work(() => {
      runs++
      return done
    })
    await queue.upsertSchedule('crawl-city', { every: 300, startDate: new Date() }, { sourceId: 'city', jitterMs: 0 })
    await expect.poll(() => runs, soon).toBeGreaterThanOrEqual(3)
  })

  test('a job says whether a schedule or a person asked for it, and how late its first start is', async () => {
    const ticks: Tick[] = []
    const worker = queue.work(async (_data, tick) => {
      ticks.push(tick)
      return done
    }, 1)
    workers.push(worker)
    await queue.addCrawl('city')
    await expect.poll(() => ticks, soon).toEqual([{ isScheduled: false, lateMs: null, isAgain: false }])
    await worker.stop()
    await queue.upsertSchedule('crawl-city', { every: 400, startDate: new Date() }, { sourceId: 'city', jitterMs: 0 })
    await sleep(1500)
    const late: Tick[] = []
    workers.push(
      queue.work(async (_data, tick) => {
        late.push(tick)
        return done
      }, 1),
    )
    await expect.poll(() => late.length, soon).toBeGreaterThanOrEqual(1)
    expect(late[0]?.isScheduled).toBe(true)
    // Nobody was there to start it for more than a second.
    expect(late[0]?.lateMs).toBeGreaterThan(1000)
  })

  test('a tick outside the rhythm is one however often it is added, waits for its time, and counts as scheduled', async () => {
    const at = new Date(Date.now() + 1500)
    for (let n = 0; n < 3; n++) await queue.addTick('city', at)
    await queue.addTick('ministry', new Date(Date.now() + 3_600_000))
    const seen: { sourceId: string; tick: Tick; isEarly: boolean }[] = []
    workers.push(
      queue.work(async ({ sourceId }, tick) => {
        seen.push({ sourceId, tick, isEarly: new Date() < at })
        return done
      }, 2),
    )
    await expect.poll(() => queue.counts(), soon).toMatchObject({ completed: 1, delayed: 1 })
    expect(seen).toMatchObject([{ sourceId: 'city', tick: { isScheduled: true }, isEarly: false }])
  })

  test('a schedule by cron ticks, each tick put off by its jitter', async () => {
    const seconds: number[] = []
    work(() => {
      seconds.push(Date.now())
      return done
    })
    const data = { sourceId: 'city', jitterMs: 200 }
    await queue.upsertSchedule('crawl-city', { pattern: '* * * * * *', tz: 'Asia/Shanghai' }, data)
    await expect.poll(() => seconds.length, soon).toBeGreaterThanOrEqual(2)
  })

  test('a cron schedule is due by the clock of its zone', async () => {
    await queue.upsertSchedule(
      'crawl-city',
      { pattern: '30 9 * * *', tz: 'Asia/Shanghai' },
      { sourceId: 'city', jitterMs: 0 },
    )
    await queue.upsertSchedule(
      'crawl-sec',
      { pattern: '30 9 1 7 *', tz: 'America/New_York' },
      { sourceId: 'sec', jitterMs: 0 },
    )
    const next = new Map((await queue.schedules()).map(({ id, nextAt }) => [id, nextAt?.toISOString().slice(11)]))
    expect(next).toEqual(
      new Map([
        ['crawl-city', '01:30:00.000Z'],
        ['crawl-sec', '13:30:00.000Z'],
      ]),
    )
  })

  test('putting one schedule in twice, also from two processes, makes one tick at a time', async () => {
    const other = openJobQueue(store, silent, quickTiming)
    const repeat = { every: 3_600_000, startDate: new Date(Date.now() + 3_600_000) }
    for (const each of [queue, other, queue]) {
      await each.upsertSchedule('crawl-city', repeat, { sourceId: 'city', jitterMs: 0 })
    }
    await other.close()
    expect(await queue.schedules()).toMatchObject([{ id: 'crawl-city', every: 3_600_000, pattern: null }])
    expect((await queue.counts()).delayed).toBe(1)
  })

  test('a schedule that is removed takes its next tick with it', async () => {
    const repeat = { every: 3_600_000, startDate: new Date(Date.now() + 3_600_000) }
    await queue.upsertSchedule('crawl-city', repeat, { sourceId: 'city', jitterMs: 0 })
    await queue.removeSchedule('crawl-city')
    expect(await queue.schedules()).toEqual([])
    expect(await queue.counts()).toMatchObject({ waiting: 0, delayed: 0 })
  })

  test('schedules follow the sources: new ones are looked at now, changed ones replaced, others removed', async () => {
    const city = source('city', { every: '1h' })
    const ministry = source('ministry', { cron: '0 9 * * *' })
    const before = await reconcileSchedules(
      queue,
      [city, ministry, source('off', { every: '1h' }, { enabled: false })],
      new Date(),
    )
    expect(before).toEqual({ added: ['city', 'ministry'], changed: [], removed: [] })
    expect((await queue.counts()).waiting).toBe(2)
    const again = await reconcileSchedules(queue, [city, ministry], new Date())
    expect(again).toEqual({ added: [], changed: [], removed: [] })
    const after = await reconcileSchedules(queue, [source('city', { every: '2h' })], new Date())
    expect(after).toEqual({ added: [], changed: ['city'], removed: ['ministry'] })
    expect(await queue.schedules()).toMatchObject([{ id: scheduleId('city'), every: 7_200_000 }])
    expect((await queue.counts()).waiting).toBe(2)
  })

  test('schedules that were made by a clock which was ahead are due again when it is set back, others are left', async () => {
    const now = new Date()
    const tomorrow = new Date(now.getTime() + 86_400_000)
    const city = source('city', { every: '1h' })
    const sec = source('sec', { cron: '*/10 * * * *' })
    const town = source('town', { every: '1h' })
    await reconcileSchedules(queue, [city], tomorrow)
    await reconcileSchedules(queue, [city, town, sec], now)
    expect(await replaceLateSchedules(queue, [city, town, sec], now)).toEqual(['city'])
    const schedules = await queue.schedules()
    expect(schedules).toHaveLength(3)
    for (const { nextAt } of schedules) expect(nextAt?.getTime()).toBeLessThan(now.getTime() + 7_300_000)
    expect(await replaceLateSchedules(queue, [city, town, sec], now)).toEqual([])
    // An hour earlier a schedule of every ten minutes is late, one of every hour is not yet.
    const before = new Date(now.getTime() - 3_600_000)
    expect(await replaceLateSchedules(queue, [city, town, sec], before)).toEqual(['sec'])
  })

  test('an adaptive source is asked as often as it was learned to publish, and its schedule moves with that', async () => {
    const sources = [source('city', { adaptive: { min: '10m', max: '6h' } })]
    await reconcileSchedules(queue, sources, new Date())
    expect(await queue.schedules()).toMatchObject([{ id: scheduleId('city'), every: 1_800_000 }])
    const learned = new Map([['city', 7_200_000]])
    expect(await reconcileSchedules(queue, sources, new Date(), { intervals: learned })).toMatchObject({
      changed: ['city'],
    })
    expect(await reconcileSchedules(queue, sources, new Date(), { intervals: learned })).toMatchObject({ changed: [] })
    expect(await queue.schedules()).toMatchObject([{ id: scheduleId('city'), every: 7_200_000 }])
  })

  test('a queue that lost everything is filled again from the sources', async () => {
    const sources = [source('city', { every: '1h' }), source('ministry', { cron: '0 9 * * *', jitter: '5m' })]
    await reconcileSchedules(queue, sources, new Date())
    await queue.close()
    store = await emptyStore()
    queue = openJobQueue(store, silent, quickTiming)
    expect(await queue.schedules()).toEqual([])
    const changes = await reconcileSchedules(queue, sources, new Date())
    expect(changes.added).toEqual(['city', 'ministry'])
    expect((await queue.schedules()).map(({ id }) => id).toSorted()).toEqual(['crawl-city', 'crawl-ministry'])
    expect((await queue.counts()).waiting).toBe(2)
  })

  test('a new source whose first crawl could not be added is crawled at once all the same when the queue is back', async () => {
    const away = { ...queue, addCrawl: () => Promise.reject(new Error('away')) }
    const sources = [source('city', { every: '1h' })]
    await expect(reconcileSchedules(away, sources, new Date())).rejects.toThrow('away')
    expect(await reconcileSchedules(queue, sources, new Date())).toMatchObject({ added: ['city'] })
    expect((await queue.counts()).waiting).toBe(1)
  })

  test('who remembers the schedules that it made still sees that one was lost, and that a source was changed', async () => {
    const known: KnownSchedules = new Map()
    const sources = [source('city', { every: '1h' }), source('ministry', { cron: '0 9 * * *' })]
    await reconcileSchedules(queue, sources, new Date(), { known })
    expect(await reconcileSchedules(queue, sources, new Date(), { known })).toMatchObject({ added: [], changed: [] })
    await queue.removeSchedule('crawl-city')
    expect(await reconcileSchedules(queue, sources, new Date(), { known })).toMatchObject({ added: ['city'] })
    const slower = [source('city', { every: '2h' }), source('ministry', { cron: '0 9 * * *' })]
    expect(await reconcileSchedules(queue, slower, new Date(), { known })).toMatchObject({ changed: ['city'] })
    expect(await queue.schedule('crawl-city')).toMatchObject({ every: 7_200_000 })
    expect(await reconcileSchedules(queue, [], new Date(), { known })).toMatchObject({ removed: ['ministry', 'city'] })
    expect(await queue.countSchedules()).toBe(0)
  })

  test('sources that come at once are due at moments that are spread over the interval', async () => {
    const sources = Array.from({ length: 20 }, (_, index) => source(`s${index}`, { every: '1h' }))
    const now = new Date()
    await reconcileSchedules(queue, sources, now)
    const minutes = (await queue.schedules()).map(({ nextAt }) => ((nextAt?.getTime() ?? 0) - now.getTime()) / 60_000)
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(30)
    expect(Math.max(...minutes)).toBeLessThan(90)
    expect(new Set(minutes.map((minute) => Math.floor(minute / 10))).size).toBeGreaterThan(3)
  })
}
