import type { Logger } from 'pino'
import { plainText } from '../feed/plain-text.ts'
import type { Article } from '../model/article.ts'
import { NewsfoldError } from '../model/errors.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { Page } from '../model/page.ts'
import type { Source } from '../model/source.ts'
import { blockOf } from './block-signs.ts'
import { itemsOf } from './listed-items.ts'
import type { ListingKind, ListingReading, PageReader } from './page-reader.ts'
import { fetchPolitely } from './polite-fetch.ts'
import { RunStopped, type PoliteContext } from './run-context.ts'

export type VisitPorts = PoliteContext['ports'] & { readonly reader: PageReader; readonly log: Logger }

export interface VisitOptions {
  readonly userAgent: string
  /** Least time between two requests to one host. */
  readonly delayMs: number
  /** Nothing new is asked for after this time; what is under way gets some seconds more. */
  readonly budgetMs: number
  /** `host:port` pairs that may be private. */
  readonly allowPrivateHosts: readonly string[]
  /** The visit is for this source: its own headers are sent to its own origins. */
  readonly source?: Pick<Source, 'homepage' | 'listings' | 'headers'>
  /** `browser`: pages are rendered before they are read. */
  readonly render?: Source['render']
  /** Told of each address before it is asked for. */
  readonly onStep?: (url: string, as: string) => void
}

/** An address that was asked for, why, and what came of it, in words for a person. */
export interface TriedAddress {
  readonly url: string
  readonly as: string
  readonly outcome: string
  /** Code of the error when it failed. */
  readonly code: string | null
}

/** A listing that a visit has read. */
export interface FoundListing {
  readonly url: string
  readonly kind: 'html' | 'feed' | 'sitemap' | 'json'
  /** How it was found, in words. */
  readonly as: string
  readonly items: readonly ListingItem[]
  /** Where it goes on. */
  readonly nextUrl: string | null
  /** Whether a sitemap states titles and times as news sitemaps do. */
  readonly isNews: boolean
  /** What a feed says of itself. */
  readonly title: string | null
  readonly homeUrl: string | null
  readonly language: string | null
}

const maxBytes = 50 * 1024 * 1024
/** A person waits. */
const graceMs = 2000
/** So many requests on the wire are enough to know a site by. */
const maxRequests = 16
/** The sitemaps of an index that are opened to see whether it names articles. */
const maxSitemaps = 2

/** A short stay at one site: a few polite requests that are all written down. */
export class SiteVisit {
  readonly tried: TriedAddress[] = []
  readonly #context: PoliteContext
  readonly #reader: PageReader
  readonly #render: Source['render']
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #onStep: (url: string, as: string) => void

  constructor(url: string, ports: VisitPorts, options: VisitOptions) {
    this.#reader = ports.reader
    this.#render = options.render ?? 'http'
    this.#onStep = options.onStep ?? (() => undefined)
    this.#timers = [
      setTimeout(() => this.#stop.abort(), options.budgetMs),
      setTimeout(() => this.#end.abort(), options.budgetMs + graceMs),
    ]
    this.#context = {
      source: {
        homepage: options.source?.homepage ?? url,
        listings: options.source?.listings ?? [],
        headers: options.source?.headers ?? {},
        politeness: { delay: options.delayMs, concurrency: 1 },
        allowPrivateHosts: [...options.allowPrivateHosts],
      },
      ports,
      options: { userAgent: options.userAgent },
      tally: { requests: 0, bytes: 0 },
      log: ports.log,
      stopping: this.#stop.signal,
      ending: this.#end.signal,
      robotsAsked: new Map(),
      closedHosts: new Map(),
      slowDowns: new Map(),
    }
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** Asks for a page; what went wrong is in `tried`. */
  async fetch(url: string, as: string, render = this.#render): Promise<Page | null> {
    this.#onStep(url, as)
    const note = (outcome: string, code: string | null = null) => this.tried.push({ url, as, outcome, code })
    if (this.#context.tally.requests >= maxRequests) {
      note('not asked: enough was asked of this site')
      return null
    }
    try {
      const fetched = await fetchPolitely(this.#context, { url, etag: null, lastModified: null, maxBytes, render })
      if (fetched.kind === 'fetched') {
        const { status, body } = fetched.page
        const block = blockOf({ status, header: () => null, body })
        if (block !== null) {
          note(`a page that keeps programs out (${block})`, 'page.blocked')
          return null
        }
        note(`${sizeOf(fetched.page)} of ${fetched.page.contentType?.split(';')[0] ?? 'no stated type'}`)
        return fetched.page
      }
      if (fetched.kind === 'failed') note(fetched.error.message, fetched.block ? 'page.blocked' : fetched.error.code)
      return null
    } catch (error) {
      if (!(error instanceof RunStopped) && !this.#end.signal.aborted) throw error
      note(
        this.#end.signal.aborted ? 'no answer yet when the time was over' : 'not asked: the time was over',
        'visit.time',
      )
      return null
    }
  }

  /** Asks for an address and reads it as a listing. */
  async look(url: string, kind: ListingKind, as: string): Promise<FoundListing | null> {
    const page = await this.fetch(url, as)
    return page && (await this.read(page, kind, as))
  }

  /** Reads a page as a listing; `null` when it names nothing. */
  async read(page: Page, kind: ListingKind, as: string): Promise<FoundListing | null> {
    try {
      const reading = await this.#reader.readListing(page, kind, undefined)
      const found = await this.#withSitemaps(foundOf(reading, page, as), reading)
      this.#amend(`${found.items.length} items`)
      return found.items.length > 0 ? found : null
    } catch (error) {
      if (!(error instanceof NewsfoldError)) throw error
      this.#amend(error.message)
      return null
    }
  }

  readArticle(page: Page): Promise<Article> {
    return this.#reader.readArticle(page, undefined)
  }

  /** An index of sitemaps stays what it is; what it names is looked at in the first of its sitemaps. */
  async #withSitemaps(index: FoundListing, reading: ListingReading): Promise<FoundListing> {
    if (reading.kind !== 'sitemap' || reading.sitemaps.length === 0) return index
    for (const url of reading.sitemaps.slice(0, maxSitemaps)) {
      const page = await this.fetch(url, `a sitemap of ${index.url}`)
      const inner = page && (await this.#reader.readListing(page, 'sitemap', undefined))
      const found = inner && page && foundOf(inner, page, index.as)
      if (found && found.items.length > 0) return { ...found, url: index.url }
    }
    return index
  }

  #amend(outcome: string): void {
    const last = this.tried.pop()
    if (last) this.tried.push({ ...last, outcome: `${last.outcome}; ${outcome}` })
  }
}

function sizeOf({ body }: Page): string {
  return body.length < 10_000 ? `${body.length} bytes` : `${Math.round(body.length / 1000)} kB`
}

function foundOf(reading: ListingReading, page: Page, as: string): FoundListing {
  const items = itemsOf(reading, page.url).map(({ item, feedItem }) => ({
    ...item,
    summary: item.summary ?? (feedItem?.contentHtml ? plainText(feedItem.contentHtml) : null),
  }))
  const feed = reading.kind === 'feed' ? reading.feed : null
  return {
    url: page.url,
    kind: reading.kind,
    as,
    items,
    nextUrl: reading.kind === 'html' || reading.kind === 'json' ? reading.nextUrl : null,
    isNews: reading.kind === 'sitemap' && reading.entries.some((entry) => entry.title !== null),
    title: feed?.title ?? null,
    homeUrl: feed?.homeUrl ?? null,
    language: feed?.language ?? null,
  }
}
