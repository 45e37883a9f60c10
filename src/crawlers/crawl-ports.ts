import type { Logger } from 'pino'
import type { Article } from '../model/article.ts'
import type { Retry } from '../model/errors.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { Source } from '../model/source.ts'
import type { PageRenderer } from './browser.ts'
import type { HttpClient } from './http-client.ts'
import type { PacingStore } from './pacing.ts'
import type { PageReader } from './page-reader.ts'
import type { RequestPlaces } from './request-places.ts'
import type { RobotsStore } from './robots.ts'

/** What is kept of a listing between runs. */
export interface ListingState {
  readonly etag: string | null
  readonly lastModified: string | null
  /** Fingerprint of what the source's file says of this listing; validators hold for the same one only. */
  readonly settingsKey: string
  /** Whether all that it named had been handled when this was written. */
  readonly isComplete: boolean
  readonly savedAt: Date
  /** Until when it need not be asked for: `ttl`, Cache-Control. Absent or `null`: its publisher does not say. */
  readonly freshUntil?: Date | null
  /** Hours of the day in UTC at which its publisher asks to leave it alone. */
  readonly skipHours?: readonly number[]
}

/** What the listing said of a page when the page was last handled; a change of it is a reason to read it again. */
export interface SeenInListing {
  /** Of an item whose text is the article: a digest of title and text. */
  readonly title: string | null
  /** ISO 8601 in UTC: when the listing says that it was changed, else published. */
  readonly statedAt: string | null
}

/** What is known of a page from earlier runs. */
export interface KnownPage {
  readonly status: 'stored' | 'failed' | 'gone'
  readonly etag: string | null
  readonly lastModified: string | null
  readonly seen: SeenInListing
  /** Of a failed page: when it may be tried again; `null` when never. */
  readonly nextTryAt: Date | null
  /** Of a failed page: the code that it failed with. */
  readonly errorCode: string | null
}

/** A page that is to be asked for although no listing names it: one that failed, or a recent one to read again. */
export interface DuePage {
  readonly url: string
  readonly status: KnownPage['status']
  readonly etag: string | null
  readonly lastModified: string | null
  readonly seen: SeenInListing
  /** What the listing said when the page was found; `null` when that is not kept. */
  readonly item: ListingItem | null
}

export interface PageFailure {
  readonly code: string
  readonly message: string
  /** `never`: it is known and left alone, as a PDF file is. */
  readonly retry: Retry
}

export interface ReadPage {
  /** As the listing names it: what `knownPages` is asked by. */
  readonly requestedUrl: string
  /** After redirects. */
  readonly url: string
  readonly etag: string | null
  readonly lastModified: string | null
  readonly fetchedAt: Date
}

export interface ArticleToSave {
  readonly source: Source
  readonly page: ReadPage
  /** `null` for a due page that no listing names any more. */
  readonly item: ListingItem | null
  readonly seen: SeenInListing
  /** No run has read its page before, as far as is known. */
  readonly isUnread: boolean
  readonly article: Article
}

/** The list page that a backfill has come to. */
export interface ListPlace {
  /** Of the listing, as in its state: the place holds for the same one only. */
  readonly settingsKey: string
  readonly pageUrl: string
  /** List pages before it. */
  readonly pagesBefore: number
}

/** Where backfills go on that were stopped. */
export interface ListPlaces {
  find(sourceId: string, listingUrl: string): Promise<ListPlace | null>
  /** @param place `null`: the listing was read to its end */
  save(sourceId: string, listingUrl: string, place: ListPlace | null): Promise<void>
}

/** For a terminal: found and handled add up when the run is over. */
export type CrawlProgress =
  | { readonly kind: 'found'; readonly count: number }
  | { readonly kind: 'handled'; readonly url: string; readonly as: string }

/**
 * What a run needs of the rest of the program. All writes are idempotent: a run that was killed is run again and
 * writes some of the same again.
 */
export interface CrawlPorts {
  readonly http: HttpClient
  /** Of `render: browser`; absent where nothing renders. */
  readonly renderer?: Pick<PageRenderer, 'renderPage'>
  readonly reader: PageReader
  /** Of all requests of this process. */
  readonly requestPlaces: RequestPlaces
  readonly pacing: PacingStore
  readonly robots: RobotsStore
  readonly log: Logger
  now(): Date
  listingState(sourceId: string, url: string): Promise<ListingState | null>
  /** Called with `isComplete` only when every item of the listing is in the archive or remembered as failed. */
  saveListingState(sourceId: string, url: string, state: ListingState): Promise<void>
  /** By the addresses given; at most 1,000 a call. */
  knownPages(sourceId: string, urls: readonly string[]): Promise<ReadonlyMap<string, KnownPage>>
  /** Failed pages whose time has come, and recent ones to read again; the most urgent first. */
  duePages(sourceId: string, now: Date, limit: number): Promise<readonly DuePage[]>
  saveArticle(input: ArticleToSave): Promise<'stored' | 'revised' | 'unchanged'>
  /** A page that was asked for again and has not changed (304). `seen` is `null` when no listing named it. */
  pageUnchanged(sourceId: string, url: string, seen: SeenInListing | null, now: Date): Promise<void>
  pageFailed(sourceId: string, url: string, failure: PageFailure, now: Date): Promise<void>
  pageGone(sourceId: string, url: string, now: Date): Promise<void>
  /** Of a backfill: articles are read list page by list page, and a further one goes on where this one has come to. */
  readonly places?: ListPlaces
  progress?(event: CrawlProgress): void
}
