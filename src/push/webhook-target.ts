import { createHash } from 'node:crypto'
import type { FeedDefinition, Webhook } from '../model/feed-definition.ts'

/** A webhook of a feed. */
export interface WebhookTarget {
  /** Names it in the archive, where its address does not belong: addresses of chat services are secrets. */
  readonly key: string
  readonly feedId: string
  readonly webhook: Webhook
}

/** Every webhook of the feeds. */
export function webhookTargets(feeds: readonly FeedDefinition[]): WebhookTarget[] {
  return feeds.flatMap(({ id, webhooks }) =>
    webhooks.map((webhook) => {
      const hash = createHash('sha256').update(webhook.url).digest('hex').slice(0, 12)
      return { key: `${id}/${new URL(webhook.url).hostname}/${hash}`, feedId: id, webhook }
    }),
  )
}
