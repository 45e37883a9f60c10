import { createHash } from 'node:crypto'
import { NewsfoldError, UnreadableError } from '../model/errors.ts'
import type { FeedItem } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { Page } from '../model/page.ts'
import type { Listing } from '../model/source.ts'
import { isTooOld, offSiteUrls, type Candidate } from './candidate.ts'
import type { KnownPage, ListingState } from './crawl-ports.ts'
import type { ListingReading } from './page-reader.ts'
import { fetchPolitely } from './polite-fetch.ts'
import { RetryLater, shouldRetryNow } from './retry.ts'
import type { RunContext } from './run-context.ts'

/** List pages without scripts and pictures: 10 MB are a trap. */
const listPageMaxBytes = 10 * 1024 * 1024
const feedMaxBytes = 50 * 1024 * 1024
/** Clocks differ, and a second is the least that Last-Modified can tell. */
const settledAgeMs = 60_000
/** What `knownPages` takes at once. */
const knownBatch = 1000

/** One listing of a source during a run. */
export interface ListingProgress {
  readonly listing: Listing
  readonly settingsKey: string
  readonly state: ListingState | null
  /** Keys of the candidates it named. */
  readonly keys: Set<string>
  readonly pageUrls: Set<string>
  /** Validators of its first page. */
  validators: { etag: string | null; lastModified: string | null }
  outcome: 'open' | 'read' | 'not-modified' | 'failed'
}

export async function beginListing(context: RunContext, listing: Listing): Promise<ListingProgress> {
  const { source, ports } = context
  const { maxAge, fullText, kind, allowEmpty, homepage } = source
  const settings = JSON.stringify([listing, kind, maxAge, fullText, allowEmpty, homepage])
  return {
    listing,
    settingsKey: createHash('sha256').update(settings).digest('hex').slice(0, 16),
    state: await ports.listingState(source.id, listing.url),
    keys: new Set(),
    pageUrls: new Set(),
    validators: { etag: null, lastModified: null },
    outcome: 'open',
  }
}

/**
 * Reads one page of a listing into candidates.
 * @returns address of the next page to read, `null` when the listing is done with; its outcome is set then
 * @throws {RetryLater} the page may be tried again in this run
 */
export async function readListingStep(
  context: RunContext,
  progress: ListingProgress,
  at: { url: string; isLastTry: boolean; candidates: Map<string, Candidate> },
): Promise<string | null> {
  const { source, ports, tally } = context
  const isFirst = progress.pageUrls.size === 0
  try {
    const page = await fetchListingPage(context, progress, { ...at, isFirst })
    if (page === null) {
      tally.notModifiedListings += 1
      tally.listingRead()
      progress.outcome = 'not-modified'
      return null
    }
    progress.pageUrls.add(at.url)
    const reading = await ports.reader.readListing(
      { ...page, timeZone: source.timeZone },
      progress.listing.kind ?? source.kind,
      progress.listing.rules,
    )
    const items = itemsOf(reading, page.url)
    if (isFirst) {
      progress.validators = validatorsOf(page)
      if (items.length === 0 && !source.allowEmpty) throw emptyListing(context, at.url, reading)
      tally.listingRead()
    }
    for (const warning of reading.kind === 'html' ? reading.warnings : []) {
      context.log.warn({ url: at.url, warning }, 'listing.read-partly')
    }
    const keysBefore = progress.keys.size
    const fresh = await addCandidates(context, progress, { items, reading, page, candidates: at.candidates })
    const nextUrl = reading.kind === 'html' ? reading.nextUrl : (reading.feed.pages?.next ?? null)
    // Traps have a next page without end that names the same again.
    if (nextUrl !== null && progress.keys.size > keysBefore && goesOn(context, progress, { nextUrl, items, fresh }))
      return nextUrl
    progress.outcome = 'read'
    return null
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    tally.listingFailed(`Source "${source.id}", listing ${at.url}: ${error.message}`)
    context.log.warn({ url: at.url, code: error.code, reason: error.message }, 'listing.failed')
    progress.outcome = 'failed'
    return null
  }
}

/**
 * A page that was changed a moment ago may be changed again within the same second, which Last-Modified cannot tell
 * (RFC 9110 §8.8.2.2).
 */
function validatorsOf({ etag, lastModified, fetchedAt }: Page): ListingProgress['validators'] {
  const ageMs = lastModified === null ? Number.NaN : fetchedAt.getTime() - Date.parse(lastModified)
  return { etag, lastModified: ageMs >= settledAgeMs ? lastModified : null }
}

async function fetchListingPage(
  context: RunContext,
  progress: ListingProgress,
  at: { url: string; isLastTry: boolean; isFirst: boolean },
): Promise<Page | null> {
  const { state, listing, settingsKey } = progress
  // Validators hold only for a listing whose items were all handled, read by the same settings.
  const mayBeUnmodified = at.isFirst && state?.isComplete === true && state.settingsKey === settingsKey
  const kind = listing.kind ?? context.source.kind
  const fetched = await fetchPolitely(context, {
    url: at.url,
    etag: mayBeUnmodified ? state.etag : null,
    lastModified: mayBeUnmodified ? state.lastModified : null,
    maxBytes: kind === 'html' ? listPageMaxBytes : feedMaxBytes,
  })
  if (fetched.kind === 'fetched') return fetched.page
  if (fetched.kind === 'not-modified') return null
  if (!at.isLastTry && shouldRetryNow(fetched)) throw new RetryLater(fetched.error)
  throw fetched.error
}

interface ListedItem {
  readonly item: ListingItem
  readonly feedItem: FeedItem | null
}

function itemsOf(reading: ListingReading, pageUrl: string): readonly ListedItem[] {
  if (reading.kind === 'html') return reading.items.map((item) => ({ item, feedItem: null }))
  return reading.feed.items.map((feedItem) => {
    const { title, publishedAt, summary } = feedItem
    return { item: { url: feedItemUrl(feedItem, pageUrl), title, publishedAt, summary }, feedItem }
  })
}

/** Items without a link stand at their feed's address, told apart by their id. */
export function feedItemUrl(feedItem: FeedItem, feedUrl: string): string {
  if (feedItem.url !== null) return feedItem.url
  if (/^https?:\/\//i.test(feedItem.id) && URL.canParse(feedItem.id)) return feedItem.id
  return new URL(`#${encodeURIComponent(feedItem.id)}`, feedUrl).href
}

/** @returns how many of the page's items no run has seen before */
async function addCandidates(
  context: RunContext,
  progress: ListingProgress,
  at: { items: readonly ListedItem[]; reading: ListingReading; page: Page; candidates: Map<string, Candidate> },
): Promise<number> {
  const { source, ports, options, tally } = context
  const added = new Map<string, ListedItem>()
  for (const listed of at.items) {
    const key = keyOf(listed, options.urlKey)
    progress.keys.add(key)
    if (!at.candidates.has(key) && !added.has(key)) added.set(key, listed)
  }
  const known = await findKnown(
    context,
    [...added.values()].map(({ item }) => item.url),
  )
  const isAutomatic = at.reading.kind === 'html' && progress.listing.rules?.item === undefined
  const ownUrls = [progress.listing.url, at.page.url, ...(source.homepage === undefined ? [] : [source.homepage])]
  const offSite = isAutomatic
    ? offSiteUrls(
        at.items.map(({ item }) => item.url),
        ownUrls,
      )
    : new Set<string>()
  for (const [key, { item, feedItem }] of added) {
    const statedAt = feedItem?.updatedAt?.at ?? item.publishedAt?.at ?? null
    at.candidates.set(key, {
      key,
      url: item.url,
      item,
      feedItem,
      seen: { title: item.title?.replaceAll(/\s+/g, ' ').trim() ?? null, statedAt },
      known: known.get(item.url) ?? null,
      isOffSite: offSite.has(item.url),
      fate: 'open',
    })
  }
  tally.found += added.size
  ports.progress?.({ kind: 'found', count: added.size })
  return added.size - known.size
}

function keyOf({ item, feedItem }: ListedItem, urlKey: ((url: string) => string) | undefined): string {
  // An item without a link of its own is told from its neighbours by the fragment.
  if (feedItem && feedItem.url === null) return item.url
  return (urlKey ?? withoutFragment)(item.url)
}

/** The default of `urlKey`. */
export function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '')
}

async function findKnown(context: RunContext, urls: readonly string[]): Promise<Map<string, KnownPage>> {
  const known = new Map<string, KnownPage>()
  for (let start = 0; start < urls.length; start += knownBatch) {
    const batch = await context.ports.knownPages(context.source.id, urls.slice(start, start + knownBatch))
    for (const [url, page] of batch) known.set(url, page)
  }
  return known
}

/** Whether the next page of a listing is worth reading. */
function goesOn(
  context: RunContext,
  { listing, state, settingsKey, pageUrls }: ListingProgress,
  at: { nextUrl: string; items: readonly ListedItem[]; fresh: number },
): boolean {
  if (pageUrls.size >= listing.maxPages || pageUrls.has(at.nextUrl) || !URL.canParse(at.nextUrl)) return false
  const limit = { now: context.ports.now(), maxAgeMs: context.source.maxAge ?? null }
  if (at.items.every(({ item }) => isTooOld(item.publishedAt?.at ?? null, limit))) return false
  // Once a listing has been read to its end, a page of mostly known items means that the rest is known.
  const wasReadToItsEnd = state?.isComplete === true && state.settingsKey === settingsKey
  return wasReadToItsEnd ? at.fresh * 2 > at.items.length : true
}

function emptyListing(context: RunContext, url: string, reading: ListingReading): UnreadableError {
  return new UnreadableError(
    'listing.empty',
    `expected items, got a ${reading.kind === 'feed' ? 'feed' : 'page'} with none (${url}). ` +
      `Check "listings" of source "${context.source.id}", or set allowEmpty.`,
  )
}
