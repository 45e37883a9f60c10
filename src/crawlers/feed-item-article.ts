import { createHash } from 'node:crypto'
import type { Article } from '../model/article.ts'
import type { FeedItem } from '../model/feed-document.ts'
import type { PageSource } from '../model/page.ts'
import type { Source } from '../model/source.ts'
import type { PageReader } from './page-reader.ts'

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/**
 * An article out of what a feed says of it, its page unseen. The article reader sanitises and measures the content,
 * as it does a page's; what the feed states outranks what the reader finds in it.
 */
export async function articleOfFeedItem(
  reader: PageReader,
  feedItem: FeedItem,
  from: { url: string; fetchedAt: Date; timeZone: string },
): Promise<Article> {
  const { title, contentHtml, summary, authors, publishedAt, updatedAt } = feedItem
  const body = contentHtml ?? `<p>${escapeHtml(summary ?? '')}</p>`
  const html =
    `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(title ?? '')}</title></head>` +
    `<body><h1>${escapeHtml(title ?? '')}</h1><article>${body}</article></body></html>`
  const page: PageSource = { body: new TextEncoder().encode(html), contentType: 'text/html; charset=utf-8', ...from }
  const article = await reader.readArticle(page, { title: 'h1', body: 'article' })
  return {
    ...article,
    title: title ?? article.title,
    byline: authors.length > 0 ? authors.join(', ') : article.byline,
    origin: feedItem.origin ?? article.origin,
    language: feedItem.language ?? article.language,
    publishedAt: publishedAt ?? article.publishedAt,
    modifiedAt: updatedAt ?? article.modifiedAt,
    summary: summary ?? article.summary,
    images: article.images.length > 0 ? article.images : feedItem.images,
    attachments: article.attachments.length > 0 ? article.attachments : feedItem.attachments,
    events: article.events.length > 0 ? article.events : feedItem.events,
    nextPageUrl: null,
  }
}

/** Whether what a feed says of an item is all that is read of it: its source wants no pages, or there is none. */
export function isTextOfFeed(source: Pick<Source, 'fullText'>, item: FeedItem): boolean {
  return !source.fullText || item.url === null
}

/** Whether what was kept of a listing is a digest: the article was read from its feed. */
export function isDigest(seenTitle: string | null): boolean {
  return seenTitle !== null && /^[0-9a-f]{64}$/.test(seenTitle)
}

/** Stands for all that a feed says of an item: publishers correct texts under the same title and date. */
export function digestOf({ title, summary, contentHtml }: FeedItem): string {
  return createHash('sha256')
    .update(JSON.stringify([title, summary, contentHtml]))
    .digest('hex')
}
