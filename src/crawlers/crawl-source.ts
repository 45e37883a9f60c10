import { BasicCrawler, Configuration, Log, LogLevel } from '@crawlee/basic'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { readArticleStep } from './article-step.ts'
import type { Candidate } from './candidate.ts'
import type { CrawlPorts } from './crawl-ports.ts'
import { beginListing, readListingStep, type ListingProgress } from './listing-step.ts'
import { planArticles, settleLeftovers } from './plan-articles.ts'
import { refusingHttpClient } from './refusing-http-client.ts'
import { RetryLater } from './retry.ts'
import { RunStopped, type CrawlOptions, type RunContext } from './run-context.ts'
import { RunTally } from './run-tally.ts'
import { withoutWrites } from './without-writes.ts'

export type { CrawlOptions } from './run-context.ts'

const defaultRetries = 2
const defaultBackoffMs = 2000
const defaultMaxRunMs = 3_600_000
/** What pages under way get when a run is stopped. */
const graceMs = 5000
/** Beyond any wait of ours (a slot, a fetch, a reader), so that Crawlee never runs one page twice. */
const handlerTimeoutSecs = 6 * 3600

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
  const run = context.tally.toRun({ id: options.runId, sourceId: source.id, startedAt, finishedAt, isAborted })
  const { errors, ...figures } = run
  context.log.info(
    { ...figures, errorCount: errors.length, tookMs: finishedAt.getTime() - startedAt.getTime() },
    'run.finished',
  )
  return run
}

/** A page that the crawler has been given; says whether it is tried again by throwing. */
type Task = (at: { isLastTry: boolean }) => Promise<void>

class SourceCrawl {
  readonly context: RunContext
  readonly #tasks = new Map<string, Task>()
  readonly #candidates = new Map<string, Candidate>()
  readonly #listings: ListingProgress[] = []
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #retries: number
  readonly #crawler: BasicCrawler
  #openListings = 0
  #broken: { error: unknown } | null = null

  constructor(source: Source, ports: CrawlPorts, options: CrawlOptions) {
    this.#retries = options.retries ?? defaultRetries
    this.context = {
      source,
      ports,
      options,
      tally: new RunTally(),
      log: ports.log.child({ sourceId: source.id, runId: options.runId }),
      stopping: this.#stop.signal,
      ending: this.#end.signal,
      closedHosts: new Set(),
    }
    this.#crawler = this.#createCrawler(source.politeness.concurrency)
  }

  /** @returns whether the run was stopped before its end */
  async run(): Promise<boolean> {
    const { source, options, ports } = this.context
    for (const listing of source.listings) this.#listings.push(await beginListing(this.context, listing))
    this.#openListings = this.#listings.length
    const deadline = setTimeout(() => this.#stopBeginning(), options.maxRunMs ?? defaultMaxRunMs)
    const onAbort = () => {
      this.#stopBeginning()
      setTimeout(() => this.#end.abort(), graceMs).unref()
    }
    options.signal?.addEventListener('abort', onAbort)
    try {
      if (options.signal?.aborted !== true) {
        await this.#crawler.run(this.#listings.map((progress) => this.#listingRequest(progress, progress.listing.url)))
      }
    } finally {
      clearTimeout(deadline)
      options.signal?.removeEventListener('abort', onAbort)
    }
    if (this.#broken) throw this.#broken.error
    const isAborted = options.signal?.aborted === true
    settleLeftovers(this.context, [...this.#candidates.values()], isAborted ? 'aborted' : 'run-limit')
    if (!isAborted) {
      for (const progress of this.#listings) await this.#saveListing(progress, ports.now())
    }
    return isAborted
  }

  #createCrawler(concurrency: number): BasicCrawler {
    return new BasicCrawler(
      {
        log: new Log({ level: LogLevel.OFF }),
        httpClient: refusingHttpClient,
        useSessionPool: false,
        maxRequestRetries: this.#retries,
        // The pace is ours to keep; the machine's load is no reason to leave slots unused.
        minConcurrency: concurrency,
        maxConcurrency: concurrency,
        requestHandlerTimeoutSecs: handlerTimeoutSecs,
        statisticsOptions: { saveErrorSnapshots: false },
        requestHandler: ({ request }) => this.#handle(request.uniqueKey, request.retryCount),
      },
      new Configuration({ persistStorage: false, systemInfoIntervalMillis: 60_000 }),
    )
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
    this.#crawler.stop()
  }

  #listingRequest(progress: ListingProgress, url: string) {
    const number = this.#listings.indexOf(progress)
    const uniqueKey = `listing ${number} ${url}`
    this.#tasks.set(uniqueKey, async ({ isLastTry }) => {
      const nextUrl = await readListingStep(this.context, progress, { url, isLastTry, candidates: this.#candidates })
      if (nextUrl !== null) {
        await this.#crawler.addRequests([this.#listingRequest(progress, nextUrl)])
        return
      }
      this.#openListings -= 1
      if (this.#openListings === 0) await this.#planArticles()
    })
    return { url, uniqueKey }
  }

  /** Only when all listings are read is it known which articles are the newest. */
  async #planArticles(): Promise<void> {
    const planned = await planArticles(this.context, this.#candidates)
    await this.#markUnderWay()
    const requests = planned.map((candidate) => {
      const uniqueKey = `article ${candidate.key}`
      this.#tasks.set(uniqueKey, (at) => readArticleStep(this.context, candidate, at))
      return { url: candidate.url, uniqueKey }
    })
    await this.#crawler.addRequests(requests, { waitForAllRequestsToBeAdded: true })
  }

  /**
   * Before the first article: were this run killed, the next one would otherwise meet its newest articles as known
   * and stop there, above older ones that no run has read.
   */
  async #markUnderWay(): Promise<void> {
    const { source, ports } = this.context
    for (const { listing, state, settingsKey, outcome, pageUrls } of this.#listings) {
      if (outcome !== 'read' || pageUrls.size === 0 || state?.isComplete !== true || listing.maxPages === 1) continue
      const underWay = { etag: null, lastModified: null, settingsKey, isComplete: false, savedAt: ports.now() }
      await ports.saveListingState(source.id, listing.url, underWay)
    }
  }

  async #saveListing(progress: ListingProgress, savedAt: Date): Promise<void> {
    const { source, ports } = this.context
    const { listing, settingsKey, validators, outcome, keys } = progress
    const isComplete = [...keys].every((key) => this.#candidates.get(key)?.fate === 'done')
    if (outcome !== 'read' || !isComplete) return
    await ports.saveListingState(source.id, listing.url, { ...validators, settingsKey, isComplete, savedAt })
  }
}
