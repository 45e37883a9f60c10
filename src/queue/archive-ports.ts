import { withdrawArticle } from '../archive/articles.ts'
import { findListing, saveListing } from '../archive/listings.ts'
import type { Database } from '../archive/database.ts'
import { findBackfillPlace, saveBackfillPlace } from '../archive/backfill-places.ts'
import { delayHost, hostSlots } from '../archive/pacing.ts'
import { findDuePages, findPages, markPageFailed, markPageUnchanged, type PageRecord } from '../archive/pages.ts'
import { tidySearchIndex } from '../archive/search-index.ts'
import { findRobotsFile, saveRobotsFile } from '../archive/robots-files.ts'
import type { CrawlPorts, ListPlaces, SeenInListing } from '../crawlers/crawl-ports.ts'
import { rememberRobots } from '../crawlers/robots-memory.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { keepArticle } from './keep-article.ts'
import { firstRetryMs, lastRetryMs, looksOf } from './page-rhythm.ts'

/** What a crawl reads and writes between runs. */
type StoragePorts = Omit<CrawlPorts, 'http' | 'requestPlaces' | 'reader' | 'log' | 'now' | 'progress'>

function seenOf({ listedTitle, listedAt }: PageRecord): SeenInListing {
  return { title: listedTitle, statedAt: listedAt?.toISOString() ?? null }
}

/** The storage of crawls in the archive, under one name an address. */
export function archivePorts(database: Database): StoragePorts {
  const tidying = tidySearchIndex(database)
  return {
    pacing: {
      reserve: hostSlots(database),
      slowDown: (host, forMs) => delayHost(database, host, forMs),
    },
    robots: rememberRobots(
      {
        find: (origin) => findRobotsFile(database, origin),
        save: (origin, entry) => saveRobotsFile(database, origin, entry),
      },
      () => new Date(),
    ),
    listingState: (sourceId, url) => findListing(database, sourceId, url),
    saveListingState: (sourceId, url, state) => saveListing(database, sourceId, url, state),
    knownPages: async (sourceId, urls) => {
      const byCanonical = new Map(
        (await findPages(database, sourceId, urls.map(canonicalUrl))).map((p) => [p.canonicalUrl, p]),
      )
      return new Map(
        urls.flatMap((url) => {
          const page = byCanonical.get(canonicalUrl(url))
          if (!page) return []
          return [[url, { ...page, seen: seenOf(page) }] as const]
        }),
      )
    },
    duePages: async (sourceId, now, limit) => {
      const pages = await findDuePages(database, sourceId, now, limit)
      return pages.map((page) => ({ ...page, seen: seenOf(page), item: null }))
    },
    saveArticle: async (input) => {
      const outcome = await keepArticle(database, input)
      if (outcome === 'stored') tidying.noted()
      return outcome
    },
    pageUnchanged: (sourceId, url, seen, now) =>
      markPageUnchanged(database, {
        sourceId,
        canonicalUrl: canonicalUrl(url),
        seen,
        now,
        looksMs: looksOf(seen?.title ?? null),
      }),
    pageFailed: (sourceId, url, failure, now) =>
      markPageFailed(database, {
        sourceId,
        canonicalUrl: canonicalUrl(url),
        url,
        status: 'failed',
        errorCode: failure.code,
        errorMessage: failure.message,
        at: now,
        delayMs: failure.retry === 'later' ? firstRetryMs : null,
        maxDelayMs: lastRetryMs,
      }),
    pageGone: (sourceId, url, now) =>
      database.transaction(async (client) => {
        await withdrawArticle(client, canonicalUrl(url), now)
        await markPageFailed(client, {
          sourceId,
          canonicalUrl: canonicalUrl(url),
          url,
          status: 'gone',
          errorCode: 'http.gone',
          errorMessage: 'The server says that the page is not there (404 or 410)',
          at: now,
          delayMs: null,
          maxDelayMs: lastRetryMs,
        })
      }),
  }
}

/** Where backfills go on that were stopped. */
export function backfillPlaces(database: Database): ListPlaces {
  return {
    find: (sourceId, url) => findBackfillPlace(database, sourceId, url),
    save: (sourceId, url, place) => saveBackfillPlace(database, { sourceId, url }, place, new Date()),
  }
}
