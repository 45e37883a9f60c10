import { countDeadDeliveries, findDeafSubscribers, findLateDeliveries } from '../archive/alerts.ts'
import type { Database } from '../archive/database.ts'
import { findPausedQueues, findSchedulePauses, type QueueName } from '../archive/schedule-pauses.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { findOverdueSchedules, findSchedulesWithJob } from '../archive/source-schedules.ts'
import { receiversOf } from '../model/delivery-channel.ts'
import { UnreachableError } from '../model/errors.ts'
import type { HealthState } from '../model/source-health.ts'
import type { Source } from '../model/source.ts'
import { mostAttempts } from '../push/backoff.ts'
import type { CrawlJobs } from '../queue/crawl-jobs.ts'
import { queuesWithin, type AskedQueues, type OpenQueues } from '../queue/queue-figures.ts'
import { isPaused } from '../queue/tick-gate.ts'
import { leastFreeBytes } from '../runtime/disk-space.ts'
import type { Trouble } from './decide-alerts.ts'

/** Longer than a run of everything after a restart takes, shorter than anybody wants to be without news. */
const overdueMs = 10 * 60_000
const hourMs = 3_600_000

/** A healthy queue answers within milliseconds. */
const queuePatienceMs = 5000

/** States that a person has to do something about; publishers fall silent by themselves. */
const troubling: ReadonlySet<HealthState> = new Set(['gone', 'blocked', 'broken', 'degraded'])

/** What is wrong at this moment. */
export async function findTroubles(
  from: OpenQueues & {
    readonly database: Database
    readonly sources: readonly Source[]
    /** Of the data folder's disk; `null` when it does not matter. */
    readonly freeBytes: number | null
    /** Default 5 s. */
    readonly queuePatienceMs?: number
  },
  now: Date,
): Promise<Trouble[]> {
  const { database, sources, freeBytes } = from
  const queues = queuesWithin(from, from.queuePatienceMs ?? queuePatienceMs)
  const disk = fullDisk(freeBytes)
  return [
    ...(disk ? [disk] : []),
    ...(await queueTroubles(database, queues, now)),
    ...(await deliveriesNotTaken(database, now)),
    ...(await sourcesInTrouble(database, sources)),
  ]
}

/** What is wrong with the data folder's disk; `null`: nothing. @param freeBytes `null`: it does not matter */
export function fullDisk(freeBytes: number | null): Trouble | null {
  if (freeBytes === null || freeBytes >= leastFreeBytes) return null
  const says = `${Math.round(freeBytes / 2 ** 20)} MB free, crawling is paused below ${leastFreeBytes / 2 ** 20}. Make room.`
  return { key: 'disk', says }
}

/** A queue that is away is no reason to say nothing of the rest. */
async function queueTroubles(database: Database, queues: AskedQueues, now: Date): Promise<Trouble[]> {
  try {
    return await overdueWork(database, queues, now)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return [{ key: 'queue-away', says: error.message }, ...(await overdueWork(database, null, now))]
  }
}

/** The queues that somebody wants to stand still. */
async function heldIn({ queue, deliveries }: AskedQueues): Promise<ReadonlySet<QueueName>> {
  const [crawlsAreHeld, deliveriesAreHeld] = await Promise.all([queue.isPaused(), deliveries.isPaused()])
  return new Set([
    ...(crawlsAreHeld ? (['crawls'] as const) : []),
    ...(deliveriesAreHeld ? (['deliveries'] as const) : []),
  ])
}

/** @param queues `null`: they do not answer */
async function overdueWork(database: Database, queues: AskedQueues | null, now: Date): Promise<Trouble[]> {
  const held = queues ? await heldIn(queues) : await findPausedQueues(database)
  return [
    ...(held.has('crawls') ? [] : await overdueCrawls(database, queues?.queue ?? null, now)),
    ...(held.has('deliveries') ? [] : await overdueDeliveries(database, now)),
  ]
}

const minutesSince = (at: Date, now: Date): number => Math.round((now.getTime() - at.getTime()) / 60_000)

/** What is due and nobody sends; what failed waits for its next try and is not due before. */
async function overdueDeliveries(database: Database, now: Date): Promise<Trouble[]> {
  const late = await findLateDeliveries(database, new Date(now.getTime() - overdueMs), now)
  const [latest] = late
  if (!latest) return []
  const counts = late.map(({ channel, count }) => `${count} to ${receiversOf[channel]}`).join(', ')
  const says = `due and not sent: ${counts}, the longest for ${minutesSince(latest.since, now)} min`
  return [{ key: 'deliveries-late', says }]
}

/** Deliveries that were given up, and subscribers who have taken nothing for as long as that takes. */
async function deliveriesNotTaken(database: Database, now: Date): Promise<Trouble[]> {
  const dead = await countDeadDeliveries(database, new Date(now.getTime() - hourMs))
  const deaf = await findDeafSubscribers(database, mostAttempts, now)
  const host = deaf.callback !== null && URL.canParse(deaf.callback) ? `, one at ${new URL(deaf.callback).host}` : ''
  return [
    ...(dead > 0 ? [{ key: 'deliveries', says: `${dead} to webhooks or hubs given up within the last hour` }] : []),
    ...(deaf.count > 0
      ? [{ key: 'subscribers', says: `${deaf.count} by WebSub refused ${mostAttempts} tries in a row and more${host}` }]
      : []),
  ]
}

/** Each may be a question to the queue, and more say no more. */
const mostCounted = 100

/** Schedules whose job no worker takes. */
async function waitingJobs(
  database: Database,
  queue: CrawlJobs,
  now: Date,
): Promise<{ sourceId: string; since: Date }[]> {
  const schedules = await findSchedulesWithJob(database, overdueMs, mostCounted)
  const late = await Promise.all(
    schedules.map(async ({ sourceId, jobId, jobAt }) => {
      // Since when a job waits whose moment is one of a clock that was ahead, nobody knows.
      if (jobId === null || jobAt === null || jobAt >= now) return []
      return (await queue.stateOf(jobId)) === 'waiting' ? [{ sourceId, since: jobAt }] : []
    }),
  )
  return late.flat()
}

/**
 * Schedules that no process takes, and those whose job no worker takes.
 * @param queue `null`: it does not answer
 */
async function overdueCrawls(database: Database, queue: CrawlJobs | null, now: Date): Promise<Trouble[]> {
  const overdue = await findOverdueSchedules(database, new Date(now.getTime() - overdueMs), mostCounted)
  const late = [
    ...overdue.map(({ sourceId, nextAt }) => ({ sourceId, since: nextAt })),
    ...(queue ? await waitingJobs(database, queue, now) : []),
  ]
  const [latest] = late.toSorted((a, b) => a.since.getTime() - b.since.getTime())
  if (!latest) return []
  const count = late.length < mostCounted ? late.length : `${mostCounted} and more`
  const minutes = minutesSince(latest.since, now)
  return [{ key: 'queue', says: `overdue schedules: ${count}, the longest ${latest.sourceId} by ${minutes} min` }]
}

async function sourcesInTrouble(database: Database, sources: readonly Source[]): Promise<Trouble[]> {
  const pauses = await findSchedulePauses(database)
  const watched = new Set(sources.filter((source) => source.enabled && !isPaused(source, pauses)).map(({ id }) => id))
  return (await findSourceHealth(database)).flatMap(({ sourceId, state, reason }) =>
    watched.has(sourceId) && troubling.has(state)
      ? [{ key: `source:${sourceId}`, says: reason === null ? state : `${state}: ${reason}` }]
      : [],
  )
}
