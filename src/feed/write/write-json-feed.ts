import type { FeedDocument } from '../../model/feed-document.ts'
import { plainText } from '../plain-text.ts'
import { toUri } from './uri.ts'
import { languageOf, pageLinks, writtenItems, type WrittenItem } from './written-item.ts'

/** What `JSON.stringify` leaves out. */
function known<Value>(value: Value | null | ''): Value | undefined {
  return value === null || value === '' ? undefined : value
}

function some<Thing>(things: readonly Thing[]): readonly Thing[] | undefined {
  return things.length === 0 ? undefined : things
}

function itemOf(item: WrittenItem): object {
  const hasExtension = item.origin !== null || item.copies.length > 0
  return {
    id: item.id,
    url: known(item.url),
    title: item.title,
    content_html: known(item.contentHtml),
    // Version 1.1 demands one of the two contents.
    content_text: item.contentHtml === '' ? item.summary || item.title : undefined,
    summary: known(item.summary),
    image: item.images[0]?.url,
    date_published: item.published?.toISOString(),
    date_modified: item.updated?.toISOString(),
    authors: some(item.authors.map((name) => ({ name }))),
    tags: some(item.categories),
    language: known(item.language),
    attachments: some(
      item.attachments.map((file) => ({
        url: file.url,
        mime_type: file.mediaType ?? 'application/octet-stream',
        title: known(file.name),
        size_in_bytes: file.bytes ?? undefined,
      })),
    ),
    _newsfold: hasExtension ? { origin: known(item.origin), copies: some(item.copies) } : undefined,
  }
}

/**
 * A feed as JSON Feed 1.1. An item's `_newsfold` holds `origin` (whose text it is) and `copies` (who else ran it).
 * Equal feeds give equal text.
 */
export function writeJsonFeed(feed: FeedDocument): string {
  const hubUrl = toUri(feed.hubUrl)
  const next = pageLinks(feed).find(({ rel }) => rel === 'next')
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: plainText(feed.title ?? '') || 'Newsfold',
    home_page_url: known(toUri(feed.homeUrl, feed.selfUrl)),
    feed_url: known(toUri(feed.selfUrl)),
    description: known(plainText(feed.description ?? '')),
    next_url: next?.url,
    language: known(languageOf(feed.language)),
    hubs: hubUrl === null ? undefined : [{ type: 'WebSub', url: hubUrl }],
    items: writtenItems(feed).map(itemOf),
  })
}
