import type { ArticleImage, Attachment } from '../../model/article.ts'
import type { FeedDocument, FeedItem } from '../../model/feed-document.ts'
import type { StatedTime } from '../../model/time.ts'
import { contentWithCopies } from './item-content.ts'
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
}

/** Long enough for a headline, short enough for a list of them. */
const TITLE_LENGTH = 80
/** About four lines in a reader's list. */
const SUMMARY_LENGTH = 280

/** The instant of a stated time; `null` when it is not known to the day, or is no date that feeds can state. */
export function dateOf(time: StatedTime | null): Date | null {
  if (!time || time.precision === 'month' || time.precision === 'year') return null
  const date = new Date(time.at)
  const year = date.getUTCFullYear()
  return year >= 1000 && year <= 9999 ? date : null
}

/** BCP 47 in the form that all feed formats share, else `null`. */
export function languageOf(language: string | null): string | null {
  return language !== null && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? language : null
}

function plainTexts(texts: readonly string[]): string[] {
  return [...new Set(texts.map(plainText))].filter((text) => text !== '')
}

function writtenItem(item: FeedItem, base: string | null): WrittenItem {
  const url = toUri(item.url, base)
  const linkBase = url ?? base
  const images = item.images.flatMap((image) => {
    const address = toUri(image.url, linkBase)
    return address ? [{ ...image, url: address }] : []
  })
  const attachments = item.attachments.flatMap((attachment) => {
    const address = toUri(attachment.url, linkBase)
    return address ? [{ ...attachment, url: address }] : []
  })
  const copies = item.copies.flatMap((copy) => {
    const address = toUri(copy.url, linkBase)
    return address ? [{ name: plainText(copy.name) || new URL(address).hostname, url: address }] : []
  })
  const summary =
    plainText(item.summary ?? '') || excerpt(plainText(item.contentHtml?.slice(0, 4000) ?? ''), SUMMARY_LENGTH)
  return {
    id: xmlText(item.id).trim(),
    url,
    title: plainText(item.title ?? '') || excerpt(summary, TITLE_LENGTH) || url || xmlText(item.id),
    summary,
    contentHtml: contentWithCopies(item.contentHtml ?? '', copies, linkBase),
    authors: plainTexts(item.authors),
    origin: item.origin === null ? null : plainText(item.origin) || null,
    categories: plainTexts(item.categories),
    published: dateOf(item.publishedAt),
    updated: dateOf(item.updatedAt),
    images,
    attachments,
    copies,
    language: languageOf(item.language),
  }
}

/** Every item of a feed after hygiene; of items with one id the first, since readers fold them and validators refuse them. */
export function writtenItems(feed: FeedDocument): WrittenItem[] {
  const seen = new Set<string>()
  const base = feed.homeUrl ?? feed.selfUrl
  return feed.items.flatMap((item) => {
    if (seen.has(item.id)) return []
    seen.add(item.id)
    return [writtenItem(item, base)]
  })
}
