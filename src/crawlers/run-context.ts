import type { Logger } from 'pino'
import type { Article } from '../model/article.ts'
import type { Source } from '../model/source.ts'
import type { CrawlPorts } from './crawl-ports.ts'
import type { Fetched } from './http-client.ts'
import { RunTally } from './run-tally.ts'

export interface CrawlOptions {
  readonly runId: string
  /** `Newsfold/<version> (+<contact url>)`; its first word is who robots.txt means. */
  readonly userAgent: string
  /** Stops the run: nothing new is asked for, pages under way get 5 s. */
  readonly signal?: AbortSignal
  /** Reads but writes nothing; articles go to `onArticle`. */
  readonly dryRun?: boolean
  readonly onArticle?: (article: Article) => void
  /** Further tries of one page within the run, for errors that pass. Default 2. */
  readonly retries?: number
  /** Wait before the first further try; doubled for the next. Default 2 s. */
  readonly backoffMs?: number
  /** What makes two addresses one page; default: all but the fragment. */
  readonly urlKey?: (url: string) => string
  /** Leaves listings alone while their publishers ask for it (`ttl`, `skipHours`, Cache-Control). */
  readonly heedsRest?: boolean
  /** No new page is begun after this time. Default one hour. */
  readonly maxRunMs?: number
  /** Its turn is over: no new page is begun from then on either, and another run goes on. */
  readonly turn?: AbortSignal
  /** Asked before each request: `false` when another process may have the source, which ends the run. */
  readonly isStillOurs?: () => boolean
  /** What listings have answered a moment ago, by address; each is taken out when it is used. */
  readonly ahead?: Map<string, Fetched>
}

/** What a polite request needs to know: for whom it is, and what was asked before. */
export interface PoliteContext {
  readonly source: Pick<Source, 'homepage' | 'listings' | 'politeness' | 'headers' | 'allowPrivateHosts'>
  readonly ports: Pick<CrawlPorts, 'http' | 'renderer' | 'requestPlaces' | 'pacing' | 'robots' | 'now'>
  readonly options: Pick<CrawlOptions, 'userAgent' | 'isStillOurs'>
  readonly tally: { requests: number; bytes: number }
  readonly log: Logger
  /** Aborted when nothing new may be begun. */
  readonly stopping: AbortSignal
  /** Aborted when what is under way has to end. */
  readonly ending: AbortSignal
  /** By origin: the last question for its robots.txt, so that the file is asked for once. */
  readonly robotsAsked: Map<string, Promise<unknown>>
  /** Hosts that this run asks no more: they asked us to slow down for longer, or more often, than it waits; or too many others ask. */
  readonly closedHosts: Map<string, 'slow-down' | 'crowded'>
  /** By host: how often in a row it asked us to slow down. */
  readonly slowDowns: Map<string, number>
}

/** What the steps of one run share. */
export interface RunContext extends PoliteContext {
  readonly source: Source
  readonly ports: CrawlPorts
  readonly options: CrawlOptions
  readonly tally: RunTally
  /** By hash of title and text: the address that it was read at first. */
  readonly texts: Map<string, string>
}

/** @param signals `stopping`: nothing new is begun; `ending`: what is under way ends */
export function createRunContext(
  source: Source,
  ports: CrawlPorts,
  options: CrawlOptions,
  signals: Pick<PoliteContext, 'stopping' | 'ending'>,
): RunContext {
  return {
    source,
    ports,
    options,
    tally: new RunTally(),
    log: ports.log.child({ sourceId: source.id, runId: options.runId }),
    ...signals,
    robotsAsked: new Map(),
    closedHosts: new Map(),
    slowDowns: new Map(),
    texts: new Map(),
  }
}

/** Thrown by a step that gave up because the run is being stopped; its page is left for the next run. */
export class RunStopped extends Error {}
