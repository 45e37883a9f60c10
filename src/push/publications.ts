import { createHash } from 'node:crypto'
import type { FeedItem } from '../model/feed-document.ts'

/** What an address of ours shows to subscribers. */
export interface TopicContent {
  readonly body: Buffer
  readonly contentType: string
  readonly hash: string
}

/** What is published, as far as those who send it out need to know. */
export interface Publications {
  /** The present content of a topic; `null` when it is no topic of ours, or no more. */
  readTopic(topic: string): Promise<TopicContent | null>
  /** Those of the stories that a feed of the configuration asks for, however old. */
  storiesOf(feedId: string, storyIds: readonly string[]): Promise<readonly PublishedStory[]>
  /** A story as an item of a feed; `null` when one of them is no more. */
  readItem(feedId: string, storyId: string): Promise<FeedItem | null>
}

/** A story as far as it decides whether it is news. */
export interface PublishedStory {
  readonly id: string
  /** Its place in time: when it was published, or seen where that is not said. */
  readonly at: Date
}

/** What tells contents apart. */
export function contentHashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64url')
}
