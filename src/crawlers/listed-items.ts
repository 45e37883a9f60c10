import type { FeedItem } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { ListingReading } from './page-reader.ts'

/** One thing that a listing names. */
export interface ListedItem {
  readonly item: ListingItem
  readonly feedItem: FeedItem | null
  /** When the listing says that it was changed last, ISO 8601 in UTC. */
  readonly changedAt: string | null
}

/** What a listing names, whatever its kind. */
export function itemsOf(reading: ListingReading, pageUrl: string): readonly ListedItem[] {
  if (reading.kind === 'sitemap') {
    return reading.entries.map(({ url, title, publishedAt, changedAt }) => {
      const item = { url, title, publishedAt, summary: null }
      return { item, feedItem: null, changedAt: changedAt?.at ?? null }
    })
  }
  if (reading.kind === 'feed') {
    return reading.feed.items.map((feedItem) => {
      const { title, publishedAt, updatedAt, summary } = feedItem
      const item = { url: feedItemUrl(feedItem, pageUrl), title, publishedAt, summary }
      return { item, feedItem, changedAt: updatedAt?.at ?? null }
    })
  }
  return reading.items.map((item) => ({ item, feedItem: null, changedAt: null }))
}

/** Items without a link stand at their feed's address, told apart by their id. */
export function feedItemUrl(feedItem: FeedItem, feedUrl: string): string {
  if (feedItem.url !== null) return feedItem.url
  if (/^https?:\/\//i.test(feedItem.id) && URL.canParse(feedItem.id)) return feedItem.id
  return new URL(`#${encodeURIComponent(feedItem.id)}`, feedUrl).href
}
