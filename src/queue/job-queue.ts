import {
  createPostgresBackend,
  createRedisBackend,
  DelayedError,
  Queue,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobProgress,
} from 'bullmq'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { rateLimited } from '../runtime/logger.ts'
import { crawlSourceSchema, jobs, queueName, type CrawlSourceData } from './jobs.ts'

/** When a schedule is due: every so many milliseconds, or by cron fields in a zone. */
export type Repeat =
  | { readonly every: number; readonly startDate: Date }
  | { readonly pattern: string; readonly tz: string }

export interface ScheduleRecord {
  readonly id: string
  readonly every: number | null
  readonly pattern: string | null
  readonly tz: string | null
  readonly jitterMs: number
  readonly nextAt: Date | null
}

export interface FailedJob {
  readonly id: string
  readonly sourceId: string
  readonly reason: string
  readonly attempts: number
  readonly failedAt: Date | null
}

export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'completed', number>>

/** What a job's processor may answer: done, or hand the job back to whoever comes next. */
export type JobResult = { readonly kind: 'done' } | { readonly kind: 'handed-back' }

export interface RunningWorker {
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>
}

/** The queue as the rest of the program sees it: the same on PostgreSQL and on Redis. */
export interface JobQueue {
  readonly backend: 'postgres' | 'redis'
  ready(): Promise<void>
  /** Adds or replaces a schedule. */
  upsertSchedule(id: string, repeat: Repeat, data: CrawlSourceData): Promise<void>
  removeSchedule(id: string): Promise<void>
  schedules(): Promise<ScheduleRecord[]>
  /** Adds one crawl; none when one of the same source is waiting already. */
  addCrawl(sourceId: string): Promise<void>
  counts(): Promise<JobCounts>
  failed(limit: number): Promise<FailedJob[]>
  /** Puts all failed jobs back. @returns how many */
  retryFailed(): Promise<number>
  isPaused(): Promise<boolean>
  pause(): Promise<void>
  resume(): Promise<void>
  work(process: (data: CrawlSourceData) => Promise<JobResult>, concurrency: number): RunningWorker
  close(): Promise<void>
}

/**
 * A killed worker's jobs start again within lockDuration + 2 × stalledInterval. Pages are parsed in threads, so the
 * loop that renews the lock is never blocked for long; should a job run twice all the same, its writes are idempotent.
 */
const lockDurationMs = 6000
const stalledIntervalMs = 2000
/** A job whose worker dies each time is poison; its source's next tick is a new job, so giving this one up loses nothing. */
const maxStalledCount = 50
/** A cut connection gives thousands of errors a second. */
const errorLogIntervalMs = 10_000

function openOn<B extends IQueueBackend, C>(
  name: 'postgres' | 'redis',
  factory: BackendFactory<B, C>,
  connection: NonNullable<C>,
  log: Logger,
  closeConnection: () => Promise<void>,
): JobQueue {
  const writeError = rateLimited(errorLogIntervalMs, (message, suppressed) =>
    log.warn({ backend: name, reason: message, suppressed }, 'queue.disturbed'),
  )
  const onError = (error: Error): void => writeError(error.message || error.name, new Date())
  const queue = new Queue<CrawlSourceData, null, string, CrawlSourceData, null, string, B, C>(
    queueName,
    { connection, defaultJobOptions: jobs['crawl-source'].options },
    factory,
  )
  queue.on('error', onError)

  return {
    backend: name,
    ready: async () => {
      await queue.waitUntilReady()
    },
    upsertSchedule: async (id, repeat, data) => {
      await queue.upsertJobScheduler(id, repeat, {
        name: 'crawl-source',
        data,
        opts: jobs['crawl-source'].options,
      })
    },
    removeSchedule: async (id) => {
      await queue.removeJobScheduler(id)
    },
    schedules: async () => {
      const all = await queue.getJobSchedulers()
      return all.map((scheduler) => ({
        id: scheduler.key,
        every: scheduler.every ? scheduler.every : null,
        pattern: scheduler.pattern ?? null,
        tz: scheduler.tz ?? null,
        jitterMs: scheduler.template?.data?.jitterMs ?? 0,
        nextAt: scheduler.next ? new Date(scheduler.next) : null,
      }))
    },
    addCrawl: async (sourceId) => {
      await queue.add('crawl-source', { sourceId, jitterMs: 0 }, { deduplication: { id: `now-${sourceId}` } })
    },
    counts: async () => {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed')
      const of = (state: string) => counts[state] ?? 0
      return {
        waiting: of('waiting'),
        active: of('active'),
        delayed: of('delayed'),
        failed: of('failed'),
        completed: of('completed'),
      }
    },
    failed: async (limit) => {
      const failed = await queue.getJobs(['failed'], 0, limit - 1)
      return failed.map((job) => ({
        id: job.id ?? '',
        sourceId: job.data.sourceId,
        reason: job.failedReason,
        attempts: job.attemptsMade,
        failedAt: job.finishedOn ? new Date(job.finishedOn) : null,
      }))
    },
    retryFailed: async () => {
      const { failed } = await queue.getJobCounts('failed')
      await queue.retryJobs({ state: 'failed' })
      return failed ?? 0
    },
    isPaused: () => queue.isPaused(),
    pause: () => queue.pause(),
    resume: () => queue.resume(),
    work: (process, concurrency) => startWorker(factory, connection, process, concurrency, onError),
    close: async () => {
      await queue.close()
      await closeConnection()
    },
  }
}

function startWorker<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connection: NonNullable<C>,
  process: (data: CrawlSourceData) => Promise<JobResult>,
  concurrency: number,
  onError: (error: Error) => void,
): RunningWorker {
  const handle = async (job: Job<CrawlSourceData>, token?: string): Promise<null> => {
    const data = crawlSourceSchema.parse(job.data)
    if (data.jitterMs > 0) {
      await job.updateData({ ...data, jitterMs: 0 })
      await job.moveToDelayed(Date.now() + data.jitterMs, token)
      throw new DelayedError()
    }
    const result = await process(data)
    if (result.kind === 'handed-back') {
      await job.moveToDelayed(Date.now(), token)
      throw new DelayedError()
    }
    return null
  }
  const worker = new Worker<CrawlSourceData, null, string, B, JobProgress, C>(
    queueName,
    handle,
    {
      connection,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount,
      drainDelay: 1,
    },
    factory,
  )
  worker.on('error', onError)
  return { stop: () => worker.close() }
}

/** Opens the queue on Redis when there is one, else on the archive's PostgreSQL. */
export function openJobQueue(to: { databaseUrl: string; redisUrl: string | null }, log: Logger): JobQueue {
  if (to.redisUrl) {
    const redis = new Redis(to.redisUrl, { maxRetriesPerRequest: null, lazyConnect: true })
    redis.on('error', () => undefined)
    return openOn('redis', createRedisBackend, redis, log, async () => {
      redis.disconnect()
    })
  }
  const connection = { connectionString: to.databaseUrl, migrate: true, max: 6 }
  return openOn('postgres', createPostgresBackend, connection, log, async () => undefined)
}
