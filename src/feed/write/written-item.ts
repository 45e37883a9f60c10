import type { AnnouncedEvent, ArticleImage, Attachment } from '../../model/article.ts'
import type { FeedDocument, FeedItem } from '../../model/feed-document.ts'
import type { StatedTime } from '../../model/time.ts'
import { itemContent } from './item-content.ts'
import { excerpt, plainText } from '../plain-text.ts'
import { toUri } from './uri.ts'
import { xmlText } from '../xml-text.ts'

/** A feed item after hygiene: what every format writes as it is. */
export interface WrittenItem {
  readonly id: string
  readonly url: string | null
  /** Plain text, never empty. */
  readonly title: string
  /** Plain text; empty when nothing is known. */
  readonly summary: string
  /** HTML with absolute links, the copies listed at its end; empty when there is none. */
  readonly contentHtml: string
  readonly authors: readonly string[]
  readonly origin: string | null
  readonly categories: readonly string[]
  readonly published: Date | null
  readonly updated: Date | null
  readonly images: readonly ArticleImage[]
  readonly attachments: readonly Attachment[]
  readonly copies: readonly { readonly name: string; readonly url: string }[]
  readonly language: string | null
  readonly events: readonly AnnouncedEvent[]
}

/** Long enough for a headline, short enough for a list of them. */
const TITLE_LENGTH = 80
/** About four lines in a reader's list. */
const SUMMARY_LENGTH = 280

/** Four digits are what dates of feeds have for a year. */
const FIRST_INSTANT = Date.UTC(1000, 0)
const LAST_INSTANT = Date.UTC(10_000, 0) - 1

/** The instant of a stated time; `null` when it is not known to the day, or is no date that feeds can state. */
export function dateOf(time: StatedTime | null): Date | null {
  if (!time || time.precision === 'month' || time.precision === 'year') return null
  const instant = Date.parse(time.at)
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT ? new Date(instant) : null
}

/** BCP 47 in the form that all feed formats share, else `null`. */
export function languageOf(language: string | null): string | null {
  return language !== null && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? language : null
}

/** Minutes that a reader may wait; `null` when the feed does not say. */
export function ttlOf(feed: FeedDocument): number | null {
  const minutes = Math.round(feed.ttlMinutes ?? 0)
  return Number.isSafeInteger(minutes) && minutes > 0 ? minutes : null
}

/** The other pages of a feed, by their names in RFC 5005 §3. */
export function pageLinks(feed: FeedDocument): { rel: 'first' | 'previous' | 'next' | 'last'; url: string }[] {
  return (['first', 'previous', 'next', 'last'] as const).flatMap((rel) => {
    const url = toUri(feed.pages?.[rel], feed.selfUrl)
    return url === null ? [] : [{ rel, url }]
  })
}

function plainTexts(texts: readonly string[]): string[] {
  const plain: string[] = []
  for (const text of texts) {
    const name = plainText(text)
    if (name !== '' && !plain.includes(name)) plain.push(name)
  }
  return plain
}

/** The things whose addresses hold outside the page that they stood on. */
function withUris<Thing extends { readonly url: string }>(things: readonly Thing[], base: string | null): Thing[] {
  if (things.length === 0) return []
  return things.flatMap((thing) => {
    const url = toUri(thing.url, base)
    return url === null ? [] : [url === thing.url ? thing : { ...thing, url }]
  })
}

const mediaType = /^[\w.+-]+\/[\w.+*-]+$/

function describedImage(image: ArticleImage): ArticleImage {
  const { url, width, height } = image
  return {
    url,
    alt: plainText(image.alt ?? '') || null,
    caption: plainText(image.caption ?? '') || null,
    width,
    height,
  }
}

function namedFile(file: Attachment): Attachment {
  const bytes = file.bytes !== undefined && Number.isSafeInteger(file.bytes) ? file.bytes : null
  const type = file.mediaType !== null && mediaType.test(file.mediaType) ? file.mediaType : null
  return {
    url: file.url,
    name: plainText(file.name),
    mediaType: type,
    bytes: bytes !== null && bytes > 0 ? bytes : null,
  }
}

function namedCopy(copy: FeedItem['copies'][number]): FeedItem['copies'][number] {
  return { url: copy.url, name: plainText(copy.name) || new URL(copy.url).hostname }
}

/** Only the beginning of a long text is needed to tell what it is about. */
function lead(html: string | null): string {
  return html === null ? '' : excerpt(plainText(html.slice(0, 20 * SUMMARY_LENGTH)), SUMMARY_LENGTH)
}

function writtenItem(item: FeedItem, feed: FeedDocument): WrittenItem {
  const url = toUri(item.url, feed.homeUrl ?? feed.selfUrl)
  const base = url ?? feed.homeUrl ?? feed.selfUrl
  const copies = withUris(item.copies, base).map(namedCopy)
  const id = xmlText(item.id).trim()
  const summary = plainText(item.summary ?? '') || lead(item.contentHtml)
  const language = item.language ?? feed.language
  return {
    id,
    url,
    title: plainText(item.title ?? '') || excerpt(summary, TITLE_LENGTH) || url || id,
    summary,
    contentHtml: itemContent(item.contentHtml ?? '', {
      base,
      copies,
      language,
      isKnownClean: item.isContentClean ?? false,
    }),
    authors: plainTexts(item.authors),
    origin: item.origin === null ? null : plainText(item.origin) || null,
    categories: plainTexts(item.categories),
    published: dateOf(item.publishedAt),
    updated: dateOf(item.updatedAt),
    images: withUris(item.images, base).map(describedImage),
    attachments: withUris(item.attachments, base).map(namedFile),
    copies,
    language: languageOf(item.language),
    events: item.events,
  }
}

interface Kept {
  readonly feed: Pick<FeedDocument, 'homeUrl' | 'selfUrl' | 'language'>
  readonly written: WrittenItem
}

/** Items stand in several feeds, and each feed is written in several formats: their hygiene is done once. */
const kept = new WeakMap<FeedItem, Kept>()

function keptItem(item: FeedItem, feed: FeedDocument): WrittenItem {
  const known = kept.get(item)
  if (
    known?.feed.homeUrl === feed.homeUrl &&
    known.feed.selfUrl === feed.selfUrl &&
    known.feed.language === feed.language
  ) {
    return known.written
  }
  const written = writtenItem(item, feed)
  kept.set(item, { feed, written })
  return written
}

/** Every item of a feed after hygiene; of items with one id the first, since readers fold them and validators refuse them. */
export function writtenItems(feed: FeedDocument): WrittenItem[] {
  const seen = new Set<string>()
  const items: WrittenItem[] = []
  for (const item of feed.items) {
    if (seen.has(item.id)) continue
    seen.add(item.id)
    items.push(keptItem(item, feed))
  }
  return items
}
