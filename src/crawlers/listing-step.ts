import { createHash } from 'node:crypto'
import { NewsfoldError, UnreadableError } from '../model/errors.ts'
import type { FeedItem } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { Page } from '../model/page.ts'
import type { Listing, Source } from '../model/source.ts'
import { isTooOld, offSiteUrls, type Candidate } from './candidate.ts'
import type { KnownPage, ListingState, ListPlace } from './crawl-ports.ts'
import { digestOf, isTextOfFeed } from './feed-item-article.ts'
import { isResting, restOf } from './freshness.ts'
import { itemsOf, type ListedItem } from './listed-items.ts'
import { firstUrlOf, nextUrlOf, takeDetour, type ListingProgress } from './listing-way.ts'
import type { ListingReading } from './page-reader.ts'
import type { Fetched } from './http-client.ts'
import { countTraffic, fetchPolitely } from './polite-fetch.ts'
import { refuseChallenge } from './refuse-block.ts'
import { RetryLater, shouldRetryNow } from './retry.ts'
import type { RunContext } from './run-context.ts'

/** List pages without scripts and pictures: 10 MB are a trap. */
const listPageMaxBytes = 10 * 1024 * 1024
const feedMaxBytes = 50 * 1024 * 1024
/** Clocks differ, and a second is the least that Last-Modified can tell. */
const settledAgeMs = 60_000
/** What `knownPages` takes at once. */
const knownBatch = 1000

export async function beginListing(context: RunContext, listing: Listing): Promise<ListingProgress> {
  const { source, ports } = context
  const { maxAge, fullText, kind, allowEmpty, homepage, render } = source
  const settings = JSON.stringify([listing, kind, maxAge, fullText, allowEmpty, homepage, render])
  const settingsKey = createHash('sha256').update(settings).digest('hex').slice(0, 16)
  return {
    listing,
    settingsKey,
    state: await ports.listingState(source.id, listing.url),
    keys: new Set(),
    pageUrls: new Set(),
    pending: [],
    isMap: false,
    place: await findPlace(context, listing),
    detours: 0,
    validators: { etag: null, lastModified: null },
    rest: {},
    outcome: 'open',
  }
}

/** What a backfill's listing is told by, whatever day it goes back to. */
export function placeKeyOf(listing: Listing): string {
  return createHash('sha256').update(JSON.stringify(listing)).digest('hex').slice(0, 16)
}

async function findPlace({ source, ports }: RunContext, listing: Listing): Promise<ListPlace | null> {
  const place = (await ports.places?.find(source.id, listing.url)) ?? null
  return place?.settingsKey === placeKeyOf(listing) ? place : null
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
  const isFirst = progress.pageUrls.size === progress.detours
  if (isFirst && isLeftAlone(context, progress)) {
    context.log.debug({ url: at.url, freshUntil: progress.state?.freshUntil }, 'listing.left-alone')
    tally.listingRead()
    progress.outcome = 'not-modified'
    return null
  }
  try {
    const page = await fetchListingPage(context, progress, { ...at, isFirst })
    if (page === null) {
      tally.notModifiedListings += 1
      tally.listingRead()
      progress.outcome = 'not-modified'
      return null
    }
    progress.pageUrls.add(at.url)
    refuseChallenge(context, page, 'listing')
    const reading = await ports.reader.readListing(
      { ...page, timeZone: source.timeZone },
      progress.listing.kind ?? source.kind,
      progress.listing.rules,
      progress.listing.json,
    )
    if (reading.kind === 'html' && reading.isRedesigned === true) tally.redesigned()
    const instead = takeDetour(progress, reading)
    if (instead !== null) return instead
    const items = itemsOf(reading, page.url)
    if (isFirst) {
      // Of a page that led here nothing is known but that it did.
      if (progress.detours === 0) progress.validators = validatorsOf(page)
      progress.rest = restOf(reading, page)
      if (items.length === 0 && !source.allowEmpty) throw emptyListing(context, at.url, reading)
      tally.listingRead()
    }
    for (const warning of reading.kind === 'html' ? reading.warnings : []) {
      context.log.warn({ url: at.url, warning }, 'listing.read-partly')
    }
    const keysBefore = progress.keys.size
    const fresh = await addCandidates(context, progress, { items, reading, page, candidates: at.candidates })
    const nextUrl = nextUrlOf(progress, reading)
    // Traps have a next page without end that names the same again.
    if (nextUrl !== null && progress.keys.size > keysBefore && goesOn(context, progress, { nextUrl, items, fresh }))
      return nextUrl
    progress.outcome = 'read'
    return null
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    if (isFirst && progress.place !== null) {
      // Lists that have become shorter, or that count their pages anew, are read from the beginning.
      context.log.info({ url: at.url, reason: error.message }, 'listing.begun-again')
      progress.place = null
      progress.pageUrls.clear()
      progress.detours = 0
      return firstUrlOf(progress)
    }
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

/** What its last run kept of a listing whose items were all handled, read by the same settings. */
export function settledState({ state, settingsKey }: ListingProgress): ListingState | null {
  return state?.isComplete === true && state.settingsKey === settingsKey ? state : null
}

/** Whether its publisher asks to leave a listing alone at this moment, where that counts. */
export function isLeftAlone({ options, ports }: RunContext, progress: ListingProgress): boolean {
  const state = settledState(progress)
  return options.heedsRest === true && state !== null && isResting(state, ports.now())
}

/** Asks for a page of a listing; the first one by its validators. */
export function askListing(
  context: RunContext,
  progress: ListingProgress,
  at: { url: string; isFirst: boolean },
): Promise<Fetched> {
  const { listing } = progress
  const state = at.isFirst ? settledState(progress) : null
  const kind = listing.kind ?? context.source.kind
  return fetchPolitely(context, {
    url: at.url,
    etag: state?.etag ?? null,
    lastModified: state?.lastModified ?? null,
    maxBytes: kind === 'html' ? listPageMaxBytes : feedMaxBytes,
    render: listing.render ?? context.source.render,
  })
}

async function fetchListingPage(
  context: RunContext,
  progress: ListingProgress,
  at: { url: string; isLastTry: boolean; isFirst: boolean },
): Promise<Page | null> {
  const ahead = at.isFirst ? context.options.ahead?.get(at.url) : undefined
  // A further try asks anew.
  context.options.ahead?.delete(at.url)
  if (ahead) countTraffic(context, ahead)
  const fetched = ahead ?? (await askListing(context, progress, at))
  if (fetched.kind === 'fetched') return fetched.page
  if (fetched.kind === 'not-modified') return null
  if (!at.isLastTry && shouldRetryNow(fetched)) throw new RetryLater(fetched.error)
  if (fetched.block) context.tally.blocked(fetched.block, 'listing')
  if (at.isFirst && (fetched.status === 404 || fetched.status === 410)) context.tally.listingGone()
  throw fetched.error
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
  for (const [key, { item, feedItem, changedAt }] of added) {
    const statedAt = changedAt ?? item.publishedAt?.at ?? null
    at.candidates.set(key, {
      key,
      url: item.url,
      item,
      feedItem,
      seen: { title: seenTitle(source, item, feedItem), statedAt },
      known: known.get(item.url) ?? null,
      changedAt,
      isOffSite: offSite.has(item.url),
      isAnyPage: at.reading.kind === 'sitemap',
      fate: 'open',
    })
  }
  tally.found += added.size
  ports.progress?.({ kind: 'found', count: added.size })
  return added.size - known.size
}

/** What another title is told by; where the listing's text is the article, by a digest of it as well. */
function seenTitle(source: Source, { title }: ListingItem, feedItem: FeedItem | null): string | null {
  if (feedItem && isTextOfFeed(source, feedItem)) return digestOf(feedItem)
  return title?.replaceAll(/\s+/g, ' ').trim() ?? null
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
  { listing, state, settingsKey, pageUrls, detours }: ListingProgress,
  at: { nextUrl: string; items: readonly ListedItem[]; fresh: number },
): boolean {
  if (pageUrls.size - detours >= listing.maxPages || pageUrls.has(at.nextUrl) || !URL.canParse(at.nextUrl)) return false
  const limit = { now: context.ports.now(), maxAgeMs: context.source.maxAge ?? null }
  if (at.items.every(({ item, changedAt }) => isTooOld(item.publishedAt?.at ?? changedAt, limit))) return false
  // Once a listing has been read to its end, a page of mostly known items means that the rest is known.
  const wasReadToItsEnd = state?.isComplete === true && state.settingsKey === settingsKey
  return wasReadToItsEnd ? at.fresh * 2 > at.items.length : true
}

function emptyListing(context: RunContext, url: string, reading: ListingReading): UnreadableError {
  return new UnreadableError(
    'listing.empty',
    `expected items, got a ${reading.kind === 'html' ? 'page' : reading.kind} with none (${url}). ` +
      `Check "listings" of source "${context.source.id}", or set allowEmpty.`,
  )
}
