import type { FeedDocument, FeedPages } from '../../model/feed-document.ts'
import { assumedZone } from './assumed-zone.ts'
import { absolute, all, baseOf, date, first, line, text } from './field.ts'
import type { FeedSource } from './read-feed.ts'
import { lastModified, readItem } from './read-item.ts'
import type { XmlElement, XmlTree } from './xml-tree.ts'

/** Minutes of the syndication module's periods. */
const periods: Readonly<Record<string, number>> = {
  hourly: 60,
  daily: 1440,
  weekly: 10_080,
  monthly: 43_200,
  yearly: 525_600,
}

/** The element that speaks for the feed: RSS's channel, Atom's feed. */
function headOf(tree: XmlTree): XmlElement | null {
  const { feed } = tree
  if (!feed) return null
  return feed.name === 'channel' ? feed : (all(feed, 'channel')[0] ?? feed)
}

function linkOf(head: XmlElement, rel: string, base: string): string | null {
  const link = all(head, 'atom:link').find((link) => (link.attributes['rel'] ?? 'alternate').split(/\s+/).includes(rel))
  return link ? absolute(link.attributes['href'] || link.text, baseOf(link, base)) : null
}

/** An empty `self` is the base that the feed states (RFC 3986 §4.4). */
function selfByBase(head: XmlElement, url: string): string | null {
  const link = all(head, 'atom:link').find(
    ({ attributes }) => attributes['rel'] === 'self' && attributes['href'] === '',
  )
  return link && baseOf(link, url) !== url ? baseOf(link, url) : null
}

function homeUrl(head: XmlElement, url: string): string | null {
  const link = first(head, 'link')
  const stated = link ? absolute(link.text, baseOf(link, url)) : null
  const inAttribute = all(head, 'link')[0]?.attributes['href'] ?? head.attributes['href']
  return stated ?? linkOf(head, 'alternate', url) ?? absolute(inAttribute, url)
}

function ttlMinutes(head: XmlElement): number | null {
  const ttl = Number(line(first(head, 'ttl')) ?? Number.NaN)
  if (Number.isFinite(ttl) && ttl > 0) return Math.round(ttl)
  const period = periods[line(first(head, 'sy:updateperiod'))?.toLowerCase() ?? '']
  if (period === undefined) return null
  const frequency = Number(line(first(head, 'sy:updatefrequency')) ?? 1)
  return Math.max(1, Math.round(period / (frequency >= 1 ? frequency : 1)))
}

function skipHours(head: XmlElement): number[] {
  const hours = all(first(head, 'skiphours'), 'hour').flatMap((hour) =>
    /^\s*\d{1,2}\s*$/.test(hour.text) ? [Number(hour.text)] : [],
  )
  // Midnight is 0 in RSS 2.0 and 24 in RSS 0.91.
  return [...new Set(hours.filter((hour) => hour <= 24).map((hour) => hour % 24))]
}

function pagesOf(head: XmlElement, url: string): FeedPages {
  const pages = {
    first: linkOf(head, 'first', url),
    previous: linkOf(head, 'previous', url) ?? linkOf(head, 'prev', url) ?? linkOf(head, 'prev-archive', url),
    next: linkOf(head, 'next', url) ?? linkOf(head, 'next-archive', url),
    last: linkOf(head, 'last', url),
  }
  return Object.fromEntries(Object.entries(pages).filter(([, url]) => url !== null))
}

function languageOf(head: XmlElement, root: XmlElement | null): string | null {
  const stated =
    line(first(head, 'language', 'dc:language')) ?? head.attributes['xml:lang'] ?? root?.attributes['xml:lang']
  return stated?.trim().replaceAll('_', '-') || null
}

/** A feed in XML; `null` when the elements are those of something else. */
export function readXmlFeed(tree: XmlTree, from: FeedSource): FeedDocument | null {
  const head = headOf(tree)
  if (!head) return null
  const base = baseOf(head, from.url)
  const title = text(first(head, 'title', 'atom:title', 'dc:title'))
  const language = languageOf(head, tree.feed)
  const pages = pagesOf(head, from.url)
  const skipped = skipHours(head)
  const sample =
    (title ?? '') +
    tree.items
      .slice(0, 3)
      .map((item) => first(item, 'title', 'atom:title')?.text ?? '')
      .join('')
  const zone = assumedZone(from, language, sample)
  return {
    title,
    description: text(
      first(head, 'description', 'atom:subtitle', 'atom:tagline', 'dc:description', 'itunes:summary', 'abstract'),
    ),
    homeUrl: homeUrl(head, base),
    selfUrl: linkOf(head, 'self', from.url) ?? selfByBase(head, from.url),
    hubUrl: linkOf(head, 'hub', from.url),
    language,
    updatedAt:
      date(head, zone, 'lastbuilddate', 'atom:updated', 'atom:modified', 'pubdate', 'dc:date', 'dcterms:modified') ??
      lastModified(head, zone),
    ttlMinutes: ttlMinutes(head),
    items: tree.items.map((item) => readItem(item, { url: from.url, zone, feed: head, language })),
    ...(Object.keys(pages).length > 0 ? { pages } : {}),
    ...(skipped.length > 0 ? { skipHours: skipped } : {}),
  }
}
