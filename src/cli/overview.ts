import { existsSync } from 'node:fs'
import { findActivity, type Activity } from '../archive/activity.ts'
import { countArchive } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { findLastRuns } from '../archive/runs.ts'
import { findSchedulePauses } from '../archive/schedule-pauses.ts'
import { countWorkers } from '../archive/source-lease.ts'
import type { JobCounts } from '../queue/count-jobs.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { findSchedules } from '../archive/source-schedules.ts'
import { isPaused } from '../queue/tick-gate.ts'
import type { SourceFiles } from '../runtime/config-files.ts'
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
    readonly backend: JobQueue['backend']
    readonly isPaused: boolean
    readonly counts: JobCounts
    /** Processes that crawl. */
    readonly workers: number
  }
  readonly sources: {
    readonly enabled: number
    readonly disabled: number
    readonly broken: number
    readonly paused: number
  }
  /** Schedules whose moment has passed without a start, the longest waiting first. */
  readonly overdue: readonly { readonly sourceId: string; readonly lateMs: number }[]
  readonly next: readonly { readonly sourceId: string; readonly at: Date }[]
  readonly lastHour: Activity
  /** Sources whose last run failed or was partial, the latest first. */
  readonly troubled: readonly { readonly sourceId: string; readonly at: Date; readonly error: string }[]
}

/** Less is a tick that is being taken at this very moment. */
const overdueMs = 5000
const hourMs = 3_600_000

/** Looks at the archive, the queue and the source files. */
export async function findOverview(
  settings: Settings,
  database: Database,
  queue: JobQueue,
  files: SourceFiles,
): Promise<Overview> {
  const at = new Date()
  const pauses = await findSchedulePauses(database)
  const enabled = files.sources.filter((source) => source.enabled)
  const ids = new Set(enabled.map(({ id }) => id))
  const paused = enabled.filter((source) => isPaused(source, pauses))
  const schedules = (await findSchedules(database))
    // Of those whose job is under way or waits, the next tick says nothing.
    .filter(({ sourceId, jobId }) => ids.has(sourceId) && jobId === null)
    .map(({ sourceId, nextAt }) => ({ sourceId, at: nextAt }))
  const lateness = (tick: { at: Date }) => at.getTime() - tick.at.getTime()
  const runs = (await findLastRuns(database)).filter(({ sourceId }) => ids.has(sourceId))
  return {
    version,
    at,
    archive: { kind: settings.DATABASE_URL ? 'external' : 'embedded', ...(await countArchive(database)) },
    freeBytes: existsSync(settings.NEWSFOLD_DATA) ? freeBytesOf(settings.NEWSFOLD_DATA) : null,
    queue: {
      backend: queue.backend,
      isPaused: await queue.isPaused(),
      counts: await queue.counts(),
      workers: await countWorkers(database),
    },
    sources: {
      enabled: enabled.length,
      disabled: files.sources.length - enabled.length,
      broken: files.broken.length,
      paused: paused.length,
    },
    overdue: schedules
      .filter((tick) => lateness(tick) > overdueMs)
      .map((tick) => ({ sourceId: tick.sourceId, lateMs: lateness(tick) })),
    next: schedules.filter((tick) => lateness(tick) <= overdueMs).slice(0, 5),
    lastHour: await findActivity(database, new Date(at.getTime() - hourMs)),
    troubled: runs
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'partial')
      .toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime())
      .map(({ sourceId, finishedAt, errors }) => ({
        sourceId,
        at: finishedAt,
        error: errors[0] ?? 'could not be read',
      })),
  }
}
