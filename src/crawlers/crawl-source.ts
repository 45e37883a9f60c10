import { setTimeout as sleep } from 'node:timers/promises'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { readArticleStep } from './article-step.ts'
import type { Candidate } from './candidate.ts'
import type { CrawlPorts } from './crawl-ports.ts'
import { beginListing, readListingStep } from './listing-step.ts'
import { keepListPlace, type ReadListPage } from './list-places.ts'
import { firstUrlOf, type ListingProgress } from './listing-way.ts'
import { planArticles, settleLeftovers } from './plan-articles.ts'
import { RetryLater } from './retry.ts'
import { createRunContext, RunStopped, type CrawlOptions, type RunContext } from './run-context.ts'
import { RunCrawler } from './run-crawler.ts'
import { TaskQueue } from './task-queue.ts'
import { withoutWrites } from './without-writes.ts'

export type { CrawlOptions } from './run-context.ts'

const defaultRetries = 2
const defaultBackoffMs = 2000
const defaultMaxRunMs = 3_600_000
/** What pages under way get when a run is stopped. */
const graceMs = 5000
/**
 * Crawls one source once: its listings, the articles that they newly name, and pages of earlier runs that are due.
 * What goes wrong with a listing or a page is in the run's counts and errors; what a port throws is thrown.
 * A run that was killed loses nothing: listings are noted as done only after all that they named.
 */
export async function crawlSource(source: Source, ports: CrawlPorts, options: CrawlOptions): Promise<CrawlRun> {
  const startedAt = ports.now()
  const crawl = new SourceCrawl(source, options.dryRun === true ? withoutWrites(ports, options) : ports, options)
  const isAborted = await crawl.run()
  const { context } = crawl
  const finishedAt = ports.now()
  return context.tally.toRun({ id: options.runId, sourceId: source.id, startedAt, finishedAt, isAborted })
}

/** A page that the crawler has been given; says whether it is tried again by throwing. */
type Task = (at: { isLastTry: boolean }) => Promise<void>

class SourceCrawl {
  readonly context: RunContext
  readonly #tasks = new Map<string, Task>()
  readonly #candidates = new Map<string, Candidate>()
  readonly #listings: ListingProgress[] = []
  /** Of a backfill: the list pages that were read of each listing. */
  readonly #readPages = new Map<ListingProgress, ReadListPage[]>()
  readonly #queue = new TaskQueue()
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #retries: number
  #crawler: RunCrawler | null = null
  #openListings = 0
  #broken: { error: unknown } | null = null

  constructor(source: Source, ports: CrawlPorts, options: CrawlOptions) {
    this.#retries = options.retries ?? defaultRetries
    this.context = createRunContext(source, ports, options, {
      stopping: this.#stop.signal,
      ending: this.#end.signal,
    })
  }

  /** @returns whether the run was stopped before its end */
  async run(): Promise<boolean> {
    const { source, options, ports } = this.context
    for (const listing of source.listings) this.#listings.push(await beginListing(this.context, listing))
    this.#openListings = this.#listings.length
    const onTimeOver = () => this.#stopBeginning()
    const deadline = setTimeout(onTimeOver, options.maxRunMs ?? defaultMaxRunMs)
    options.turn?.addEventListener('abort', onTimeOver)
    const onAbort = () => {
      this.#stopBeginning()
      setTimeout(() => this.#end.abort(), graceMs).unref()
    }
    options.signal?.addEventListener('abort', onAbort)
    try {
      if (options.signal?.aborted !== true) {
        await this.#askListings()
        if (this.#queue.getPendingCount() > 0 && !this.context.stopping.aborted) await this.#crawl()
      }
    } finally {
      clearTimeout(deadline)
      options.turn?.removeEventListener('abort', onTimeOver)
      options.signal?.removeEventListener('abort', onAbort)
    }
    if (this.#broken) throw this.#broken.error
    const isAborted = options.signal?.aborted === true
    settleLeftovers(this.context, [...this.#candidates.values()], isAborted ? 'aborted' : 'run-limit')
    if (isAborted) return true
    for (const progress of this.#listings) {
      if (progress.outcome === 'open' && options.turn?.aborted !== true) this.#countUnread(progress)
      await this.#saveListing(progress, ports.now())
    }
    return false
  }

  /**
   * Each listing's first page, one after the other. Most runs end here, with nothing new, and starting a crawler costs
   * several times what such a run does. What has to be tried again is left to the crawler.
   */
  async #askListings(): Promise<void> {
    for (const progress of this.#listings) {
      const url = firstUrlOf(progress)
      const key = this.#nameListing(progress, url)
      try {
        await this.#handle(key, 0)
      } catch (error) {
        if (!(error instanceof RetryLater)) throw error
        this.#queue.add(key, url, 1)
      }
    }
  }

  async #crawl(): Promise<void> {
    const { concurrency } = this.context.source.politeness
    this.#crawler = new RunCrawler(this.#queue, {
      maxRequestRetries: this.#retries,
      // The pace is ours to keep; the machine's load is no reason to leave slots unused.
      minConcurrency: concurrency,
      maxConcurrency: concurrency,
      requestHandler: ({ request }) => this.#handle(request.uniqueKey, request.retryCount),
    })
    await this.#crawler.run()
  }

  async #handle(key: string, retryCount: number): Promise<void> {
    const { stopping, ending, options } = this.context
    if (stopping.aborted) return
    try {
      if (retryCount > 0) await this.#backOff(options.backoffMs ?? defaultBackoffMs, retryCount)
      await this.#tasks.get(key)?.({ isLastTry: retryCount >= this.#retries })
    } catch (error) {
      if (error instanceof RunStopped || ending.aborted) return
      if (error instanceof RetryLater) throw error
      // A port that fails, a mistake of ours: no page's fault, so the run is over.
      this.#broken ??= { error }
      this.#stopBeginning()
    }
  }

  async #backOff(backoffMs: number, retryCount: number): Promise<void> {
    try {
      await sleep(backoffMs * 2 ** (retryCount - 1), undefined, { signal: this.context.stopping })
    } catch {
      throw new RunStopped()
    }
  }

  #stopBeginning(): void {
    this.#stop.abort()
    this.#crawler?.stop()
  }

  /** @returns the key of the task that reads one page of a listing */
  #nameListing(progress: ListingProgress, url: string): string {
    const key = `listing ${this.#listings.indexOf(progress)} ${url}`
    this.#tasks.set(key, async ({ isLastTry }) => {
      const { size } = this.#candidates
      const nextUrl = await readListingStep(this.context, progress, { url, isLastTry, candidates: this.#candidates })
      if (this.context.ports.places) await this.#takeAlong(progress, url, [...this.#candidates.values()].slice(size))
      if (nextUrl !== null) {
        this.#queue.add(this.#nameListing(progress, nextUrl), nextUrl)
        return
      }
      this.#openListings -= 1
      if (this.#openListings > 0 || this.context.ports.places) return
      // Only when all listings are read is it known which articles are the newest.
      const planned = await planArticles(this.context, this.#candidates)
      await this.#markUnderWay()
      this.#addArticles(planned)
    })
    return key
  }

  /** Before the next list page the articles of this one: a backfill that is stopped has kept all up to its place. */
  async #takeAlong(progress: ListingProgress, url: string, candidates: readonly Candidate[]): Promise<void> {
    this.#addArticles(await planArticles(this.context, new Map(candidates.map((each) => [each.key, each]))))
    const pages = this.#readPages.get(progress) ?? []
    this.#readPages.set(progress, [...pages, { url, candidates }])
    await keepListPlace(this.context, progress, this.#readPages.get(progress) ?? [])
  }

  #addArticles(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      const key = `article ${candidate.key}`
      this.#tasks.set(key, (at) => readArticleStep(this.context, candidate, at))
      this.#queue.add(key, candidate.url)
    }
  }

  /**
   * Before the first article: were this run killed, the next one would otherwise meet its newest articles as known
   * and stop there, above older ones that no run has read.
   */
  async #markUnderWay(): Promise<void> {
    const { source, ports } = this.context
    for (const { listing, state, settingsKey, pageUrls } of this.#listings) {
      // Also where a later page of it could not be read.
      if (pageUrls.size === 0 || state?.isComplete !== true || listing.maxPages === 1) continue
      const underWay = { etag: null, lastModified: null, settingsKey, isComplete: false, savedAt: ports.now() }
      await ports.saveListingState(source.id, listing.url, underWay)
    }
  }

  #countUnread({ listing }: ListingProgress): void {
    const { source, tally } = this.context
    tally.listingFailed(
      `Source "${source.id}", listing ${listing.url}: expected to read it within one run, whose time was over first. ` +
        'The next run takes it; if this stays, shorten its delay or split the source.',
    )
  }

  async #saveListing(progress: ListingProgress, savedAt: Date): Promise<void> {
    const { source, ports } = this.context
    const { listing, settingsKey, validators, outcome, keys, rest } = progress
    const isComplete = [...keys].every((key) => this.#candidates.get(key)?.fate === 'done')
    if (outcome !== 'read' || !isComplete) return
    await ports.places?.save(source.id, listing.url, null)
    await ports.saveListingState(source.id, listing.url, { ...validators, ...rest, settingsKey, isComplete, savedAt })
  }
}
