import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { countWorkers } from '../archive/source-lease.ts'
import { makeSearchIndex } from '../archive/search-index.ts'
import { indexUnmadeStories } from '../archive/story-search.ts'
import { describeError } from '../model/errors.ts'
import type { CrawlWatcher } from '../queue/crawl-service.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import type { OpenQueues } from '../queue/queue-figures.ts'
import { searchTextOf } from '../search/search-text.ts'
import { operatorToken, type OperatorToken } from '../runtime/operator-token.ts'
import type { Settings } from '../runtime/settings.ts'
import { createMetrics, measureProcess } from '../runtime/metrics.ts'
import type { FeedsFile } from '../runtime/feeds-file.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { readinessChecks } from '../server/readiness-checks.ts'
import type { ReadinessQuestion } from '../server/readiness.ts'
import { startHealthServer } from '../server/health.ts'
import { startServer, type RunningServer } from '../server/server.ts'
import { openAlerts } from './open-alerts.ts'
import { openQueuesBeside } from './queues-beside.ts'
import { openArchive, openDeliveries, openPush, openQueue, queueStore, type OpenArchive } from './services.ts'
import { clearOld, hourly, shownBy } from './keep-house.ts'
import { keepSchedules, type ScheduleKeeper } from './keep-schedules.ts'
import { measureArchive, measureDisk, measureQueues, measureSources, measureStates } from './measure.ts'
import { startWork } from './start-work.ts'

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
  /** Other processes that worked on the archive when this one came. */
  readonly others: number
  /** Hands running work back and closes everything, what was opened last first. @returns whether all of it was done in time */
  stop(): Promise<boolean>
}

/** Something that was opened; what it is called goes into the log when it cannot be closed. */
interface Closer {
  readonly what: string
  readonly close: () => Promise<void> | void
}

/** What takes longer is not waited for: a stop takes less than 10 s in all, its end included. */
const stopWithinMs = 9000
/** Of that, for the archive, which is closed last: its server writes down what it has in memory. */
const archiveStopsWithinMs = 2500

function keepHouse(options: ProgramOptions, database: Database, keeper: ScheduleKeeper, signal: AbortSignal) {
  const { settings, log } = options
  const shown = shownBy(options)
  return hourly(
    () => keeper.isLeader(),
    log,
    async () => {
      // A program of the version before may still write some, and one that is left has every search go the slow way.
      void makeSearchable(database, log, signal)
      const cleared = await clearOld(database, settings, shown(), new Date())
      if (cleared.runs + cleared.revisions + cleared.articles > 0) log.info(cleared, 'archive.cleared')
    },
  )
}

/**
 * Stories from before search was there, and the index of them, beside everything else: feeds without words show them
 * meanwhile, and searches are slow.
 */
async function makeSearchable(database: Database, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    const count = await indexUnmadeStories(database, searchTextOf)
    if (count > 0) log.info({ count }, 'stories.indexed')
    // Of what is made already it is made once only.
    if (await makeSearchIndex(database, signal)) log.info('search-index.made')
  } catch (error) {
    if (!signal.aborted) log.warn({ reason: describeError(error) }, 'stories.not-indexed')
  }
}

export interface ProgramOptions {
  readonly settings: Settings
  readonly sources: SourceFolder
  readonly feeds: FeedsFile
  readonly roles: Roles
  readonly log: Logger
  readonly watcher: CrawlWatcher
}

/** Starts the parts that the roles name, in the order in which they need each other. */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { settings, sources, roles, log } = options
  const metrics = createMetrics()
  const closers: Closer[] = []
  const closing = (what: string, close: Closer['close']): void => void closers.push({ what, close })
  let stopAt = Number.POSITIVE_INFINITY
  const stop = async (): Promise<boolean> => {
    let isWhole = true
    stopAt = performance.now() + stopWithinMs
    const isLate = sleep(stopWithinMs - archiveStopsWithinMs, 'late', { ref: false })
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      const { what, close } = closer
      try {
        if ((await (closers.length > 0 ? Promise.race([close(), isLate]) : close())) !== 'late') continue
        log.warn({ what, withinMs: stopWithinMs - archiveStopsWithinMs }, 'program.cut-off')
      } catch (error) {
        log.warn({ what, err: error }, 'program.not-closed')
      }
      isWhole = false
    }
    return isWhole
  }

  try {
    const archive = await openArchive(settings, log)
    closing('archive', () => archive.close(stopAt - performance.now()))
    const others = await countWorkers(archive.database)
    const stopping = new AbortController()
    closing('search index', () => stopping.abort())
    void makeSearchable(archive.database, log, stopping.signal)
    measureProcess(metrics)
    measureArchive(metrics, archive.database)
    measureSources(metrics, sources)
    measureStates(metrics, archive.database, sources)
    measureDisk(metrics, settings.NEWSFOLD_DATA)
    const hasQueue = roles.schedule || roles.work
    let opened: OpenQueues | null = null
    const operator = roles.serve ? operatorToken(settings.NEWSFOLD_DATA) : null
    let served: RunningServer | null = null
    const readiness: ReadinessQuestion = {
      checks: readinessChecks(archive.database, hasQueue ? () => opened?.queue ?? null : undefined),
      // What only serves goes on with the feeds that it has: readers must not be turned away from all of them at once.
      goesOnWithout: (missing) => !hasQueue && missing.has('database') && served?.hasFeeds() === true,
    }
    const metricsPort = settings.NEWSFOLD_METRICS_PORT
    if (metricsPort !== null) {
      const health = await startHealthServer({ host: settings.NEWSFOLD_HOST, port: metricsPort, readiness, metrics })
      closing('health server', () => health.stop())
    }
    const beside = roles.serve && !hasQueue ? openQueuesBeside(settings, archive.database, log) : null
    if (beside) closing('queues', () => beside.close())
    const server = roles.serve
      ? await startServer({
          database: archive.database,
          feeds: options.feeds.feeds(),
          sources: sources.sources(),
          host: settings.NEWSFOLD_HOST,
          port: settings.NEWSFOLD_PORT,
          publicUrl: settings.NEWSFOLD_PUBLIC_URL,
          hostNames: settings.NEWSFOLD_HOST_NAMES,
          ...(operator ? { operatorToken: operator.token } : {}),
          queues: () => opened ?? beside?.current() ?? null,
          queueStore: () => queueStore(settings, archive.database),
          push: { hubs: settings.NEWSFOLD_HUBS, allowPrivateHosts: settings.NEWSFOLD_ALLOW_PRIVATE_HOSTS },
          log,
          readiness,
          metrics,
          showsMetrics: metricsPort === null,
        })
      : null
    served = server
    if (server) closing('server', () => server.stop())
    const queue = hasQueue ? await openQueue(settings, archive.database, log) : null
    if (queue) {
      const deliveries = await openDeliveries(settings, archive.database, log)
      opened = { queue, deliveries }
      measureQueues(metrics, opened)
      closing('queue', () => queue.close())
      closing('deliveries', () => deliveries.close())
      if (roles.work) closing('pushing', openPush(settings, archive.database, options, deliveries, metrics, log))
      if (roles.work) closing('running crawls', await startWork(options, archive, queue, metrics))
    }
    const keeper = opened && roles.schedule ? keepSchedules(opened, archive.database, sources, log) : null
    if (opened && keeper) {
      closing('schedules', () => keeper.stop())
      closing('retention', keepHouse(options, archive.database, keeper, stopping.signal))
      closing(
        'alerts',
        openAlerts(options, archive, opened, () => keeper.isLeader()),
      )
    }
    closing('source files', () => sources.close())
    sources.watch(({ broken, ...changes }) => {
      for (const { id, problem } of broken) {
        log.error({ source: id, problem, goesOn: sources.find(id) !== null }, 'source.broken')
      }
      log.info(changes, 'sources.changed')
      server?.useSources(sources.sources())
      keeper?.changed()
    })
    closing('feeds file', () => options.feeds.close())
    options.feeds.watch((changed) => server?.useFeeds(changed))
    return { archive, queue, server, operator, others, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
