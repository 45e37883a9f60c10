import type { MessagePort } from 'node:worker_threads'
import { readListingPage } from '../article/listing/read-listing.ts'
import { readPageLinks, type PageLinks } from '../article/page-links.ts'
import { readArticle } from '../article/read-article.ts'
import { looksLikeFeed, readFeed } from '../feed/read/read-feed.ts'
import { readJsonList } from '../feed/read/read-json-list.ts'
import { looksLikeSitemap, readSitemap } from '../feed/read/read-sitemap.ts'
import type { Article } from '../model/article.ts'
import { NewsfoldError, UnreadableError, type Retry } from '../model/errors.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules, JsonRules, ListingRules } from '../model/source.ts'
import { notHtmlReason } from './page-kind.ts'
import type { ListingKind, ListingReading } from './page-reader.ts'

/** What the pool sends to a thread. */
export type ReadTask = { readonly page: PageSource } & (
  | { readonly job: 'article'; readonly rules: ArticleRules | undefined }
  | {
      readonly job: 'listing'
      readonly kind: ListingKind
      readonly rules: ListingRules | undefined
      readonly json: JsonRules | undefined
    }
  | { readonly job: 'links' }
)

/** What a thread answers; errors lose their class on the way between threads, so they travel as values. */
export type ReadResult =
  | { readonly kind: 'article'; readonly article: Article }
  | { readonly kind: 'listing'; readonly reading: ListingReading }
  | { readonly kind: 'links'; readonly links: PageLinks }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retry: Retry }

/** Runs in a thread of `createReaderPool`. Says through `begun` when it starts, since only from then on the page is to blame. */
export function read({ task, begun }: { task: ReadTask; begun: MessagePort }): ReadResult {
  // A message is on its way at once; the closing of a port waits until the page has been read.
  begun.postMessage('begun', [])
  begun.close()
  try {
    if (task.job === 'article') return { kind: 'article', article: readArticle(task.page, task.rules) }
    if (task.job === 'listing') return { kind: 'listing', reading: readListingOf(task.page, task) }
    return { kind: 'links', links: readPageLinks(task.page) }
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { kind: 'failed', code: error.code, message: error.message, retry: error.retry }
  }
}

type ListingTask = Extract<ReadTask, { job: 'listing' }>

const jsonTypes = /^\s*(?:application|text)\/(?:[\w.-]+\+)?json\b/i

/** What a listing is, by its bytes where its source does not say. */
function kindOf({ body, url, contentType }: PageSource, stated: ListingKind): Exclude<ListingKind, 'auto'> {
  if (stated !== 'auto') return stated
  if (looksLikeFeed(body, contentType)) return 'feed'
  if (looksLikeSitemap(body, { url })) return 'sitemap'
  return jsonTypes.test(contentType ?? '') ? 'json' : 'html'
}

function readListingOf(page: PageSource, task: ListingTask): ListingReading {
  const { body, url, contentType, timeZone } = page
  const from = { url, contentType: contentType ?? null, ...(timeZone !== undefined && { timeZone }) }
  const kind = kindOf(page, task.kind)
  if (kind === 'feed') return { kind, feed: readFeed(body, from) }
  if (kind === 'json') {
    const { items, nextUrl } = readJsonList(body, from, task.json)
    return { kind, items, nextUrl }
  }
  if (kind === 'html') return readHtmlListing(page, task)
  const sitemap = readSitemap(body, from)
  return sitemap.kind === 'index'
    ? { kind, entries: [], sitemaps: sitemap.entries.map((entry) => entry.url) }
    : { kind, entries: sitemap.entries, sitemaps: [] }
}

function readHtmlListing(page: PageSource, { kind, rules }: ListingTask): ListingReading {
  const other = notHtmlReason({ contentType: page.contentType ?? null, body: page.body })
  if (other !== null) {
    throw new UnreadableError(
      'listing.not-html',
      `Cannot read listing ${page.url}: expected ${kind === 'auto' ? 'a feed or ' : ''}an HTML page, got ${other}. ` +
        'Check "listings" in the source\'s file.',
    )
  }
  const reading = readListingPage(page, rules)
  const isRedesigned = reading.unmatched.includes('item') && reading.items.length > 0
  if (reading.items.length > 0) return { kind: 'html', ...reading, isRedesigned }
  const { refreshUrl, feeds } = readPageLinks(page)
  const feedUrl = kind === 'auto' ? (feeds[0]?.url ?? null) : null
  return { kind: 'html', ...reading, insteadUrl: refreshUrl ?? feedUrl }
}
