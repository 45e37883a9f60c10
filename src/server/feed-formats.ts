import { writeRss } from '../feed/write/write-rss.ts'
import type { FeedFormat } from './feed-store.ts'

/** Every format that feeds are published in. */
export const feedFormats: readonly FeedFormat[] = [
  { extension: 'rss', name: 'RSS', contentType: 'application/rss+xml; charset=utf-8', write: writeRss },
]
