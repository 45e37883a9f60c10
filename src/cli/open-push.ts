import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import type { DeliveryChannel } from '../model/delivery-channel.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import { withoutSlash } from '../model/public-url.ts'
import type { TryOutcome } from '../push/push-context.ts'
import { startPush } from '../push/push-service.ts'
import { createRequestSender } from '../push/request-sender.ts'
import { createTopicCache } from '../push/topic-cache.ts'
import { webhookTargets } from '../push/webhook-target.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import type { FeedsFile } from '../runtime/feeds-file.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Settings } from '../runtime/settings.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { feedFormats } from '../server/feed-formats.ts'
import { createPublications } from '../server/push-publications.ts'
import { userAgent } from './version.ts'

const now = () => new Date()

/** What there is to send, as it is at the moment. */
export interface Published {
  readonly feeds: FeedsFile
  readonly sources: SourceFolder
}

/** The addresses of every public feed, which hubs of others are told of. */
function publicTopics(settings: Settings, feeds: readonly FeedDefinition[]): { feedId: string; topic: string }[] {
  if (settings.NEWSFOLD_HUBS.length === 0 || settings.NEWSFOLD_PUBLIC_URL === null) return []
  const publicUrl = withoutSlash(settings.NEWSFOLD_PUBLIC_URL)
  return feeds
    .filter((feed) => !feed.private)
    .flatMap(({ id }) =>
      feedFormats.map(({ extension }) => ({ feedId: id, topic: `${publicUrl}/feeds/${id}.${extension}` })),
    )
}

/** Starts sending out what is new: to subscribers, webhooks and hubs of others. @returns how to stop */
export function openPush(
  settings: Settings,
  database: Database,
  published: Published,
  queue: DeliveryQueue,
  metrics: Metrics,
  log: Logger,
): () => Promise<void> {
  const feeds = () => published.feeds.feeds()
  const sources = () => new Map(published.sources.sources().map((source) => [source.id, source]))
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
    tried: (channel: DeliveryChannel, outcome: TryOutcome) => metrics.deliveryTries.inc({ channel, outcome }),
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
