import type { Listing } from '../model/source.ts'
import type { ListingState, ListPlace } from './crawl-ports.ts'
import type { ListingReading } from './page-reader.ts'

/** One listing of a source during a run. */
export interface ListingProgress {
  readonly listing: Listing
  readonly settingsKey: string
  readonly state: ListingState | null
  /** Keys of the candidates it named. */
  readonly keys: Set<string>
  readonly pageUrls: Set<string>
  /** Of a backfill that goes on: where; `null`: it begins at the beginning. */
  place: ListPlace | null
  /** Sitemaps that an index named and that are not read yet, in the order in which they will be. */
  readonly pending: string[]
  /** It is read by sitemaps. */
  isMap: boolean
  /** Pages that only led on to another one: refreshes, indexes of sitemaps. They do not count as pages read. */
  detours: number
  /** Validators of its first page. */
  validators: { etag: string | null; lastModified: string | null }
  /** What its publisher says of when to come again. */
  rest: Pick<ListingState, 'freshUntil' | 'skipHours'>
  outcome: 'open' | 'read' | 'not-modified' | 'failed'
}

/** More pages that lead on to another one than this are a circle; indexes of sitemaps are nested twice at the most. */
const maxDetours = 5

/** @returns the page to read in place of this one, which names no articles itself */
export function takeDetour(progress: ListingProgress, reading: ListingReading): string | null {
  if (reading.kind === 'sitemap') {
    progress.isMap = true
    const known = new Set([...progress.pageUrls, ...progress.pending])
    progress.pending.unshift(...newsFirst(reading.sitemaps).filter((url) => !known.has(url)))
  }
  const isDetour =
    (reading.kind === 'html' && reading.items.length === 0) ||
    (reading.kind === 'sitemap' && reading.sitemaps.length > 0 && reading.entries.length === 0)
  if (!isDetour || progress.detours >= maxDetours) return null
  const url = reading.kind === 'html' ? (reading.insteadUrl ?? null) : (progress.pending.shift() ?? null)
  if (url === null || progress.pageUrls.has(url)) return null
  progress.detours += 1
  return url
}

const newsNames = /news|press|release|article|post|xinwen|gonggao|xwfb/i

/** Sites that split their sitemap by what is in it have the news in one that says so. */
function newsFirst(urls: readonly string[]): string[] {
  return [...urls.filter((url) => newsNames.test(url)), ...urls.filter((url) => !newsNames.test(url))]
}

export function nextUrlOf(progress: ListingProgress, reading: ListingReading): string | null {
  if (reading.kind === 'sitemap') return progress.pending.shift() ?? null
  if (reading.kind === 'feed') return reading.feed.pages?.next ?? null
  if (reading.kind === 'html') return reading.nextUrl
  return reading.nextUrl ?? nextNumber(progress)
}

/** The page after those that were read, of a listing that counts them in its address. */
function nextNumber({ listing, pageUrls, place }: ListingProgress): string | null {
  return numberedUrl(listing, pageUrls.size + (place?.pagesBefore ?? 0))
}

/** The page that a listing is read from. */
export function firstUrlOf({ listing, place }: ListingProgress): string {
  return place?.pageUrl ?? numberedUrl(listing, 0) ?? listing.url
}

/** Address of a listing's page, counted from 0; `null` of later ones when its address has no `{page}`. */
export function numberedUrl({ url, json }: Pick<Listing, 'url' | 'json'>, index: number): string | null {
  if (!url.includes('{page}')) return index === 0 ? url : null
  return url.replaceAll('{page}', String((json?.firstPage ?? 1) + index * (json?.pageStep ?? 1)))
}
