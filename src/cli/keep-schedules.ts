import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { openSourceLeases, type SourceLeases } from '../archive/source-lease.ts'
import { countSchedules } from '../archive/source-schedules.ts'
import { describeError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { keepPauses } from '../queue/kept-pauses.ts'
import { mendScheduledJobs } from '../queue/scheduled-jobs.ts'
import { reconcileSchedules } from '../queue/schedules.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { clockWatch, mendClocks } from './mend-clocks.ts'

/** What an emptied queue has lost is looked for so often. */
const lookAgainMs = 2000
/** What has been learned of thousands of sources is not read again for less. */
const checkMs = 15_000
/** While a store is away: the first crawls of a new set-up wait for nothing else. */
const lookAgainSoonMs = 1000

/** What is known of how often adaptive sources publish. */
async function learnedIntervals(database: Database, sources: readonly Source[]): Promise<ReadonlyMap<string, number>> {
  const adaptive = new Map(
    sources.flatMap(({ id, schedule }) => (schedule.adaptive ? [[id, schedule.adaptive] as const] : [])),
  )
  if (adaptive.size === 0) return new Map()
  const learned = (await findSourceHealth(database)).flatMap(({ sourceId, intervalMs }) => {
    const bounds = adaptive.get(sourceId)
    // The bounds may have been changed since the last run.
    return bounds && intervalMs !== null
      ? [[sourceId, Math.min(bounds.max, Math.max(bounds.min, intervalMs))] as const]
      : []
  })
  return new Map(learned)
}

function isSameMap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

/** No source is named so. The one who holds it makes the schedules: two configurations do not take turns in undoing each other. */
const schedulerLease = ':schedules'

/** Keeps the schedules those of the sources. */
export interface ScheduleKeeper {
  /** The sources have changed: their schedules follow at once. */
  changed(): void
  /** Whether this process, of all that share the archive, does what one does for all. */
  isLeader(): boolean
  stop(): Promise<void>
}

/** A schedule that somebody changed in the archive is put right within this time. */
const believedMs = 3_600_000

interface Keeping {
  readonly queue: Omit<JobQueue, 'work' | 'close'>
  readonly deliveries: Pick<DeliveryQueue, 'isPaused' | 'pause' | 'resume'>
  readonly database: Database
  readonly folder: Pick<SourceFolder, 'sources'>
  readonly leases: SourceLeases
  readonly believedMs: number
  readonly log: Logger
}

/** A queue that is away does not answer, and schedules do not wait for it. */
const queuePatienceMs = 1000

/** @returns puts pauses back that a queue has lost, before jobs are added to it again; to be called again and again */
function pauseKeeper({ queue, deliveries, database, log }: Keeping): () => Promise<void> {
  let looking: Promise<void> | null = null
  const look = async (): Promise<void> => {
    try {
      const queues = await keepPauses(database, { crawls: queue, deliveries })
      if (queues.length > 0) log.warn({ queues }, 'queue.paused-again')
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'pauses.not-checked')
    } finally {
      looking = null
    }
  }
  return async () => {
    looking ??= look()
    await Promise.race([looking, sleep(queuePatienceMs, undefined, { ref: false })])
  }
}

/** @returns makes the schedules those of the sources, where this process is the one that does; in how long to do so again */
function reconciler(keeping: Keeping): () => Promise<number> {
  const { queue, database, folder, leases, believedMs, log } = keeping
  const isSetBack = clockWatch()
  const mend = mendClocks({ queue, database, log })
  const keepPaused = pauseKeeper(keeping)
  let checkedAt = Number.NEGATIVE_INFINITY
  let readAt = Number.NEGATIVE_INFINITY
  let done: { sources: readonly Source[]; intervals: ReadonlyMap<string, number> } | null = null
  let isCleared = false

  const isDone = async (sources: readonly Source[], intervals: ReadonlyMap<string, number>): Promise<boolean> => {
    if (done?.sources !== sources || !isSameMap(done.intervals, intervals)) return false
    if (performance.now() - readAt >= believedMs) return false
    return (await countSchedules(database)) === sources.filter(({ enabled }) => enabled).length
  }

  return async () => {
    try {
      if (!leases.has(schedulerLease)) {
        // Another process may have made them meanwhile.
        done = null
        isCleared = false
        if (!(await leases.take(schedulerLease))) return lookAgainMs
      }
      if (!isCleared) {
        const old = await queue.removeOldSchedules()
        if (old > 0) log.info({ count: old }, 'schedules.taken-over')
        isCleared = true
      }
      await keepPaused()
      await mendScheduledJobs(database, queue, new Date())
      const sources = folder.sources()
      const hasGoneBack = isSetBack()
      if (hasGoneBack) done = null
      mend(hasGoneBack)
      if (done?.sources === sources && performance.now() - checkedAt < checkMs) return lookAgainMs
      checkedAt = performance.now()
      const intervals = await learnedIntervals(database, sources)
      if (await isDone(sources, intervals)) return lookAgainMs
      const { added, changed, removed, late } = await reconcileSchedules(database, sources, new Date(), intervals)
      if (late.length > 0) log.warn({ sources: late }, 'schedules.clock-set-back')
      done = { sources, intervals }
      readAt = performance.now()
      if (added.length + changed.length + removed.length > 0) log.info({ added, changed, removed }, 'schedules.changed')
      return lookAgainMs
    } catch (error) {
      done = null
      log.warn({ reason: describeError(error) }, 'schedules.not-checked')
      return lookAgainSoonMs
    }
  }
}

/** Starts at once and goes on until it is stopped. */
export function keepSchedules(
  queues: Pick<Keeping, 'queue' | 'deliveries'>,
  database: Database,
  folder: Pick<SourceFolder, 'sources'>,
  log: Logger,
  patience = { believedMs },
): ScheduleKeeper {
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  let isRunning = false
  let isStale = false
  const leases = openSourceLeases(database, log, 'schedules')
  const reconcile = reconciler({ ...queues, database, folder, leases, log, ...patience })
  const run = async (): Promise<void> => {
    isRunning = true
    isStale = false
    const nextMs = await reconcile()
    isRunning = false
    if (!isStopped) timer = setTimeout(() => void run(), isStale ? 0 : nextMs)
  }
  void run()
  return {
    isLeader: () => leases.has(schedulerLease),
    changed: () => {
      isStale = true
      if (isRunning || isStopped) return
      if (timer) clearTimeout(timer)
      void run()
    },
    stop: async () => {
      isStopped = true
      if (timer) clearTimeout(timer)
      await leases.close()
    },
  }
}
