import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import type { DeliveryChannel } from '../model/delivery-channel.ts'
import type { Publications } from './publications.ts'
import type { RequestSender } from './request-sender.ts'
import type { TopicCache } from './topic-cache.ts'
import type { WebhookTarget } from './webhook-target.ts'

/** What became of one try of a delivery: not taken it is tried again later, or never. */
export type TryOutcome = 'taken' | 'failed' | 'given-up'

/** What every part of the push needs. */
export interface PushContext {
  readonly database: Database
  readonly publications: Publications
  readonly topics: TopicCache
  readonly sender: RequestSender
  /** Every webhook of the configuration. */
  readonly webhooks: readonly WebhookTarget[]
  /** Hubs of others, which are told of changes. */
  readonly hubs: readonly string[]
  /** The topics that hubs of others are told of, by the feed that each belongs to. */
  readonly pinged: readonly { readonly feedId: string; readonly topic: string }[]
  /** Told of each try. */
  readonly tried: (channel: DeliveryChannel, outcome: TryOutcome) => void
  readonly now: () => Date
  readonly log: Logger
}
