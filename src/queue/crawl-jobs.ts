import type { Job, JobsOptions } from 'bullmq'
import { countJobs, type Countable, type JobCounts } from './count-jobs.ts'
import type { CrawlSourceData } from './jobs.ts'

export interface FailedJob {
  readonly id: string
  readonly sourceId: string
  readonly reason: string
  readonly attempts: number
  readonly failedAt: Date | null
}

/** `ended`: completed or given up; `absent`: the queue does not know it, or no longer. */
export type JobState = 'waiting' | 'active' | 'ended' | 'absent'

/** What is asked of the queue by those who steer it and look at it. */
export interface CrawlJobs {
  readonly backend: 'postgres' | 'redis'
  /** Adds one crawl; none when one of the same source is waiting already. */
  addCrawl(sourceId: string): Promise<void>
  stateOf(jobId: string): Promise<JobState>
  counts(): Promise<JobCounts>
  failed(limit: number): Promise<FailedJob[]>
  /** Puts all failed jobs back. @returns how many */
  retryFailed(): Promise<number>
  isPaused(): Promise<boolean>
  pause(): Promise<void>
  resume(): Promise<void>
}

type CrawlJob = Pick<Job<CrawlSourceData>, 'id' | 'data' | 'failedReason' | 'attemptsMade' | 'finishedOn'>

/** What of BullMQ's queue is asked. */
interface AskedQueue extends Countable {
  add(name: string, data: CrawlSourceData, options: JobsOptions): Promise<unknown>
  getJobState(jobId: string): Promise<string>
  getJobs(types: 'failed'[], start: number, end: number): Promise<CrawlJob[]>
  retryJobs(options: { state: 'failed' }): Promise<void>
  isPaused(): Promise<boolean>
  pause(): Promise<void>
  resume(): Promise<void>
}

async function failedJobs(queue: AskedQueue, limit: number): Promise<FailedJob[]> {
  const failed = await queue.getJobs(['failed'], 0, limit - 1)
  return failed.map((job) => ({
    id: job.id ?? '',
    sourceId: job.data.sourceId,
    reason: job.failedReason,
    attempts: job.attemptsMade,
    failedAt: job.finishedOn ? new Date(job.finishedOn) : null,
  }))
}

async function retryFailed(queue: AskedQueue): Promise<number> {
  const { failed } = await queue.getJobCounts('failed')
  await queue.retryJobs({ state: 'failed' })
  return failed ?? 0
}

/** @param ask how long an answer is waited for */
export function crawlJobs(
  backend: CrawlJobs['backend'],
  queue: AskedQueue,
  ask: <T>(answer: Promise<T>) => Promise<T>,
): CrawlJobs {
  return {
    backend,
    addCrawl: async (sourceId) => {
      await ask(queue.add('crawl-source', { sourceId, jitterMs: 0 }, { deduplication: { id: `now-${sourceId}` } }))
    },
    stateOf: async (jobId) => jobStates[await ask(queue.getJobState(jobId))] ?? 'waiting',
    counts: () => ask(countJobs(queue)),
    failed: (limit) => ask(failedJobs(queue, limit)),
    retryFailed: () => ask(retryFailed(queue)),
    isPaused: () => ask(queue.isPaused()),
    pause: () => ask(queue.pause()),
    resume: () => ask(queue.resume()),
  }
}

const jobStates: Readonly<Record<string, JobState>> = {
  active: 'active',
  completed: 'ended',
  failed: 'ended',
  unknown: 'absent',
}
