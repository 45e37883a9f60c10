import type { Article } from '../model/article.ts'
import type { SkipReason } from '../model/crawl-run.ts'
import { NewsfoldError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import { skipReasonOf, type Candidate } from './candidate.ts'
import { marksOf } from './block-signs.ts'
import { errorPageOf } from './error-page.ts'
import { articleOfFeedItem, isDigest, isTextOfFeed } from './feed-item-article.ts'
import type { Fetched } from './http-client.ts'
import { joinParts } from './join-parts.ts'
import { isRedirectToNothing } from './page-kind.ts'
import { fetchPolitely } from './polite-fetch.ts'
import { refuseFailing, refuseOtherThanHtml, refuseSameText, refuseUnfit } from './refuse-article.ts'
import { refuseChallenge, refuseLoginWall } from './refuse-block.ts'
import { RetryLater, shouldRetryNow } from './retry.ts'
import type { RunContext } from './run-context.ts'
import type { Settled } from './run-tally.ts'

/** Pages that are larger are files, or traps. */
const pageMaxBytes = 10 * 1024 * 1024
/** The longest texts that are split over pages have a dozen; beyond this it is a trap. */
const maxParts = 20
/** Pages that send their reader on; more in a row are a circle. */
const maxRefreshes = 2
/** What such a page says to those who wait: "please wait", "click here". */
const refreshTextLength = 100

/**
 * Fetches, reads and saves one article, and settles its candidate.
 * @throws {RetryLater} the page may be tried again in this run
 */
export async function readArticleStep(
  context: RunContext,
  candidate: Candidate,
  at: { isLastTry: boolean },
): Promise<void> {
  const { source, ports } = context
  const { feedItem } = candidate
  try {
    if (feedItem && isTextOfFeed(source, feedItem)) {
      const fetchedAt = ports.now()
      const article = await articleOfFeedItem(ports.reader, feedItem, feedOrigin(context, candidate, fetchedAt))
      const page = { requestedUrl: candidate.url, url: candidate.url, etag: null, lastModified: null, fetchedAt }
      await save(context, candidate, { article, page })
      return
    }
    const kept = candidate.known?.status === 'stored' ? candidate.known : null
    if (kept && candidate.item === null && isDigest(kept.seen.title)) {
      // Its feed does not name it any more, and its page was never what was read of it.
      await ports.pageUnchanged(source.id, candidate.url, kept.seen, ports.now())
      settle(context, candidate, 'unchanged')
      return
    }
    const fetched = await fetchPolitely(context, {
      url: candidate.url,
      etag: kept?.etag ?? null,
      lastModified: kept?.lastModified ?? null,
      maxBytes: pageMaxBytes,
      render: source.render,
    })
    switch (fetched.kind) {
      case 'not-modified':
        await ports.pageUnchanged(source.id, candidate.url, candidate.item ? candidate.seen : null, ports.now())
        settle(context, candidate, 'unchanged')
        return
      case 'failed':
        if (fetched.block) context.tally.blocked(fetched.block, 'article')
        if (!at.isLastTry && shouldRetryNow(fetched)) throw new RetryLater(fetched.error)
        await settleFailedFetch(context, candidate, fetched)
        return
      case 'fetched':
        await readFetched(context, candidate, { page: fetched.page, isLastTry: at.isLastTry })
    }
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    await remember(context, candidate, error)
  }
}

async function readFetched(
  context: RunContext,
  candidate: Candidate,
  { page, isLastTry, hopsLeft = maxRefreshes }: { page: Page; isLastTry: boolean; hopsLeft?: number },
): Promise<void> {
  const { source, ports } = context
  if (isRedirectToNothing(page)) {
    await settleGone(context, candidate, `expected an article, got a redirect to ${page.url}`)
    return
  }
  refuseOtherThanHtml(page)
  refuseChallenge(context, page, 'article')
  let article = await readAllParts(context, page, isLastTry)
  if (article.bodyText.length < refreshTextLength && hopsLeft > 0) {
    const next = await pageBehindRefresh(context, page, isLastTry)
    if (next !== null) {
      await readFetched(context, candidate, { page: next, isLastTry, hopsLeft: hopsLeft - 1 })
      return
    }
  }
  const error = errorPageOf(article)
  if (error === 'gone') {
    await settleGone(context, candidate, `expected an article at ${page.url}, got a page that says there is none`)
    return
  }
  if (error === 'failing') refuseFailing(page, article)
  refuseLoginWall(context, page, article.bodyText.length)
  context.tally.articleRead(article)
  if (article.bodyText === '' && candidate.feedItem?.contentHtml) {
    const origin = feedOrigin(context, candidate, page.fetchedAt)
    article = await articleOfFeedItem(ports.reader, candidate.feedItem, origin)
  }
  // What the listing states of it is the publisher's word as well.
  article = {
    ...article,
    title: article.title ?? candidate.item?.title ?? null,
    publishedAt: article.publishedAt ?? candidate.item?.publishedAt ?? null,
  }
  refuseUnfit(context, candidate, article)
  refuseSameText(context, candidate, article)
  const { etag, lastModified, fetchedAt, url } = page
  await save(context, candidate, { article, page: { requestedUrl: candidate.url, url, etag, lastModified, fetchedAt } })
  context.log.debug({ url, sourceId: source.id }, 'page.read')
}

/**
 * The page that a page without a text sends its reader on to (meta refresh); `null` when it sends nowhere.
 * @throws {RetryLater} the page behind may be tried again in this run
 */
async function pageBehindRefresh(context: RunContext, page: Page, isLastTry: boolean): Promise<Page | null> {
  if (!/http-equiv\s*=\s*["']?\s*refresh/i.test(marksOf(page.body))) return null
  const { refreshUrl: url } = await context.ports.reader.readLinks(page)
  if (url === null) return null
  const fetched = await fetchPolitely(context, { url, etag: null, lastModified: null, maxBytes: pageMaxBytes })
  if (fetched.kind === 'failed') {
    if (!isLastTry && shouldRetryNow(fetched)) throw new RetryLater(fetched.error)
    throw fetched.error
  }
  // Validators are of the page that sent on, not of the one that it leads to.
  return fetched.kind === 'fetched'
    ? { ...fetched.page, requestedUrl: page.requestedUrl, etag: null, lastModified: null }
    : null
}

function feedOrigin(context: RunContext, candidate: Candidate, fetchedAt: Date) {
  return { url: candidate.url, fetchedAt, timeZone: context.source.timeZone }
}

/** Reads a page and the pages that its text goes on at (下一页). */
async function readAllParts(context: RunContext, page: Page, isLastTry: boolean): Promise<Article> {
  const { source, ports } = context
  const read = (part: Page) => ports.reader.readArticle({ ...part, timeZone: source.timeZone }, source.rules)
  const first = await read(page)
  const parts: [Article, ...Article[]] = [first]
  const seen = new Set([page.url, page.requestedUrl])
  for (let next = first.nextPageUrl; next !== null;) {
    if (seen.has(next)) break
    if (parts.length >= maxParts) return withWarning(parts, `only the first ${maxParts} of its pages were read`)
    seen.add(next)
    const fetched = await fetchPolitely(context, { url: next, etag: null, lastModified: null, maxBytes: pageMaxBytes })
    if (fetched.kind !== 'fetched') {
      const error = fetched.kind === 'failed' ? fetched.error : null
      // Half a text must not pass for the whole: what may come back later is waited for.
      if (fetched.kind === 'failed' && !isLastTry && shouldRetryNow(fetched)) throw new RetryLater(fetched.error)
      if (error?.retry === 'later') throw error
      return withWarning(
        parts,
        `its page ${parts.length + 1} (${next}) could not be read: ${error?.code ?? 'http.status'}`,
      )
    }
    const part = await read(fetched.page)
    parts.push(part)
    next = part.nextPageUrl
  }
  return joinParts(parts)
}

function withWarning(parts: readonly [Article, ...Article[]], warning: string): Article {
  const article = joinParts(parts)
  return { ...article, nextPageUrl: null, warnings: [...article.warnings, warning] }
}

async function save(
  context: RunContext,
  candidate: Candidate,
  {
    article,
    page,
  }: {
    article: Article
    page: { requestedUrl: string; url: string; etag: string | null; lastModified: string | null; fetchedAt: Date }
  },
): Promise<void> {
  const { source, ports } = context
  const { item, seen, known } = candidate
  const isUnread = known?.status !== 'stored'
  settle(context, candidate, await ports.saveArticle({ source, page, item, seen, isUnread, article }))
}

async function settleFailedFetch(
  context: RunContext,
  candidate: Candidate,
  { error, status }: Extract<Fetched, { kind: 'failed' }>,
): Promise<void> {
  if (status === 404 || status === 410) {
    await settleGone(context, candidate, error.message)
    return
  }
  switch (error.code) {
    case 'robots.disallowed':
      skip(context, candidate, { reason: 'robots', fate: 'done' })
      context.tally.addError(line(context, error.message))
      return
    case 'http.refused-address':
    case 'http.bad-address':
      skip(context, candidate, { reason: 'refused', fate: 'done' })
      context.tally.addError(line(context, error.message))
      return
    case 'http.slow-down':
    case 'http.crowded':
      skip(context, candidate, { reason: 'host-busy', fate: 'left' })
      context.tally.addError(line(context, error.message))
      return
    default:
      await remember(context, candidate, error)
  }
}

/** Codes of pages that will not be another thing tomorrow. */
const finalCodes: ReadonlySet<string> = new Set([
  'page.not-html',
  'page.too-old',
  'page.no-article',
  'page.same-text',
  'http.too-large',
])

/** Codes of what a person need not hear of. */
const expectedCodes: ReadonlySet<string> = new Set(['page.too-old', 'page.no-article', 'page.same-text'])

/** Keeps a failure for later runs, and counts it. */
async function remember(context: RunContext, candidate: Candidate, error: NewsfoldError): Promise<void> {
  const { source, ports, tally } = context
  // Pages are unfinished, rules mended, readers improved: only few failures are for good.
  const retry = finalCodes.has(error.code) ? 'never' : 'later'
  await ports.pageFailed(source.id, candidate.url, { code: error.code, message: error.message, retry }, ports.now())
  context.log.debug({ url: candidate.url, code: error.code }, 'page.failed')
  if (!expectedCodes.has(error.code)) tally.addError(line(context, error.message))
  const reason = skipReasonOf(error.code)
  if (reason === null) settle(context, candidate, 'failed')
  else skip(context, candidate, { reason, fate: 'done' })
}

async function settleGone(context: RunContext, candidate: Candidate, message: string): Promise<void> {
  await context.ports.pageGone(context.source.id, candidate.url, context.ports.now())
  context.tally.addError(line(context, message))
  skip(context, candidate, { reason: 'gone', fate: 'done' })
}

function line({ source }: RunContext, message: string): string {
  return `Source "${source.id}": ${message}`
}

/** Counts a candidate and closes it. */
export function settle(context: RunContext, candidate: Candidate, as: Settled): void {
  candidate.fate = 'done'
  context.tally.settle(as)
  context.ports.progress?.({ kind: 'handled', url: candidate.url, as })
}

/** Counts a candidate as skipped. `left`: only the next run's reading of the listing will find it again. */
export function skip(
  context: RunContext,
  candidate: Candidate,
  { reason, fate }: { reason: SkipReason; fate: 'done' | 'left' },
): void {
  candidate.fate = fate
  context.tally.skip(reason)
  context.ports.progress?.({ kind: 'handled', url: candidate.url, as: reason })
}
