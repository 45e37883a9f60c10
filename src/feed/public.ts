// The package's door to feeds.
export { looksLikeFeed, readFeed, type FeedSource } from './read/read-feed.ts'
export { writeAtom } from './write/write-atom.ts'
export { writeICalendar } from './write/write-icalendar.ts'
export { writeJsonFeed } from './write/write-json-feed.ts'
export { writeOpml, type OpmlFeed } from './write/write-opml.ts'
export { writeRss } from './write/write-rss.ts'
export type { FeedDocument, FeedItem, FeedPages } from '../model/feed-document.ts'
