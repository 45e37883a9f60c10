import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { insertRun } from '../archive/runs.ts'
import type { SourceLeases } from '../archive/source-lease.ts'
import type { CrawlPorts, CrawlProgress } from '../crawlers/crawl-ports.ts'
import { crawlSource } from '../crawlers/crawl-source.ts'
import type { PageRenderer } from '../crawlers/browser.ts'
import type { HttpClient } from '../crawlers/http-client.ts'
import type { PageReader } from '../crawlers/page-reader.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { UnreachableError } from '../model/errors.ts'
import type { Article } from '../model/article.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { archivePorts } from './archive-ports.ts'
import type { JobResult } from './job-queue.ts'
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
   * @param isAgain it was begun before
   */
  processJob(source: Source, isAgain: boolean): Promise<JobResult>
  /** Ends running crawls after the pages in flight; later ones are refused. */
  abort(): void
}

/** Until a job looks again whether somebody is still at its source. */
const busyAgainMs = 10_000

/** Ten thousand pages at two seconds each take six hours. */
const longestBackfillMs = 7 * 86_400_000

/** One line a run: level by what a person has to know of it. */
function logRun(log: Logger, run: CrawlRun): void {
  const { id, sourceId, startedAt, finishedAt, errors, ...counts } = run
  const fields = { runId: id, source: sourceId, ...counts, tookMs: finishedAt.getTime() - startedAt.getTime() }
  if (run.outcome === 'failed') log.warn({ ...fields, errors }, 'run.failed')
  else log.info({ ...fields, ...(errors.length > 0 ? { errors } : {}) }, 'run.finished')
}

/** Wires crawls to the archive. */
export function createCrawlService(options: {
  readonly database: Database
  readonly http: HttpClient
  readonly renderer?: PageRenderer
  readonly reader: PageReader
  /** The readers of one source, where code of its own takes something over. */
  readonly readerOf?: (source: Source) => PageReader
  readonly leases: SourceLeases
  /** How requests name themselves: `Newsfold/<version> (+<contact>)`. */
  readonly userAgent: string
  readonly log: Logger
  readonly watcher: CrawlWatcher
}): CrawlService {
  const { database, http, reader, leases, log, watcher } = options
  const aborting = new AbortController()
  const storage = archivePorts(database)
  const judgements = createJudgements(database)

  const portsOf = (source: Source): CrawlPorts => ({
    ...storage,
    http,
    ...(options.renderer && { renderer: options.renderer }),
    reader: options.readerOf?.(source) ?? reader,
    log: log.child({ source: source.id }),
    now: () => new Date(),
    progress: (event) => watcher.progressed?.(source, event),
  })
  const optionsOf = (signal = aborting.signal) => ({
    runId: randomUUID(),
    userAgent: options.userAgent,
    signal,
    urlKey: canonicalUrl,
  })

  const run = async (source: Source, heedsRest: boolean, signal: AbortSignal): Promise<CrawlRun> => {
    watcher.started?.(source)
    const result = await crawlSource(source, portsOf(source), { ...optionsOf(signal), heedsRest })
    await insertRun(database, result)
    logRun(log, result)
    if (!(await judgements.isKnown(result))) {
      judgements.add(await judgeHealth(database, source, { now: result.finishedAt, log }))
    }
    watcher.finished?.(source, result)
    return result
  }

  const crawl = async (source: Source, heedsRest: boolean): Promise<CrawlOutcome> => {
    const losing = new AbortController()
    const giveBack = await leases.take(source.id, () => losing.abort())
    if (!giveBack) return { kind: 'busy' }
    try {
      const signal = AbortSignal.any([aborting.signal, losing.signal])
      return { kind: 'crawled', run: await run(source, heedsRest, signal), articles: [] }
    } finally {
      await giveBack()
    }
  }

  return {
    // A person who asks now wants to know now.
    crawl: (source) => crawl(source, false),
    backfill: async (source) => {
      const giveBack = await leases.take(`backfill:${source.id}`)
      if (!giveBack) return { kind: 'busy' }
      try {
        watcher.started?.(source)
        const ports = { ...portsOf(source), listingState: async () => null, saveListingState: async () => undefined }
        const run = await crawlSource(source, ports, { ...optionsOf(), maxRunMs: longestBackfillMs })
        await insertRun(database, run)
        logRun(log, run)
        watcher.finished?.(source, run)
        return { kind: 'crawled', run, articles: [] }
      } finally {
        await giveBack()
      }
    },
    look: async (source) => {
      const articles: Article[] = []
      const result = await crawlSource(source, portsOf(source), {
        ...optionsOf(),
        dryRun: true,
        onArticle: (article) => articles.push(article),
      })
      return { kind: 'crawled', run: result, articles }
    },
    processJob: async (source, isAgain) => {
      if (aborting.signal.aborted) return { kind: 'handed-back' }
      // What the operator states as a pace is kept; where the pace is ours, the publisher's wishes count.
      const outcome = await crawl(source, source.schedule.adaptive !== undefined)
      // Somebody is on it; what this job was for will be found by them or by the next tick. But where the job was begun
      // before, that may be a process which is gone without a word, and whose lease the database keeps for a minute.
      if (outcome.kind === 'busy') return isAgain ? { kind: 'handed-back', afterMs: busyAgainMs } : { kind: 'done' }
      if (outcome.run.outcome === 'aborted') return { kind: 'handed-back' }
      if (outcome.run.outcome === 'failed') {
        throw new UnreachableError(
          'crawl.failed',
          outcome.run.errors[0] ?? `No listing of "${source.id}" could be read`,
        )
      }
      return { kind: 'done' }
    },
    abort: () => aborting.abort(),
  }
}
