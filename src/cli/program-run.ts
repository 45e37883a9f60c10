import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { openSourceLeases } from '../archive/source-lease.ts'
import { indexUnmadeStories } from '../archive/story-search.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { describeError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import type { CrawlWatcher } from '../queue/crawl-service.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { reconcileSchedules } from '../queue/schedules.ts'
import { fateOf, recentPauses } from '../queue/tick-gate.ts'
import { searchTextOf } from '../search/search-text.ts'
import { operatorToken, type OperatorToken } from '../runtime/operator-token.ts'
import type { Settings } from '../runtime/settings.ts'
import { freeBytesOf } from '../runtime/disk-space.ts'
import { createMetrics, measureProcess, type Metrics } from '../runtime/metrics.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { readinessChecks } from '../server/readiness-checks.ts'
import { startHealthServer } from '../server/health.ts'
import { startServer, type RunningServer } from '../server/server.ts'
import { openArchive, openCrawling, openPush, openQueue, type OpenArchive } from './services.ts'
import { guardDisk } from './disk-guard.ts'
import { clearOld, hourly } from './keep-house.ts'
import { measureArchive, measureDisk, measureQueue, measureSources, measuring } from './measure.ts'

/** What a process does: put crawls into the queue, take them out, answer readers. */
export interface Roles {
  readonly schedule: boolean
  readonly work: boolean
  readonly serve: boolean
}

export interface RunningProgram {
  readonly archive: OpenArchive
  readonly queue: JobQueue | null
  readonly server: RunningServer | null
  /** What opens the server's operator routes. */
  readonly operator: OperatorToken | null
  /** Hands running work back and closes everything, what was opened last first. */
  stop(): Promise<void>
}

/** An emptied queue is filled again within this time. */
const reconcileMs = 15_000
/** While the queue's store is away: the first crawls of a new set-up wait for nothing else. */
const reconcileAgainMs = 1000
/**
 * A run ends the pages in flight within 5 s; later than this the process goes without waiting for it, so that a stop
 * takes less than 10 s in all. The queue's client waits longer where its store was away a moment ago.
 */
const stopWithinMs = 8000

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

/** No source is named so. The one who holds it makes the schedules: two configurations do not take turns in undoing each other. */
const schedulerLease = ':schedules'

interface ScheduleKeeper {
  /** The sources have changed: their schedules follow at once. */
  changed(): void
  /** Whether this process, of all that share the archive, does what one does for all. */
  isLeader(): boolean
  stop(): Promise<void>
}

function keepSchedules(queue: JobQueue, database: Database, folder: SourceFolder, log: Logger): ScheduleKeeper {
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  let isRunning = false
  let isStale = false
  const leases = openSourceLeases(database, log, 'schedules')

  const reconcile = async (): Promise<number> => {
    try {
      if (!leases.has(schedulerLease) && !(await leases.take(schedulerLease))) return reconcileMs
      const sources = folder.sources()
      const intervals = await learnedIntervals(database, sources)
      const { added, changed, removed } = await reconcileSchedules(queue, sources, new Date(), intervals)
      if (added.length + changed.length + removed.length > 0) log.info({ added, changed, removed }, 'schedules.changed')
      return reconcileMs
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'schedules.not-checked')
      return reconcileAgainMs
    }
  }
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

/** A source of a file that another process has seen first is looked for, until the file is old enough to be read. */
async function findSource(sources: SourceFolder, id: string): Promise<Source | null> {
  for (let tries = 0; tries < 3 && !sources.find(id); tries++) {
    if (tries > 0) await sleep(250)
    await sources.look().catch(() => null)
  }
  return sources.find(id)
}

async function startWork(
  options: ProgramOptions,
  archive: OpenArchive,
  queue: JobQueue,
  metrics: Metrics,
): Promise<() => Promise<void>> {
  const { sources } = options
  const crawling = await openCrawling(
    options.settings,
    archive.database,
    options.log,
    measuring(options.watcher, metrics),
  )
  const pauses = recentPauses(archive.database)
  const worker = queue.work(async ({ sourceId }, tick) => {
    if (tick.lateMs !== null) metrics.lateness.observe(tick.lateMs / 1000)
    const source = await findSource(sources, sourceId)
    // Taken out of the configuration after the job was made.
    if (!source?.enabled) return { kind: 'done' }
    const fate = fateOf(source, tick, await pauses(), new Date())
    if (fate.kind === 'paused') return { kind: 'done' }
    if (fate.kind === 'quiet') {
      // One for all that fall into these hours.
      await queue.addTick(source.id, fate.until)
      return { kind: 'done' }
    }
    return crawling.service.processJob(source)
  }, options.settings.NEWSFOLD_RUNS)
  const unguard = archive.embedded
    ? guardDisk({ worker, freeBytes: () => freeBytesOf(options.settings.NEWSFOLD_DATA), log: options.log })
    : null
  return async () => {
    unguard?.()
    crawling.service.abort()
    await Promise.race([worker.stop(), sleep(stopWithinMs, undefined, { ref: false })])
    await crawling.close()
  }
}

function keepHouse({ settings, feeds, sources, log }: ProgramOptions, database: Database, keeper: ScheduleKeeper) {
  return hourly(
    () => keeper.isLeader(),
    log,
    async () => {
      const cleared = await clearOld(database, settings, { feeds, sources: sources.sources() }, new Date())
      if (cleared.runs + cleared.revisions + cleared.articles > 0) log.info(cleared, 'archive.cleared')
    },
  )
}

/** Stories from before search was there, beside everything else: feeds without words show them meanwhile. */
async function makeSearchable({ database }: OpenArchive, log: Logger): Promise<void> {
  try {
    const count = await indexUnmadeStories(database, searchTextOf)
    if (count > 0) log.info({ count }, 'stories.indexed')
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'stories.not-indexed')
  }
}

export interface ProgramOptions {
  readonly settings: Settings
  readonly sources: SourceFolder
  readonly feeds: readonly FeedDefinition[]
  readonly roles: Roles
  readonly log: Logger
  readonly watcher: CrawlWatcher
}

/** Starts the parts that the roles name, in the order in which they need each other. */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { settings, sources, roles, log } = options
  const metrics = createMetrics()
  const closers: (() => Promise<void> | void)[] = []
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close()
      } catch (error) {
        log.warn({ err: error }, 'program.not-closed')
      }
    }
  }

  try {
    const archive = await openArchive(settings, log)
    closers.push(() => archive.close())
    void makeSearchable(archive, log)
    measureProcess(metrics)
    measureArchive(metrics, archive.database)
    measureSources(metrics, sources)
    measureDisk(metrics, settings.NEWSFOLD_DATA)
    const hasQueue = roles.schedule || roles.work
    let openedQueue: JobQueue | null = null
    const operator = roles.serve ? operatorToken(settings.NEWSFOLD_DATA) : null
    const readiness = readinessChecks(archive.database, hasQueue ? () => openedQueue : undefined)
    const metricsPort = settings.NEWSFOLD_METRICS_PORT
    if (metricsPort !== null) {
      const health = await startHealthServer({ host: settings.NEWSFOLD_HOST, port: metricsPort, readiness, metrics })
      closers.push(() => health.stop())
    }
    const server = roles.serve
      ? await startServer({
          database: archive.database,
          feeds: options.feeds,
          sources: sources.sources(),
          host: settings.NEWSFOLD_HOST,
          port: settings.NEWSFOLD_PORT,
          publicUrl: settings.NEWSFOLD_PUBLIC_URL,
          hostNames: settings.NEWSFOLD_HOST_NAMES,
          ...(operator ? { operatorToken: operator.token } : {}),
          push: { hubs: settings.NEWSFOLD_HUBS, allowPrivateHosts: settings.NEWSFOLD_ALLOW_PRIVATE_HOSTS },
          log,
          readiness,
          metrics,
          showsMetrics: metricsPort === null,
        })
      : null
    if (server) closers.push(() => server.stop())
    const queue = hasQueue ? await openQueue(settings, archive.database, log) : null
    openedQueue = queue
    if (queue) {
      measureQueue(metrics, queue)
      closers.push(() => queue.close())
      if (roles.work) closers.push(openPush(settings, archive.database, options, log))
      if (roles.work) closers.push(await startWork(options, archive, queue, metrics))
    }
    const keeper = queue && roles.schedule ? keepSchedules(queue, archive.database, sources, log) : null
    if (keeper) closers.push(() => keeper.stop(), keepHouse(options, archive.database, keeper))
    closers.push(() => sources.close())
    sources.watch(({ broken, ...changes }) => {
      for (const { id, problem } of broken) {
        log.error({ source: id, problem, goesOn: sources.find(id) !== null }, 'source.broken')
      }
      log.info(changes, 'sources.changed')
      server?.useSources(sources.sources())
      keeper?.changed()
    })
    return { archive, queue, server, operator, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
