import { countDeadDeliveries } from '../archive/alerts.ts'
import type { Database } from '../archive/database.ts'
import { findPausedQueues, findSchedulePauses } from '../archive/schedule-pauses.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { findOverdueSchedules, findSchedulesWithJob } from '../archive/source-schedules.ts'
import { UnreachableError } from '../model/errors.ts'
import type { HealthState } from '../model/source-health.ts'
import type { Source } from '../model/source.ts'
import type { CrawlJobs } from '../queue/crawl-jobs.ts'
import type { JobQueue } from '../queue/job-queue.ts'
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
  from: {
    readonly database: Database
    readonly queue: JobQueue
    readonly sources: readonly Source[]
    /** Of the data folder's disk; `null` when it does not matter. */
    readonly freeBytes: number | null
    /** Default 5 s. */
    readonly queuePatienceMs?: number
  },
  now: Date,
): Promise<Trouble[]> {
  const { database, queue, freeBytes } = from
  const troubles: Trouble[] = []
  if (freeBytes !== null && freeBytes < leastFreeBytes) {
    const says = `${Math.round(freeBytes / 2 ** 20)} MB free, crawling is paused below ${leastFreeBytes / 2 ** 20}. Make room.`
    troubles.push({ key: 'disk', says })
  }
  troubles.push(...(await queueTroubles(database, queue.within(from.queuePatienceMs ?? queuePatienceMs), now)))
  const dead = await countDeadDeliveries(database, new Date(now.getTime() - hourMs))
  if (dead > 0) troubles.push({ key: 'deliveries', says: `${dead} to webhooks or hubs given up within the last hour` })
  return [...troubles, ...(await sourcesInTrouble(database, from.sources))]
}

/** A queue that is away is no reason to say nothing of the rest. */
async function queueTroubles(database: Database, queue: CrawlJobs, now: Date): Promise<Trouble[]> {
  try {
    return await overdueCrawls(database, queue, now)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return [{ key: 'queue-away', says: error.message }, ...(await overdueCrawls(database, null, now))]
  }
}

/** Each may be a question to the queue, and more say no more. */
const mostCounted = 100

/** Schedules whose job no worker takes. */
async function waitingJobs(database: Database, queue: CrawlJobs): Promise<{ sourceId: string; since: Date }[]> {
  const schedules = await findSchedulesWithJob(database, overdueMs, mostCounted)
  const late = await Promise.all(
    schedules.map(async ({ sourceId, jobId, jobAt }) => {
      const isWaiting = jobId !== null && (await queue.stateOf(jobId)) === 'waiting'
      return isWaiting && jobAt ? [{ sourceId, since: jobAt }] : []
    }),
  )
  return late.flat()
}

/**
 * Schedules that no process takes, and those whose job no worker takes.
 * @param queue `null`: it does not answer
 */
async function overdueCrawls(database: Database, queue: CrawlJobs | null, now: Date): Promise<Trouble[]> {
  const isHeld = queue ? await queue.isPaused() : (await findPausedQueues(database)).has('crawls')
  // Somebody wants it so.
  if (isHeld) return []
  const overdue = await findOverdueSchedules(database, new Date(now.getTime() - overdueMs), mostCounted)
  const late = [
    ...overdue.map(({ sourceId, nextAt }) => ({ sourceId, since: nextAt })),
    ...(queue ? await waitingJobs(database, queue) : []),
  ]
  const [latest] = late.toSorted((a, b) => a.since.getTime() - b.since.getTime())
  if (!latest) return []
  const count = late.length < mostCounted ? late.length : `${mostCounted} and more`
  const minutes = Math.round((now.getTime() - latest.since.getTime()) / 60_000)
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
