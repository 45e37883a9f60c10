import type { MessagePort } from 'node:worker_threads'
import { readListingPage } from '../article/listing/read-listing.ts'
import { readArticle } from '../article/read-article.ts'
import { looksLikeFeed, readFeed } from '../feed/read/read-feed.ts'
import type { Article } from '../model/article.ts'
import { NewsfoldError, UnreadableError, type Retry } from '../model/errors.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules, ListingRules } from '../model/source.ts'
import { notHtmlReason } from './page-kind.ts'
import type { ListingKind, ListingReading } from './page-reader.ts'

/** What the pool sends to a thread. */
export type ReadTask = { readonly page: PageSource } & (
  | { readonly job: 'article'; readonly rules: ArticleRules | undefined }
  | { readonly job: 'listing'; readonly kind: ListingKind; readonly rules: ListingRules | undefined }
)

/** What a thread answers; errors lose their class on the way between threads, so they travel as values. */
export type ReadResult =
  | { readonly kind: 'article'; readonly article: Article }
  | { readonly kind: 'listing'; readonly reading: ListingReading }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retry: Retry }

/** Runs in a thread of `createReaderPool`. Says through `begun` when it starts, since only from then on the page is to blame. */
export function read({ task, begun }: { task: ReadTask; begun: MessagePort }): ReadResult {
  // A message is on its way at once; the closing of a port waits until the page has been read.
  begun.postMessage('begun', [])
  begun.close()
  try {
    return task.job === 'article'
      ? { kind: 'article', article: readArticle(task.page, task.rules) }
      : { kind: 'listing', reading: readListingOf(task.page, task.kind, task.rules) }
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { kind: 'failed', code: error.code, message: error.message, retry: error.retry }
  }
}

function readListingOf(page: PageSource, kind: ListingKind, rules: ListingRules | undefined): ListingReading {
  const { body, url, contentType, timeZone } = page
  if (kind === 'feed' || (kind === 'auto' && looksLikeFeed(body, contentType))) {
    const from = { url, contentType: contentType ?? null, ...(timeZone !== undefined && { timeZone }) }
    return { kind: 'feed', feed: readFeed(body, from) }
  }
  const other = notHtmlReason({ contentType: contentType ?? null, body })
  if (other !== null) {
    throw new UnreadableError(
      'listing.not-html',
      `Cannot read listing ${url}: expected ${kind === 'auto' ? 'a feed or ' : ''}an HTML page, got ${other}. ` +
        'Check "listings" in the source\'s file.',
    )
  }
  return { kind: 'html', ...readListingPage(page, rules) }
}
