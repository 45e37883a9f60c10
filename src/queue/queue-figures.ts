import { countDeliveries } from '../archive/alerts.ts'
import { listDeadLetters, retryDeadLetters, type DeadLetter } from '../archive/deliveries.ts'
import type { Database } from '../archive/database.ts'
import { findSchedulePauses } from '../archive/schedule-pauses.ts'
import { countSchedules } from '../archive/source-schedules.ts'
import type { DeliveryChannel } from '../model/delivery-channel.ts'
import type { JobCounts } from './count-jobs.ts'
import type { CrawlJobs } from './crawl-jobs.ts'
import type { DeliveryJobs, DeliveryQueue } from './delivery-queue.ts'
import type { JobQueue } from './job-queue.ts'
import { hearFrom } from './store-answers.ts'

/** Both queues: of crawls, and of deliveries. */
export interface OpenQueues {
  readonly queue: JobQueue
  readonly deliveries: DeliveryQueue
}

/** The same as they are asked by those who steer them and look at them. */
export interface AskedQueues {
  readonly queue: CrawlJobs
  readonly deliveries: DeliveryJobs
}

/** For those who cannot wait: @see {@link JobQueue.within} */
export function queuesWithin({ queue, deliveries }: OpenQueues, ms: number): AskedQueues {
  return { queue: queue.within(ms), deliveries: deliveries.within(ms) }
}

/** With the archive that they work for. */
export interface Queues extends AskedQueues {
  readonly database: Database
}

/** How the queues stand. */
export interface QueueFigures {
  readonly backend: CrawlJobs['backend']
  readonly crawls: { readonly isPaused: boolean; readonly counts: JobCounts; readonly schedules: number }
  readonly deliveries: {
    readonly isPaused: boolean
    readonly counts: JobCounts
    /** By the archive, which says what is due: jobs are made of it. */
    readonly channels: readonly { readonly channel: DeliveryChannel; readonly waiting: number; readonly dead: number }[]
  }
  /** Whose schedules are held. */
  readonly held: { readonly sources: readonly string[]; readonly tags: readonly string[] }
}

export async function findQueueFigures({ queue, deliveries, database }: Queues): Promise<QueueFigures> {
  const [counts, isPaused, schedules] = await Promise.all([queue.counts(), queue.isPaused(), countSchedules(database)])
  const [jobs, isHeld, channels] = await Promise.all([
    deliveries.counts(),
    deliveries.isPaused(),
    countDeliveries(database),
  ])
  const { sources, tags } = await findSchedulePauses(database)
  return {
    backend: queue.backend,
    crawls: { isPaused, counts, schedules },
    deliveries: { isPaused: isHeld, counts: jobs, channels },
    held: { sources: [...sources], tags: [...tags] },
  }
}

/** Work that was given up. */
export interface FailedWork {
  readonly queue: 'crawls' | 'deliveries'
  readonly id: string
  /** The source, or the feed. */
  readonly subject: string
  /** The host that did not take it; `null` of a crawl. */
  readonly to: string | null
  readonly reason: string
  readonly attempts: number
  readonly failedAt: Date | null
}

/** The hub's or webhook's host: addresses of webhooks are secrets. */
function hostOf({ channel, target }: DeadLetter): string {
  if (channel === 'webhook') return target.split('/')[1] ?? ''
  return URL.canParse(target) ? new URL(target).host : ''
}

/** Crawls and deliveries that were given up, the latest first. */
export async function findFailedWork(
  { queue, database }: Omit<Queues, 'deliveries'>,
  limit: number,
): Promise<FailedWork[]> {
  const [jobs, letters] = await Promise.all([queue.failed(limit), listDeadLetters(database, limit)])
  const work = [
    ...jobs.map(({ sourceId, ...job }) => ({ ...job, queue: 'crawls', subject: sourceId, to: null }) as const),
    ...letters.map(
      (letter) =>
        ({
          queue: 'deliveries',
          id: letter.id,
          subject: letter.feedId,
          to: hostOf(letter),
          reason: letter.lastError,
          attempts: letter.attempts,
          failedAt: letter.diedAt,
        }) as const,
    ),
  ]
  return work.toSorted((a, b) => (b.failedAt?.getTime() ?? 0) - (a.failedAt?.getTime() ?? 0)).slice(0, limit)
}

/** Puts back what was given up. @returns how many of each */
export async function retryFailedWork(
  { queue, database }: Omit<Queues, 'deliveries'>,
  which: 'crawls' | 'deliveries' | 'everything',
  now: Date,
): Promise<{ readonly crawls: number; readonly deliveries: number }> {
  if (which !== 'deliveries') await hearFrom([queue])
  return {
    crawls: which === 'deliveries' ? 0 : await queue.retryFailed(),
    deliveries: which === 'crawls' ? 0 : await retryDeadLetters(database, null, now),
  }
}
