import { existsSync } from 'node:fs'
import { findActivity, type Activity } from '../archive/activity.ts'
import { countDeliveries, findAlerts } from '../archive/alerts.ts'
import { countArchive } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { findLastRuns } from '../archive/runs.ts'
import { findPausedQueues, findSchedulePauses } from '../archive/schedule-pauses.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { countWorkers } from '../archive/source-lease.ts'
import { findSchedules } from '../archive/source-schedules.ts'
import type { DeliveryChannel } from '../model/delivery-channel.ts'
import { UnreachableError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import { healthStates, type HealthState } from '../model/source-health.ts'
import type { JobCounts } from '../queue/count-jobs.ts'
import type { CrawlJobs } from '../queue/crawl-jobs.ts'
import type { AskedQueues } from '../queue/queue-figures.ts'
import { isPaused } from '../queue/tick-gate.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { freeBytesOf } from '../runtime/disk-space.ts'
import type { Settings } from '../runtime/settings.ts'
import { version } from './version.ts'

/** The whole at one moment. */
export interface Overview {
  readonly version: string
  readonly at: Date
  readonly archive: { readonly kind: 'embedded' | 'external'; readonly articles: number; readonly stories: number }
  /** Free on the disk of the data folder, in bytes; `null` where there is no data folder. */
  readonly freeBytes: number | null
  readonly queue: {
    readonly backend: CrawlJobs['backend']
    /** Why the queue does not answer; `null`: it does. What is paused is then what the archive says. */
    readonly problem: string | null
    readonly isPaused: boolean
    /** Of crawls; `null`: the queue does not answer. */
    readonly counts: JobCounts | null
    /** Processes that crawl. */
    readonly workers: number
  }
  readonly deliveries: {
    readonly isPaused: boolean
    readonly channels: readonly {
      readonly channel: DeliveryChannel
      readonly waiting: number
      readonly dead: number
    }[]
  }
  readonly sources: {
    readonly enabled: number
    readonly disabled: number
    readonly broken: number
    readonly paused: number
  }
  /** How many of the enabled sources are in each state. */
  readonly health: Readonly<Record<HealthState | 'unread', number>>
  /** Schedules whose moment has passed without a start, the longest waiting first. */
  readonly overdue: readonly { readonly sourceId: string; readonly lateMs: number }[]
  readonly next: readonly { readonly sourceId: string; readonly at: Date }[]
  readonly lastHour: Activity
  /** Trouble that is there, the longest lasting first. */
  readonly alerts: readonly {
    readonly key: string
    readonly says: string
    readonly since: Date
    readonly isMuted: boolean
  }[]
  /** Sources whose last run failed or was partial, the latest first. */
  readonly troubled: readonly { readonly sourceId: string; readonly at: Date; readonly error: string }[]
}

/** Less is a tick that is being taken at this very moment. */
const overdueMs = 5000
const hourMs = 3_600_000
const nextShown = 5

/** What the queues say, or the archive in their place. */
async function askQueues(database: Database, { queue, deliveries }: AskedQueues) {
  try {
    const [counts, isHeld, areHeld] = await Promise.all([queue.counts(), queue.isPaused(), deliveries.isPaused()])
    return { problem: null, counts, crawlsArePaused: isHeld, deliveriesArePaused: areHeld }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    const paused = await findPausedQueues(database)
    return {
      problem: error.message,
      counts: null,
      crawlsArePaused: paused.has('crawls'),
      deliveriesArePaused: paused.has('deliveries'),
    }
  }
}

async function countHealth(database: Database, enabled: ReadonlySet<string>): Promise<Overview['health']> {
  const states = (await findSourceHealth(database)).filter(({ sourceId }) => enabled.has(sourceId))
  const count = (wanted: HealthState): number => states.filter(({ state }) => state === wanted).length
  const [gone, blocked, broken, degraded, quiet, healthy] = healthStates
  return {
    gone: count(gone),
    blocked: count(blocked),
    broken: count(broken),
    degraded: count(degraded),
    quiet: count(quiet),
    healthy: count(healthy),
    unread: enabled.size - states.length,
  }
}

/** Schedules that are late, and those that come next. */
async function findTicks(database: Database, enabled: ReadonlySet<string>, now: Date) {
  const schedules = (await findSchedules(database))
    // Of those whose job is under way or waits, the next tick says nothing.
    .filter(({ sourceId, jobId }) => enabled.has(sourceId) && jobId === null)
    .map(({ sourceId, nextAt }) => ({ sourceId, at: nextAt, lateMs: now.getTime() - nextAt.getTime() }))
  return {
    overdue: schedules.filter(({ lateMs }) => lateMs > overdueMs).map(({ sourceId, lateMs }) => ({ sourceId, lateMs })),
    next: schedules
      .filter(({ lateMs }) => lateMs <= overdueMs)
      .slice(0, nextShown)
      .map(({ sourceId, at }) => ({ sourceId, at })),
  }
}

async function findTroubled(database: Database, enabled: ReadonlySet<string>): Promise<Overview['troubled']> {
  return (await findLastRuns(database))
    .filter(({ sourceId, outcome }) => enabled.has(sourceId) && (outcome === 'failed' || outcome === 'partial'))
    .toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime())
    .map(({ sourceId, finishedAt, errors }) => ({
      sourceId,
      at: finishedAt,
      error: errors[0] ?? 'could not be read',
    }))
}

async function countSources(database: Database, all: readonly Source[], broken: number): Promise<Overview['sources']> {
  const pauses = await findSchedulePauses(database)
  const enabled = all.filter((source) => source.enabled)
  return {
    enabled: enabled.length,
    disabled: all.length - enabled.length,
    broken,
    paused: enabled.filter((source) => isPaused(source, pauses)).length,
  }
}

/** Looks at the archive, the queues and the source files. */
export async function findOverview(
  settings: Settings,
  database: Database,
  queues: AskedQueues,
  folder: Pick<SourceFolder, 'sources' | 'broken'>,
): Promise<Overview> {
  const at = new Date()
  const sources = folder.sources()
  const enabled = new Set(sources.filter((source) => source.enabled).map(({ id }) => id))
  const { problem, counts, crawlsArePaused, deliveriesArePaused } = await askQueues(database, queues)
  const workers = await countWorkers(database)
  return {
    version,
    at,
    archive: { kind: settings.DATABASE_URL ? 'external' : 'embedded', ...(await countArchive(database)) },
    freeBytes: existsSync(settings.NEWSFOLD_DATA) ? freeBytesOf(settings.NEWSFOLD_DATA) : null,
    queue: { backend: queues.queue.backend, problem, isPaused: crawlsArePaused, counts, workers },
    deliveries: { isPaused: deliveriesArePaused, channels: await countDeliveries(database) },
    sources: await countSources(database, sources, folder.broken().length),
    health: await countHealth(database, enabled),
    ...(await findTicks(database, enabled, at)),
    lastHour: await findActivity(database, new Date(at.getTime() - hourMs)),
    alerts: (await findAlerts(database, 'log', at))
      .filter(({ overAt }) => overAt === null)
      .map(({ key, says, since, isMuted }) => ({ key, says, since, isMuted })),
    troubled: await findTroubled(database, enabled),
  }
}
