import RSS from 'rss'
import type { FeedDocument } from '../../model/feed-document.ts'
import { plainText } from '../plain-text.ts'
import { rssItem } from './rss-item.ts'
import { toUri } from './uri.ts'
import { dateOf, languageOf, pageLinks, ttlOf, writtenItems } from './written-item.ts'

const GENERATOR = 'Newsfold'
const TYPE = 'application/rss+xml'

/** For a feed that belongs to no page: `rss` would name its own. Left out in the end, since RSS has no word for "none". */
const noAddress = 'about:blank'

/** `rss` stamps the time of rendering behind this. What stands after it is escaped, so its last occurrence is the stamp. */
const stampMark = `<generator>${GENERATOR}</generator><lastBuildDate>`

/** The channel with the `lastBuildDate` that the feed states, in place of the time of rendering. */
function withoutStamp(channel: string, updated: Date | null): string {
  const start = channel.lastIndexOf(stampMark) + stampMark.length - '<lastBuildDate>'.length
  const end = channel.indexOf('</lastBuildDate>', start) + '</lastBuildDate>'.length
  const stated = updated ? `<lastBuildDate>${updated.toUTCString()}</lastBuildDate>` : ''
  return channel.slice(0, start) + stated + channel.slice(end)
}

function channelOf(feed: FeedDocument): string {
  const title = plainText(feed.title ?? '') || GENERATOR
  const selfUrl = toUri(feed.selfUrl)
  const pages = pageLinks(feed).map(({ rel, url }) => ({ 'atom:link': { _attr: { href: url, rel, type: TYPE } } }))
  const rss = new RSS({
    title,
    description: plainText(feed.description ?? '') || title,
    generator: GENERATOR,
    feed_url: selfUrl ?? '',
    site_url: toUri(feed.homeUrl, feed.selfUrl) ?? selfUrl ?? noAddress,
    hub: toUri(feed.hubUrl) ?? undefined,
    language: languageOf(feed.language) ?? undefined,
    ttl: ttlOf(feed) ?? undefined,
    custom_namespaces: { media: 'http://search.yahoo.com/mrss/' },
    custom_elements: pages,
  })
  return withoutStamp(rss.xml().replace(`<link>${noAddress}</link>`, ''), dateOf(feed.updatedAt))
}

/**
 * A feed as RSS 2.0 (RSS Advisory Board's specification and profile) with the modules content, dc, atom and media.
 * Equal feeds give equal text; it holds no time but those of the feed.
 */
export function writeRss(feed: FeedDocument): string {
  const channel = channelOf(feed)
  const end = channel.lastIndexOf('</channel>')
  let xml = channel.slice(0, end)
  for (const item of writtenItems(feed)) xml += rssItem(item)
  return xml + channel.slice(end)
}
