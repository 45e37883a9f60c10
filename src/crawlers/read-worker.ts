import { readListingPage } from '../article/listing/read-listing.ts'
import { readPageLinks, type PageLinks } from '../article/page-links.ts'
import { readArticle } from '../article/read-article.ts'
import { sanitizeBody } from '../article/sanitize-body.ts'
import { looksLikeFeed, readFeed } from '../feed/read/read-feed.ts'
import { readJsonList } from '../feed/read/read-json-list.ts'
import { looksLikeSitemap, readSitemap } from '../feed/read/read-sitemap.ts'
import type { Article } from '../model/article.ts'
import { describeError, NewsfoldError, UnreadableError, type Retry } from '../model/errors.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules, JsonRules, ListingRules } from '../model/source.ts'
import type { AutomaticReaders, SourceCode } from './define-source.ts'
import { loadSourceCode } from './load-source-code.ts'
import { notHtmlReason } from './page-kind.ts'
import type { ListingKind, ListingReading } from './page-reader.ts'

/** What the pool sends to a thread. */
export type ReadTask = {
  readonly page: PageSource
  /** The code of the page's source, as `loadSourceCode` takes it. */
  readonly code?: string | null
} & (
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

/** What a thread is given. */
export interface ReadOrder {
  readonly task: ReadTask
  /** Nanoseconds of the system's steady clock, written by the thread when it begins; 0: not yet. */
  readonly begunAt: BigInt64Array<SharedArrayBuffer>
}

/** Runs in a thread of `createReaderPool`. Says when it starts, since only from then on the page is to blame. */
export async function read({ task, begunAt }: ReadOrder): Promise<ReadResult> {
  try {
    // No page is to blame for the time that its source's code takes to load.
    const code = task.code ? await loadSourceCode(task.code) : {}
    Atomics.store(begunAt, 0, process.hrtime.bigint())
    if (task.job === 'article') return { kind: 'article', article: articleOf(task, code) }
    if (task.job === 'listing') return { kind: 'listing', reading: listingOf(task, code) }
    return { kind: 'links', links: readPageLinks(task.page) }
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { kind: 'failed', code: error.code, message: error.message, retry: error.retry }
  }
}

type ArticleTask = Extract<ReadTask, { job: 'article' }>

function articleOf({ page, rules }: ArticleTask, code: SourceCode): Article {
  if (!code.readArticle) return readArticle(page, rules)
  const article = byCode(page, () => code.readArticle?.(page, automaticOf({ articleRules: rules })))
  // Whatever code puts into a body, readers get no scripts.
  return { ...article, bodyHtml: sanitizeBody(article.bodyHtml) }
}

function listingOf(task: ListingTask, code: SourceCode): ListingReading {
  const { page, rules } = task
  if (!code.readListing) return readListingOf(page, task)
  const { items, nextUrl } = byCode(page, () => code.readListing?.(page, automaticOf({ listingRules: rules })))
  return { kind: 'html', items, nextUrl: nextUrl ?? null, warnings: [] }
}

function automaticOf(rules: {
  articleRules?: ArticleRules | undefined
  listingRules?: ListingRules | undefined
}): AutomaticReaders {
  return {
    readArticle: (page) => readArticle(page, rules.articleRules),
    readListing: (page) => readListingPage(page, rules.listingRules),
  }
}

/** What a source's code throws is no fault of ours, and is said as its. */
function byCode<T>({ url }: PageSource, read: () => T | undefined): T {
  let value: T | undefined
  try {
    value = read()
  } catch (cause) {
    throw new UnreadableError('code.failed', `The source's code failed on ${url}: ${describeError(cause)}`, cause)
  }
  if (typeof value === 'object' && value !== null) return value
  throw new UnreadableError(
    'code.failed',
    `The source's code failed on ${url}: expected an object, got ${typeof value}.`,
  )
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
