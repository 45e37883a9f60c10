import {
  createRedisBackend,
  DelayedError,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobProgress,
} from 'bullmq'
import type { Logger } from 'pino'
import { isTransient, withRetry } from '../archive/database.ts'
import { rateLimited } from '../runtime/logger.ts'
import { crawlJobs, type CrawlJobs } from './crawl-jobs.ts'
import { keepWorking, type KeptWorker } from './keep-working.ts'
import { crawlSourceSchema, jobs, priorities, queueName, type CrawlSourceData } from './jobs.ts'
import { keyPrefix, type QueueStore } from './queue-store.ts'
import { storeAnswers, type StoreAnswers } from './store-answers.ts'
import { connectRedis, postgresBackend, postgresConnection } from './store-connection.ts'

/** How a job came to be. */
export interface Tick {
  readonly jobId: string
  /** By a schedule, and not because somebody asked. */
  readonly isScheduled: boolean
  /** The job was started before, by a worker that is gone or that failed at it. */
  readonly isAgain: boolean
}

type Process = (data: CrawlSourceData, tick: Tick) => Promise<JobResult>

/** What a job's processor may answer: done, or hand the job back to whoever comes next. */
export type JobResult =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'handed-back'
      /** Nobody takes it before; absent: at once. */
      readonly afterMs?: number
      /** It goes on when nothing else waits that is done sooner. */
      readonly isLong?: true
    }

/** All that a test or a stop needs of a worker. */
export type RunningWorker = Pick<KeptWorker, 'stop'>

/** The queue as the rest of the program sees it: the same on PostgreSQL and on Redis. */
export interface JobQueue extends CrawlJobs {
  ready(): Promise<void>
  /** The same for those who cannot wait: each question fails with `queue.unreachable` when it has no answer in this time. */
  within(ms: number): CrawlJobs
  /**
   * Adds the crawl of a schedule's tick, by its own id (`tickJobId`); none when it is there already.
   * @param isLong it takes minutes, as the first crawl of a source does: all others go before it
   */
  addTick(sourceId: string, at: Date, isLong?: boolean): Promise<void>
  /**
   * Lets jobs start that were put off by a clock that was ahead: until all clocks are there too, nobody would take them.
   * @returns how many there were
   */
  startFarOff(now: Date): Promise<number>
  /** Removes the schedules that older programs kept in the queue. @returns how many there were */
  removeOldSchedules(): Promise<number>
  /** How many jobs wait that go before long ones. */
  countNews(): Promise<number>
  /** Lets long jobs that were added before take their turn with all others. @returns how many there were */
  hastenLong(addedBefore: Date): Promise<number>
  work(process: Process, concurrency: number): KeptWorker
  close(): Promise<void>
}

/** How patient a queue is. */
export interface QueueTiming {
  /**
   * A killed worker's jobs start again within lockDurationMs + 2 × stalledIntervalMs. Pages are parsed in threads, so
   * the loop that renews the lock is never blocked for long; should a job run twice all the same, its writes are
   * idempotent.
   */
  readonly lockDurationMs: number
  readonly stalledIntervalMs: number
  /** Before the first new try of a failed job; it doubles with each. */
  readonly retryMs: number
  /** What a store that does not answer is waited for at the start. */
  readonly readyMs: number
  /** Before a job is tried again that found the archive away, after waiting for it. */
  readonly archiveAwayMs: number
}
const usualTiming: QueueTiming = {
  lockDurationMs: 6000,
  stalledIntervalMs: 2000,
  retryMs: jobs['crawl-source'].options.backoff.delay,
  readyMs: 20_000,
  archiveAwayMs: 2000,
}
/** A job whose worker dies each time is poison; its source's next tick is a new job, so giving this one up loses nothing. */
const maxStalledCount = 50
/** No job is put off for longer: not by the last of its tries, and not by clocks that differ as they do. */
const longestDelayMs = 120_000
/** Each is a question to the queue. */
const mostHastened = 100
/** ECMA-262 §21.4.1.1: no instant is later. */
const lastInstantMs = 8.64e15
/** A cut connection gives thousands of errors a second. */
const errorLogIntervalMs = 10_000

function openOn<B extends IQueueBackend, C>(
  name: 'postgres' | 'redis',
  factory: BackendFactory<B, C>,
  connection: NonNullable<C>,
  prefix: string,
  answers: StoreAnswers,
  log: Logger,
  timing: QueueTiming,
  closeConnection: () => Promise<void>,
): JobQueue {
  const writeError = rateLimited(errorLogIntervalMs, (message, suppressed) =>
    log.warn({ backend: name, reason: message, suppressed }, 'queue.disturbed'),
  )
  const onError = (error: Error): void => writeError(answers.disturbed(error), new Date())
  const { options: usual } = jobs['crawl-source']
  const options = { ...usual, backoff: { ...usual.backoff, delay: timing.retryMs } }
  const queue = new Queue<CrawlSourceData, null, string, CrawlSourceData, null, string, B, C>(
    queueName,
    { connection, prefix, defaultJobOptions: options },
    factory,
  )
  queue.on('error', onError)

  return {
    ...crawlJobs(name, queue, (answer) => answer),
    within: (ms) => crawlJobs(name, queue, (answer) => answers.within(answer, ms)),
    ready: async () => {
      // A store that goes away at this moment is waited for as one that is not there yet.
      await answers.within(
        withRetry(() => queue.waitUntilReady(), timing.readyMs),
        timing.readyMs,
      )
    },
    addTick: async (sourceId, at, isLong = false) => {
      const priority = isLong ? priorities.long : priorities.news
      await queue.add('crawl-source', { sourceId, jitterMs: 0 }, { jobId: tickJobId(sourceId, at), priority })
    },
    startFarOff: async (now) => {
      const nearAtMs = now.getTime() + longestDelayMs
      const before = await queue.getDelayedCount(nearAtMs)
      const all = await queue.getDelayedCount(lastInstantMs)
      // Others come and go meanwhile: one that is overlooked is seen at the next look.
      const far = all - Math.max(before, await queue.getDelayedCount(nearAtMs))
      if (far <= 0) return 0
      const latest = await queue.getJobs(['delayed'], 0, far - 1, false)
      // Somebody whose clock is ahead may have taken it by now.
      for (const job of latest) await job.promote().catch(onError)
      return latest.length
    },
    removeOldSchedules: async () => {
      if ((await queue.getJobSchedulersCount()) === 0) return 0
      const old = await queue.getJobSchedulers()
      for (const { key } of old) await queue.removeJobScheduler(key)
      return old.length
    },
    countNews: async () => (await queue.getCountsPerPriority([priorities.news]))[priorities.news] ?? 0,
    hastenLong: async (addedBefore) => {
      const waiting = await queue.getJobs(['prioritized'], 0, mostHastened - 1, true)
      const old = waiting.filter(({ timestamp }) => timestamp < addedBefore.getTime())
      // Somebody may have taken it by now.
      for (const job of old) await job.changePriority({ priority: priorities.news }).catch(onError)
      return old.length
    },
    work: (process, concurrency) => startWorker(factory, connection, process, { concurrency, prefix, timing, onError }),
    close: async () => {
      await queue.close()
      await closeConnection()
    },
  }
}

export const tickJobId = (sourceId: string, at: Date): string => `tick-${sourceId}-${at.getTime()}`

function tickOf(job: Job<CrawlSourceData>): Tick {
  const jobId = job.id ?? ''
  // Older programs had a schedule in the queue for each source, whose jobs are named so.
  return { jobId, isScheduled: /^(?:repeat:|tick-)/.test(jobId), isAgain: job.attemptsStarted > 1 }
}

function startWorker<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connection: NonNullable<C>,
  process: Process,
  options: { concurrency: number; prefix: string; timing: QueueTiming; onError: (error: Error) => void },
): KeptWorker {
  const { concurrency, prefix, timing, onError } = options
  const handle = async (job: Job<CrawlSourceData>, token?: string): Promise<null> => {
    const tick = tickOf(job)
    const data = crawlSourceSchema.parse(job.data)
    if (data.jitterMs > 0) {
      await job.updateData({ ...data, jitterMs: 0 })
      await job.moveToDelayed(Date.now() + data.jitterMs, token)
      throw new DelayedError()
    }
    const result = await process(data, tick).catch((error: unknown): JobResult => {
      if (!isTransient(error)) throw error
      onError(error instanceof Error ? error : new Error(String(error)))
      // However long the archive is away: that is no failure of the job, and no reason to give it up.
      return { kind: 'handed-back', afterMs: timing.archiveAwayMs }
    })
    if (result.kind === 'handed-back') {
      if (result.isLong) await job.changePriority({ priority: priorities.long })
      await job.moveToDelayed(Date.now() + (result.afterMs ?? 0), token)
      throw new DelayedError()
    }
    return null
  }
  const create = () =>
    new Worker<CrawlSourceData, null, string, B, JobProgress, C>(
      queueName,
      handle,
      {
        connection,
        prefix,
        concurrency,
        autorun: false,
        lockDuration: timing.lockDurationMs,
        stalledInterval: timing.stalledIntervalMs,
        maxStalledCount,
        drainDelay: 1,
      },
      factory,
    )
  return keepWorking(create, onError)
}

/** Opens the queue on Redis when there is one, else on the archive's PostgreSQL. */
export function openJobQueue(to: QueueStore, log: Logger, timing: QueueTiming = usualTiming): JobQueue {
  const answers = storeAnswers(to)
  if (to.redisUrl) {
    const redis = connectRedis(to.redisUrl)
    return openOn('redis', createRedisBackend, redis, keyPrefix(to), answers, log, timing, async () => {
      redis.disconnect()
    })
  }
  const connection = postgresConnection(to.databaseUrl, 6)
  return openOn('postgres', postgresBackend, connection, keyPrefix(to), answers, log, timing, async () => undefined)
}
