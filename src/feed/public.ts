// The package's door to feeds.
export { readFeed } from './read/read-feed.ts'
export { writeRss } from './write/write-rss.ts'
export type { FeedDocument, FeedItem, FeedPages } from '../model/feed-document.ts'
