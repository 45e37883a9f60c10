import RSS from 'rss'
import type { FeedDocument } from '../../model/feed-document.ts'
import { plainText } from '../plain-text.ts'
import { toUri } from './uri.ts'
import { dateOf, languageOf, writtenItems, type WrittenItem } from './written-item.ts'

const GENERATOR = 'Newsfold'
/** `rss` stamps the time of rendering here; only what stands before it may hold this text again, and that is CDATA. */
const stampMark = `<generator>${GENERATOR}</generator><lastBuildDate>`

/** The channel's `lastBuildDate` as stated by the feed, in place of the time of rendering that `rss` puts there. */
function withoutStamp(head: string, updated: Date | null): string {
  const start = head.lastIndexOf(stampMark) + stampMark.length - '<lastBuildDate>'.length
  const end = head.indexOf('</lastBuildDate>', start) + '</lastBuildDate>'.length
  const stated = updated ? `<lastBuildDate>${updated.toUTCString()}</lastBuildDate>` : ''
  return head.slice(0, start) + stated + head.slice(end)
}

function atomLink(rel: string, href: string | null, type?: string): object[] {
  return href ? [{ 'atom:link': { _attr: { href, rel, ...(type ? { type } : {}) } } }] : []
}

function addItem(rss: RSS, item: WrittenItem): void {
  const custom: object[] = item.authors.map((name) => ({ 'dc:creator': { _cdata: name } }))
  if (item.origin) custom.push({ 'dc:publisher': { _cdata: item.origin } })
  if (item.contentHtml) custom.push({ 'content:encoded': { _cdata: item.contentHtml } })
  for (const image of item.images) custom.push({ 'media:content': { _attr: { url: image.url, medium: 'image' } } })
  for (const copy of item.copies) custom.push(...atomLink('related', copy.url))
  const enclosure = item.attachments[0]
  rss.item({
    title: item.title,
    description: item.summary,
    url: item.url ?? '',
    guid: item.id,
    categories: [...item.categories],
    date: item.published ?? '',
    ...(enclosure
      ? {
          enclosure: {
            url: enclosure.url,
            size: enclosure.bytes ?? 0,
            type: enclosure.mediaType ?? 'application/octet-stream',
          },
        }
      : {}),
    custom_elements: custom,
  })
}

/**
 * A feed as RSS 2.0 (RSS Advisory Board) with `content`, `dc`, `atom` and `media` modules. Equal feeds give equal text.
 */
export function writeRss(feed: FeedDocument): string {
  const rss = new RSS({
    title: plainText(feed.title ?? '') || GENERATOR,
    description: plainText(feed.description ?? ''),
    generator: GENERATOR,
    feed_url: toUri(feed.selfUrl) ?? '',
    site_url: toUri(feed.homeUrl, feed.selfUrl) ?? toUri(feed.selfUrl) ?? '',
    hub: toUri(feed.hubUrl) ?? undefined,
    language: languageOf(feed.language) ?? undefined,
    ttl: feed.ttlMinutes ?? undefined,
    custom_namespaces: { media: 'http://search.yahoo.com/mrss/' },
    custom_elements: [
      ...atomLink('first', toUri(feed.pages?.first), 'application/rss+xml'),
      ...atomLink('prev', toUri(feed.pages?.previous), 'application/rss+xml'),
      ...atomLink('next', toUri(feed.pages?.next), 'application/rss+xml'),
      ...atomLink('last', toUri(feed.pages?.last), 'application/rss+xml'),
    ],
  })
  for (const item of writtenItems(feed)) addItem(rss, item)
  return withoutStamp(rss.xml(), dateOf(feed.updatedAt))
}
