import type { FeedDocument } from '../../model/feed-document.ts'
import type { FeedSource } from './read-feed.ts'

export function readJsonFeed(_text: string, _from: FeedSource): FeedDocument | null {
  return null
}
