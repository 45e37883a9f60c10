import { setMaxListeners } from 'node:events'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { insertRun } from '../archive/runs.ts'
import { findHealthOf } from '../archive/source-health.ts'
import type { DueSource } from '../archive/source-schedules.ts'
import type { SourceLeases } from '../archive/source-lease.ts'
import type { CrawlPorts, CrawlProgress } from '../crawlers/crawl-ports.ts'
import { crawlSource, type CrawlOptions } from '../crawlers/crawl-source.ts'
import { pollListings, type Poll } from '../crawlers/poll-listings.ts'
import type { PageRenderer } from '../crawlers/browser.ts'
import type { HttpClient } from '../crawlers/http-client.ts'
import type { PageReader } from '../crawlers/page-reader.ts'
import type { RequestPlaces } from '../crawlers/request-places.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { UnreachableError } from '../model/errors.ts'
import type { Article } from '../model/article.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { archivePorts, backfillPlaces } from './archive-ports.ts'
import { tickJobId, type JobResult, type Tick } from './job-queue.ts'
import { createAheadStore } from './ahead-store.ts'
import { createJudgements, judgeHealth } from './judge-health.ts'

/** Who is told of crawls as they go, such as a terminal. */
export interface CrawlWatcher {
  started?(source: Source): void
  progressed?(source: Source, event: CrawlProgress): void
  finished?(source: Source, run: CrawlRun): void
}

export type CrawlOutcome =
  | { readonly kind: 'crawled'; readonly run: CrawlRun; /** Only of a look. */ readonly articles: readonly Article[] }
  | { readonly kind: 'busy' }

/** Crawls sources, each by one process at a time. */
export interface CrawlService {
  /** Crawls a source now and keeps a record of the run. `busy`: another process crawls it at this moment. */
  crawl(source: Source): Promise<CrawlOutcome>
  /**
   * Reads listings to their end, beside the crawls of the source's schedule, which go on: what they keep of listings
   * is left alone, and hosts are asked no more often. Pages that are known are passed over, so a second one goes on
   * where the first was stopped. `busy`: another process does the same.
   */
  backfill(source: Source): Promise<CrawlOutcome>
  /** Crawls a source now and keeps nothing of it, known pages included. */
  look(source: Source): Promise<CrawlOutcome>
  /**
   * What a job does: crawls, and fails when the source could not be read at all, so that it is tried again.
   */
  processJob(source: Source, tick: Tick): Promise<JobResult>
  /**
   * Asks the listings of a source that is due, and whose lease is held, whether they have changed. What they answer
   * instead is kept for the job that comes.
   */
  poll(source: Source, due: DueSource, signal: AbortSignal): Promise<Poll>
  /** How many jobs it is at. */
  underWay(): number
  /** Ends the turn of as many jobs, the longest under way first: they are handed back, and go on later. */
  giveWay(count: number): void
  /** Says what a poll that found nothing new found, when its run is kept. */
  concludePoll(source: Source, due: DueSource, run: CrawlRun): Promise<void>
  /** Ends running crawls after the pages in flight; later ones are refused. */
  abort(): void
}

/** Until a job looks again whether somebody is still at its source. */
const busyAgainMs = 3000
const busyFirstMs = 1000

/** To read a list again and begin anew costs some seconds. */
const defaultLeastTurnMs = 15_000

/** Ten thousand pages at two seconds each take six hours. */
const longestBackfillMs = 7 * 86_400_000

/** One line a run: level by what a person has to know of it. */
function logRun(log: Logger, run: CrawlRun): void {
  const { id, sourceId, startedAt, finishedAt, errors, ...counts } = run
  const fields = { runId: id, source: sourceId, ...counts, tookMs: finishedAt.getTime() - startedAt.getTime() }
  if (run.outcome === 'failed') log.warn({ ...fields, errors }, 'run.failed')
  else log.info({ ...fields, ...(errors.length > 0 ? { errors } : {}) }, 'run.finished')
}

/** The publisher's wishes count where the pace is ours; what the operator states as a pace is kept. */
function heedsRest({ schedule }: Source): boolean {
  return schedule.adaptive !== undefined
}

/** Wires crawls to the archive. */
export function createCrawlService(options: {
  readonly database: Database
  readonly http: HttpClient
  readonly requestPlaces: RequestPlaces
  readonly renderer?: PageRenderer
  readonly reader: PageReader
  /** The readers of one source, where code of its own takes something over. */
  readonly readerOf?: (source: Source) => PageReader
  readonly leases: SourceLeases
  /** How requests name themselves: `Newsfold/<version> (+<contact>)`. */
  readonly userAgent: string
  readonly log: Logger
  readonly watcher: CrawlWatcher
  /** How long a job is under way before it gives way. Default 15 s. */
  readonly leastTurnMs?: number
}): CrawlService {
  const { database, http, requestPlaces, reader, leases, log, watcher, leastTurnMs = defaultLeastTurnMs } = options
  const aborting = new AbortController()
  // One for each crawl under way.
  setMaxListeners(0, aborting.signal)
  const storage = archivePorts(database)
  const judgements = createJudgements()
  const aheads = createAheadStore()
  /** Of the jobs under way, the oldest first; since when, by `performance.now()`. */
  const turns = new Map<AbortController, number>()

  const portsOf = (source: Source): CrawlPorts => ({
    ...storage,
    http,
    requestPlaces,
    ...(options.renderer && { renderer: options.renderer }),
    reader: options.readerOf?.(source) ?? reader,
    log: log.child({ source: source.id }),
    now: () => new Date(),
    progress: (event) => watcher.progressed?.(source, event),
  })
  const optionsOf = () => ({ runId: randomUUID(), userAgent: options.userAgent, urlKey: canonicalUrl })

  const conclude = async (source: Source, run: CrawlRun, isKnown: boolean): Promise<void> => {
    logRun(log, run)
    if (!isKnown) judgements.add(await judgeHealth(database, source, { now: run.finishedAt, log }))
    watcher.finished?.(source, run)
  }

  /** Crawls while no other process does the same. */
  const crawlLeased = async (
    source: Source,
    leaseId: string,
    crawlWith: (held: Pick<CrawlOptions, 'signal' | 'isStillOurs'>) => Promise<CrawlRun>,
  ): Promise<CrawlOutcome> => {
    const losing = new AbortController()
    const lose = (): void => losing.abort()
    const giveBack = await leases.take(leaseId, lose)
    if (!giveBack) return { kind: 'busy' }
    const isStillOurs = (): boolean => {
      if (!leases.isSure(leaseId)) losing.abort()
      return !losing.signal.aborted
    }
    // Not AbortSignal.any: what lives as long as the process keeps a reference to each signal that was ever made of it.
    aborting.signal.addEventListener('abort', lose)
    if (aborting.signal.aborted) lose()
    try {
      watcher.started?.(source)
      const run = await crawlWith({ signal: losing.signal, isStillOurs })
      return { kind: 'crawled', run, articles: [] }
    } finally {
      aborting.signal.removeEventListener('abort', lose)
      await giveBack()
    }
  }

  /** @param how asked for when the source is this process's own */
  const crawl = (
    source: Source,
    how: () => Pick<CrawlOptions, 'heedsRest' | 'ahead' | 'turn'>,
  ): Promise<CrawlOutcome> =>
    crawlLeased(source, source.id, async (held) => {
      const run = await crawlSource(source, portsOf(source), { ...optionsOf(), ...held, ...how() })
      await insertRun(database, run)
      await conclude(source, run, judgements.isKnown(run, await findHealthOf(database, source.id)))
      return run
    })

  return {
    // A person who asks now wants to know now.
    crawl: (source) => crawl(source, () => ({})),
    backfill: (source) =>
      crawlLeased(source, `backfill:${source.id}`, async (held) => {
        const ports = {
          ...portsOf(source),
          listingState: async () => null,
          saveListingState: async () => undefined,
          places: backfillPlaces(database),
        }
        const run = await crawlSource(source, ports, { ...optionsOf(), ...held, maxRunMs: longestBackfillMs })
        await insertRun(database, run)
        // What was published years ago says nothing of how the source is today.
        await conclude(source, run, true)
        return run
      }),
    look: async (source) => {
      const articles: Article[] = []
      const result = await crawlSource(source, portsOf(source), {
        ...optionsOf(),
        signal: aborting.signal,
        dryRun: true,
        onArticle: (article) => articles.push(article),
      })
      return { kind: 'crawled', run: result, articles }
    },
    processJob: async (source, { jobId, isAgain }) => {
      if (aborting.signal.aborted) return { kind: 'handed-back' }
      const turn = new AbortController()
      turns.set(turn, performance.now())
      const how = () => ({ heedsRest: heedsRest(source), ahead: aheads.take(jobId, source), turn: turn.signal })
      const outcome = await crawl(source, how).finally(() => turns.delete(turn))
      // Somebody is on it: mostly a poll for half a second; or a process which is gone without a word, and whose lease the
      // database keeps for a minute. Only a crawl of its own knows that what this job was for is done.
      if (outcome.kind === 'busy') return { kind: 'handed-back', afterMs: isAgain ? busyAgainMs : busyFirstMs }
      if (outcome.run.outcome === 'aborted') return { kind: 'handed-back' }
      if (turn.signal.aborted) return { kind: 'handed-back', isLong: true }
      if (outcome.run.outcome === 'failed') {
        throw new UnreachableError(
          'crawl.failed',
          outcome.run.errors[0] ?? `No listing of "${source.id}" could be read`,
        )
      }
      return { kind: 'done' }
    },
    poll: async (source, due, signal) => {
      const ports = {
        ...portsOf(source),
        listingState: async (_: string, url: string) => due.listings.get(url) ?? null,
      }
      const isStillOurs = (): boolean => leases.isSure(source.id)
      const how = { ...optionsOf(), signal, isStillOurs, heedsRest: heedsRest(source) }
      const poll = await pollListings(source, ports, how)
      if (poll.kind === 'changed') aheads.keep(tickJobId(source.id, due.nextAt), source, poll.ahead)
      return poll
    },
    underWay: () => turns.size,
    giveWay: (count) => {
      const begunBefore = performance.now() - leastTurnMs
      const long = [...turns].filter(([turn, since]) => !turn.signal.aborted && since < begunBefore)
      for (const [turn] of long.slice(0, count)) turn.abort()
    },
    concludePoll: (source, due, run) => conclude(source, run, judgements.isKnown(run, due.health)),
    abort: () => aborting.abort(),
  }
}
