import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isTransient, openDatabase, type Database } from '../archive/database.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../archive/embedded/server.ts'
import { findInstallation } from '../archive/installation.ts'
import { migrate } from '../archive/migrate.ts'
import { openSourceLeases, type SourceLeases } from '../archive/source-lease.ts'
import type { CrawlService, CrawlWatcher } from '../queue/crawl-service.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { describeError, NewsfoldError, UnreachableError } from '../model/errors.ts'
import { whatToTry } from '../model/store-trouble.ts'
import { withoutPassword } from '../model/without-password.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import { queuesWithin, type AskedQueues } from '../queue/queue-figures.ts'
import type { QueueStore } from '../queue/queue-store.ts'
import type { Source } from '../model/source.ts'
import { sourceCodeUrl } from '../runtime/source-code.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Settings } from '../runtime/settings.ts'
import type { Published } from './open-push.ts'
import { userAgent } from './version.ts'

/** The archive, opened and brought to this program's shape. */
export interface OpenArchive {
  readonly database: Database
  /** `null` with a `DATABASE_URL`. */
  readonly embedded: EmbeddedServer | null
  /** @param withinMs as long as it may take; absent: as long as the server may */
  close(withinMs?: number): Promise<void>
}

/** Somebody else's words on why a database cannot be used; `null`: it is something else. */
export function databaseTrouble(error: unknown): string | null {
  const isTheirs = isTransient(error) || (error instanceof Error && 'code' in error)
  if (error instanceof NewsfoldError || !isTheirs) return null
  const isSilent = error instanceof AggregateError && error.message === ''
  return isSilent ? error.errors.map(describeError).join(', ') : describeError(error)
}

function unreachable(url: string, error: unknown): unknown {
  const reason = databaseTrouble(error)
  if (reason === null) return error
  const says =
    `The database of DATABASE_URL at ${withoutPassword(url)} cannot be used: ${reason}. ` +
    `${whatToTry('DATABASE_URL', error)}.`
  return new UnreachableError('archive.unusable', says, error)
}

/**
 * Opens the archive: the embedded server or the one that `DATABASE_URL` names.
 * @param options.retryForMs how long a database that does not answer is waited for; the archive's own patience if absent
 */
export async function openArchive(
  settings: Settings,
  log: Logger,
  options: { readonly retryForMs?: number } = {},
): Promise<OpenArchive> {
  const embedded = settings.DATABASE_URL ? null : await openEmbeddedServer(settings.NEWSFOLD_DATA, log)
  // From here on: another process that leaves may stop the server at the moment at which this one has found it.
  embedded?.watch()
  const database = openDatabase(settings.DATABASE_URL ?? embedded?.connectionString ?? '', log, options)
  try {
    const applied = await migrate(database)
    if (applied.length > 0) log.info({ applied }, 'archive.migrated')
  } catch (error) {
    await database.close()
    await embedded?.stop()
    throw settings.DATABASE_URL ? unreachable(settings.DATABASE_URL, error) : error
  }
  return {
    database,
    embedded,
    close: async (withinMs) => {
      const began = performance.now()
      // Queries that wait for a database that is away are not waited for.
      const isLate = withinMs === undefined ? [] : [sleep(withinMs / 3, undefined, { ref: false })]
      await Promise.race([database.close(), ...isLate])
      await embedded?.stop(withinMs && withinMs - (performance.now() - began))
    },
  }
}

/** Where the queues of an archive are. */
export async function queueStore(settings: Settings, database: Database): Promise<QueueStore> {
  const installation = await findInstallation(database)
  return { databaseUrl: database.connectionString, redisUrl: settings.REDIS_URL, installation }
}

/**
 * Opens the queue that belongs to an archive. BullMQ, and Crawlee below, are half of what there is to load: only
 * commands that need them wait for it, and a server answers before.
 */
export async function openQueue(settings: Settings, database: Database, log: Logger): Promise<JobQueue> {
  const { openJobQueue } = await import('../queue/job-queue.ts')
  const queue = openJobQueue(await queueStore(settings, database), log)
  try {
    await queue.ready()
  } catch (error) {
    // Not waited for: what does not answer does not say goodbye either.
    void queue.close().catch(() => undefined)
    throw error
  }
  return queue
}

/** Opens the queue of deliveries that belongs to an archive; its store may be away. */
export async function openDeliveries(settings: Settings, database: Database, log: Logger): Promise<DeliveryQueue> {
  const { openDeliveryQueue } = await import('../queue/delivery-queue.ts')
  const queue = openDeliveryQueue(await queueStore(settings, database), log)
  // A store that is away does not say goodbye.
  const close = () => Promise.race([queue.close(), sleep(closeWithinMs, undefined, { ref: false })])
  return { ...queue, close }
}

/** The queues as a command asks them. */
export interface CommandQueues extends AskedQueues {
  readonly close: () => Promise<void>
}

/** Opens both queues for whoever waits at a terminal: one that does not answer is an error within 10 s. */
export async function openCommandQueues(
  settings: Settings,
  database: Database,
  log: Logger,
  withinMs = commandPatienceMs,
): Promise<CommandQueues> {
  const { openJobQueue } = await import('../queue/job-queue.ts')
  const queue = openJobQueue(await queueStore(settings, database), log)
  const deliveries = await openDeliveries(settings, database, log)
  return {
    ...queuesWithin({ queue, deliveries }, withinMs),
    close: async () => {
      await deliveries.close()
      await Promise.race([queue.close(), sleep(closeWithinMs, undefined, { ref: false })])
    },
  }
}

/** What crawls, with what it needs. */
export interface Crawling {
  readonly service: CrawlService
  readonly leases: SourceLeases
  close(): Promise<void>
}

/** Makes crawls possible: the guarded client, the reading threads, the leases. */
export async function openCrawling(
  settings: Settings,
  database: Database,
  log: Logger,
  watcher: CrawlWatcher,
): Promise<Crawling> {
  const { createHttpClient } = await import('../crawlers/http-client.ts')
  const { createRenderer } = await import('../crawlers/browser.ts')
  const { createReaderPool } = await import('../crawlers/reader-pool.ts')
  const { createRequestPlaces } = await import('../crawlers/request-places.ts')
  const { createCrawlService } = await import('../queue/crawl-service.ts')
  const agent = userAgent(settings.NEWSFOLD_CONTACT)
  const http = createHttpClient({ userAgent: agent, now: () => new Date() })
  const reader = createReaderPool()
  const leases = openSourceLeases(database, log)
  const readerOf = ({ id }: Source) => reader.withCode(sourceCodeUrl(settings.NEWSFOLD_CONFIG, id))
  const renderer = createRenderer({
    http,
    userAgent: agent,
    executable: settings.NEWSFOLD_CHROMIUM,
  })
  const service = createCrawlService({
    database,
    http,
    requestPlaces: createRequestPlaces(settings.NEWSFOLD_REQUESTS),
    renderer,
    reader,
    readerOf,
    leases,
    userAgent: agent,
    log,
    watcher,
  })
  return {
    service,
    leases,
    close: async () => {
      await leases.close()
      await renderer.close()
      await reader.close()
      await http.close()
    },
  }
}

const closeWithinMs = 1000
const commandPatienceMs = 10_000

/**
 * Starts sending out what is new: to subscribers, webhooks and hubs of others. What does so is loaded meanwhile.
 * @returns how to stop
 */
export function openPush(
  settings: Settings,
  database: Database,
  published: Published,
  queue: DeliveryQueue,
  metrics: Metrics,
  log: Logger,
): () => Promise<void> {
  const starting = import('./open-push.ts').then((push) =>
    push.openPush(settings, database, published, queue, metrics, log),
  )
  return async () => (await starting)()
}
