import { writeAtom } from '../feed/write/write-atom.ts'
import { writeICalendar } from '../feed/write/write-icalendar.ts'
import { writeJsonFeed } from '../feed/write/write-json-feed.ts'
import { writeRss } from '../feed/write/write-rss.ts'
import type { FeedDocument } from '../model/feed-document.ts'

/** One way to write a feed, by the extension of its address. */
export interface FeedFormat {
  readonly extension: string
  readonly name: string
  readonly contentType: string
  /** Only stories that announce an event. */
  readonly isOfEvents?: boolean
  /** Whether scripts on pages of others may read it. */
  readonly isForAllOrigins?: boolean
  write(document: FeedDocument): string
}

/** Every format that feeds are published in, beside the HTML page. */
export const feedFormats: readonly FeedFormat[] = [
  { extension: 'rss', name: 'RSS', contentType: 'application/rss+xml; charset=utf-8', write: writeRss },
  { extension: 'atom', name: 'Atom', contentType: 'application/atom+xml; charset=utf-8', write: writeAtom },
  {
    extension: 'json',
    name: 'JSON',
    contentType: 'application/feed+json; charset=utf-8',
    isForAllOrigins: true,
    write: writeJsonFeed,
  },
  {
    extension: 'ics',
    name: 'iCal',
    contentType: 'text/calendar; charset=utf-8',
    isOfEvents: true,
    write: writeICalendar,
  },
]
