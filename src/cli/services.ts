import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isTransient, openDatabase, type Database } from '../archive/database.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../archive/embedded/server.ts'
import { findInstallation } from '../archive/installation.ts'
import { migrate } from '../archive/migrate.ts'
import { openSourceLeases, type SourceLeases } from '../archive/source-lease.ts'
import type { CrawlService, CrawlWatcher } from '../queue/crawl-service.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { ConfigurationError, describeError, NewsfoldError, UnreachableError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import type { QueueStore } from '../queue/queue-store.ts'
import { startPush } from '../push/push-service.ts'
import { createRequestSender } from '../push/request-sender.ts'
import { createTopicCache } from '../push/topic-cache.ts'
import { webhookTargets } from '../push/webhook-target.ts'
import { feedFormats } from '../server/feed-formats.ts'
import { createPublications } from '../server/push-publications.ts'
import type { FeedsFile } from '../runtime/feeds-file.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import type { Source } from '../model/source.ts'
import { sourceCodeUrl } from '../runtime/source-code.ts'
import type { Settings } from '../runtime/settings.ts'
import { withoutSlash } from '../model/public-url.ts'
import { userAgent } from './version.ts'

/** The archive, opened and brought to this program's shape. */
export interface OpenArchive {
  readonly database: Database
  /** `null` with a `DATABASE_URL`. */
  readonly embedded: EmbeddedServer | null
  /** @param withinMs as long as it may take; absent: as long as the server may */
  close(withinMs?: number): Promise<void>
}

/** Somebody else's words on why a database cannot be used, without the address, which holds a password. */
function unreachable(error: unknown): unknown {
  const isTheirs = isTransient(error) || (error instanceof Error && 'code' in error)
  if (error instanceof NewsfoldError || !isTheirs) return error
  const isSilent = error instanceof AggregateError && error.message === ''
  const reason = isSilent ? error.errors.map(describeError).join(', ') : describeError(error)
  const says = `The database of DATABASE_URL cannot be used: ${reason}. Check DATABASE_URL.`
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
    throw settings.DATABASE_URL ? unreachable(error) : error
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

const now = () => new Date()
const closeWithinMs = 1000

/** The addresses of every public feed, which hubs of others are told of. */
function publicTopics(settings: Settings, feeds: readonly FeedDefinition[]): { feedId: string; topic: string }[] {
  const publicUrl = settings.NEWSFOLD_PUBLIC_URL === null ? null : withoutSlash(settings.NEWSFOLD_PUBLIC_URL)
  if (settings.NEWSFOLD_HUBS.length === 0) return []
  if (publicUrl === null) {
    throw new ConfigurationError(
      'settings.hubs-need-public-url',
      'NEWSFOLD_HUBS needs NEWSFOLD_PUBLIC_URL: hubs fetch feeds at the address that readers use. Set it as well.',
    )
  }
  return feeds
    .filter((feed) => !feed.private)
    .flatMap(({ id }) =>
      feedFormats.map(({ extension }) => ({ feedId: id, topic: `${publicUrl}/feeds/${id}.${extension}` })),
    )
}

/**
 * Starts sending out what is new: to subscribers, webhooks and hubs of others.
 * @returns how to stop
 * @throws {ConfigurationError} hubs are named, but not where they would find the feeds
 */
export function openPush(
  settings: Settings,
  database: Database,
  published: { readonly feeds: FeedsFile; readonly sources: SourceFolder },
  queue: DeliveryQueue,
  log: Logger,
): () => Promise<void> {
  const feeds = () => published.feeds.feeds()
  const sources = () => new Map(published.sources.sources().map((source) => [source.id, source]))
  // Says at the start what is missing.
  publicTopics(settings, feeds())
  const hubs = settings.NEWSFOLD_HUBS
  const publications = createPublications({
    database,
    get feeds() {
      return feeds()
    },
    sources,
    hubs,
    now,
  })
  const sender = createRequestSender({
    userAgent: userAgent(settings.NEWSFOLD_CONTACT),
    allowPrivateHosts: settings.NEWSFOLD_ALLOW_PRIVATE_HOSTS,
    now,
  })
  const topics = createTopicCache(publications)
  const context = {
    database,
    publications,
    topics,
    sender,
    hubs,
    now,
    log,
    get webhooks() {
      return webhookTargets(feeds())
    },
    get pinged() {
      return publicTopics(settings, feeds())
    },
  }
  return startPush(context, queue)
}
