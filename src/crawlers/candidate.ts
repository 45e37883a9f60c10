import { getDomain } from 'tldts'
import type { SkipReason } from '../model/crawl-run.ts'
import type { FeedItem } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { DuePage, KnownPage, SeenInListing } from './crawl-ports.ts'

/** An article that a run has found, and what became of it. */
export interface Candidate {
  /** The same for all addresses of one page. */
  readonly key: string
  readonly url: string
  readonly item: ListingItem | null
  /** What a feed says of it beyond the item. */
  readonly feedItem: FeedItem | null
  readonly seen: SeenInListing
  readonly known: KnownPage | DuePage | null
  /** When its listing says that it was changed last, ISO 8601 in UTC. */
  readonly changedAt: string | null
  readonly isOffSite: boolean
  /** Its listing names all pages of a site, so that it may be none with an article. */
  readonly isAnyPage: boolean
  /** `open` until it is settled; `left` must be found again by the next run, so its listing is not done. */
  fate: 'open' | 'done' | 'left'
}

export type Decision =
  | { readonly kind: 'fetch' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'skip'; readonly reason: SkipReason }

/** Codes of pages that are known and left alone; they are counted by the same reason in every run. */
const reasonByCode: Readonly<Record<string, SkipReason>> = {
  'page.not-html': 'not-html',
  'page.too-old': 'too-old',
  'page.no-article': 'no-text',
  'page.no-text': 'no-text',
  'page.same-text': 'same-text',
  'page.no-title': 'no-title',
  'http.too-large': 'too-large',
}

/** Why a page that failed with this code is no failure of the run but skipped; `null` when it is a failure. */
export function skipReasonOf(code: string): SkipReason | null {
  return reasonByCode[code] ?? null
}

/** Whether a listed page is to be asked for. */
export function decide(candidate: Candidate, at: { now: Date; maxAgeMs: number | null; isDue: boolean }): Decision {
  const { known, item } = candidate
  if (known?.status === 'stored') {
    return at.isDue || saysChanged(candidate.seen, known) ? { kind: 'fetch' } : { kind: 'unchanged' }
  }
  if (known && !at.isDue) {
    if ('nextTryAt' in known && known.nextTryAt !== null && known.nextTryAt <= at.now) return { kind: 'fetch' }
    const reason = 'errorCode' in known && known.errorCode !== null ? skipReasonOf(known.errorCode) : null
    return { kind: 'skip', reason: known.status === 'gone' ? 'gone' : (reason ?? 'failed-before') }
  }
  if (candidate.isOffSite) return { kind: 'skip', reason: 'off-site' }
  if (isTooOld(item?.publishedAt?.at ?? candidate.changedAt, at)) return { kind: 'skip', reason: 'too-old' }
  return { kind: 'fetch' }
}

/** Whether an instant (ISO 8601) lies further back than a source's `maxAge`. */
export function isTooOld(at: string | null, limit: { now: Date; maxAgeMs: number | null }): boolean {
  return at !== null && limit.maxAgeMs !== null && Date.parse(at) < limit.now.getTime() - limit.maxAgeMs
}

function differ(now: string | null, before: string | null): boolean {
  return now !== null && before !== null && now !== before
}

function saysChanged(seen: SeenInListing, known: KnownPage | DuePage): boolean {
  return differ(seen.title, known.seen.title) || differ(seen.statedAt, known.seen.statedAt)
}

/**
 * Newest first, because readers want news soon. An item without a date stands with the one before it in its listing,
 * and what stands above all dates counts as newest.
 */
export function newestFirst(candidates: readonly Candidate[]): readonly Candidate[] {
  let at = Number.POSITIVE_INFINITY
  const dated = candidates.map((candidate) => {
    const stated = candidate.item?.publishedAt?.at ?? candidate.changedAt
    if (stated !== null) at = Date.parse(stated)
    return { candidate, at }
  })
  // Equal instants, two infinities among them, keep the order of the listing.
  return dated.toSorted((a, b) => (a.at === b.at ? 0 : b.at - a.at)).map(({ candidate }) => candidate)
}

/** Registrable domain of an address (`moa.gov.cn`), or its host when it has none. */
export function siteOf(url: string): string {
  return getDomain(url) ?? new URL(url).hostname
}

/**
 * Which addresses of a list page lead to sites that are neither the listing's nor the homepage's nor the bulk of the
 * list: boxes of friendly links, mostly.
 */
export function offSiteUrls(urls: readonly string[], ownUrls: readonly string[]): ReadonlySet<string> {
  const own = new Set(ownUrls.map(siteOf))
  const away = urls.filter((url) => URL.canParse(url) && !own.has(siteOf(url)))
  // A newsroom may well live on another domain than its list.
  return new Set(away.length * 2 >= urls.length ? [] : away)
}
