import { pino } from 'pino'
import type { CrawlPorts, DuePage, KnownPage, ListingState } from '../../src/crawlers/crawl-ports.ts'
import { createHttpClient } from '../../src/crawlers/http-client.ts'
import { createMemoryPacing } from '../../src/crawlers/pacing.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import { createMemoryRobots } from '../../src/crawlers/robots.ts'
import type { Article } from '../../src/model/article.ts'
import type { CrawlRun } from '../../src/model/crawl-run.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import type { TestServer } from './a-server.ts'
import { tinyReader } from './tiny-reader.ts'

export const userAgent = 'Newsfold/0.1 (+https://newsfold.example/contact)'

/** How long a failed page waits for its next try in this archive. */
const retryAfterMs = 3_600_000

export interface MemoryArchive {
  readonly ports: CrawlPorts
  readonly articles: Map<string, Article>
  readonly pages: Map<string, KnownPage>
  readonly listings: Map<string, ListingState>
  /** Addresses in the order in which they were saved. */
  readonly saved: string[]
  /** Pages to read again, besides the failed ones whose time has come. */
  readonly recheck: Set<string>
  readonly clock: { now: Date }
  close(): Promise<void>
}

/** The archive's side of a crawl, in memory: what PostgreSQL keeps in the program. */
export function aMemoryArchive(over: Partial<CrawlPorts> = {}): MemoryArchive {
  const articles = new Map<string, Article>()
  const pages = new Map<string, KnownPage>()
  const listings = new Map<string, ListingState>()
  const saved: string[] = []
  const recheck = new Set<string>()
  const clock = { now: new Date('2019-11-05T02:00:00Z') }
  const http = createHttpClient({ userAgent, now: () => clock.now })
  const unknown = {
    etag: null,
    lastModified: null,
    seen: { title: null, statedAt: null },
    nextTryAt: null,
    errorCode: null,
  }
  const ports: CrawlPorts = {
    http,
    requestPlaces: createRequestPlaces(100),
    reader: tinyReader,
    pacing: createMemoryPacing(() => clock.now.getTime()),
    robots: createMemoryRobots(),
    log: pino({ level: 'silent' }),
    now: () => clock.now,
    listingState: (_sourceId, url) => Promise.resolve(listings.get(url) ?? null),
    saveListingState(_sourceId, url, state) {
      listings.set(url, state)
      return Promise.resolve()
    },
    knownPages: (_sourceId, urls) => Promise.resolve(new Map([...pages].filter(([url]) => urls.includes(url)))),
    duePages(_sourceId, now, limit) {
      const due = [...pages].filter(
        ([url, page]) => recheck.has(url) || (page.nextTryAt !== null && page.nextTryAt <= now),
      )
      return Promise.resolve(due.slice(0, limit).map(([url, page]): DuePage => ({ ...page, url, item: null })))
    },
    saveArticle({ page, seen, article }) {
      const before = articles.get(page.requestedUrl)
      articles.set(page.requestedUrl, article)
      const { etag, lastModified } = page
      pages.set(page.requestedUrl, { ...unknown, status: 'stored', etag, lastModified, seen })
      saved.push(page.requestedUrl)
      recheck.delete(page.requestedUrl)
      const outcome = before ? 'revised' : 'stored'
      return Promise.resolve(before?.contentHash === article.contentHash ? 'unchanged' : outcome)
    },
    pageUnchanged(_sourceId, url, seen) {
      const page = pages.get(url)
      if (page && seen) pages.set(url, { ...page, seen })
      recheck.delete(url)
      return Promise.resolve()
    },
    pageFailed(_sourceId, url, { code, retry }, now) {
      const nextTryAt = retry === 'later' ? new Date(now.getTime() + retryAfterMs) : null
      pages.set(url, { ...unknown, status: 'failed', nextTryAt, errorCode: code })
      return Promise.resolve()
    },
    pageGone(_sourceId, url) {
      pages.set(url, { ...unknown, status: 'gone' })
      return Promise.resolve()
    },
    ...over,
  }
  return { ports, articles, pages, listings, saved, recheck, clock, close: () => http.close() }
}

/** A source of one listing, `/list`, on a test's server, without delay. */
export function aSource(server: TestServer, over: Record<string, unknown> = {}): Source {
  return sourceSchema.parse({
    id: 'newsroom',
    name: 'Newsroom',
    kind: 'html',
    listings: [`${server.origin}/list`],
    politeness: { delay: 0 },
    allowPrivateHosts: [server.host],
    ...over,
  })
}

/** The right side of: found = stored + revised + unchanged + failed + the sum of skipped. */
export function accountedFor(run: CrawlRun): number {
  const skipped = Object.values(run.skipped).reduce((sum, count) => sum + count, 0)
  return run.stored + run.revised + run.unchanged + run.failed + skipped
}
