import type { Article } from '../model/article.ts'
import { UnreachableError, UnreadableError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import { isTooOld, type Candidate } from './candidate.ts'
import { notHtmlReason } from './page-kind.ts'
import type { RunContext } from './run-context.ts'

/** On 295 article pages and 6 list pages: articles read with 0.68 to 1, lists with 0.64 at the most. */
export const articleConfidence = 0.66

/** A file where an article was expected. */
export function refuseOtherThanHtml(page: Page): void {
  const other = notHtmlReason(page)
  if (other === null) return
  throw new UnreadableError(
    'page.not-html',
    `Cannot read ${page.url}: expected an HTML page, got ${other}. Drop the link with a rule.`,
  )
}

/**
 * A page that answers 200 and says that it has failed.
 * @throws {UnreachableError} always: it may be there again later
 */
export function refuseFailing(page: Page, article: Article): never {
  const words = JSON.stringify(`${article.title ?? ''} ${article.bodyText}`.trim().slice(0, 60))
  throw new UnreachableError(
    'page.says-error',
    `Cannot read ${page.url}: expected an article, got a page that says it has failed (${words}). It is tried again later.`,
  )
}

/** Texts shorter than this are captions and notices that differ in a picture. */
const sameTextLength = 80

/** One article under many addresses that nothing else shows to be one: the first is kept. */
export function refuseSameText(context: RunContext, candidate: Candidate, article: Article): void {
  if (article.bodyText.length < sameTextLength) return
  const first = context.texts.get(article.contentHash)
  if (first === undefined) context.texts.set(article.contentHash, candidate.url)
  if (first === undefined || first === candidate.url || candidate.known?.status === 'stored') return
  throw new UnreadableError('page.same-text', `Left out ${candidate.url}: it has the title and text of ${first}.`)
}

/** What cannot be kept as an article, or is none. */
export function refuseUnfit(context: RunContext, candidate: Candidate, article: Article): void {
  const { source, ports } = context
  if (candidate.isAnyPage && article.confidence < articleConfidence) {
    throw new UnreadableError('page.no-article', `Left out ${article.url}: a sitemap names it, and it is no article.`)
  }
  if (article.bodyText === '') {
    throw new UnreadableError(
      'page.no-text',
      `Cannot read ${article.url}: expected an article's text, got none. Check "rules.body".`,
    )
  }
  if (article.title === null) {
    throw new UnreadableError(
      'page.no-title',
      `Cannot read ${article.url}: expected a title, got none. Check "rules.title".`,
    )
  }
  const limit = { now: ports.now(), maxAgeMs: source.maxAge ?? null }
  if (candidate.known?.status !== 'stored' && isTooOld(article.publishedAt?.at ?? null, limit)) {
    throw new UnreadableError('page.too-old', `Left out ${article.url}: its date is further back than maxAge.`)
  }
}
