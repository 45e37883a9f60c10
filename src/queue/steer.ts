import {
  findSchedulePauses,
  forgetQueuesPaused,
  keepQueuesPaused,
  pauseSchedules,
  resumeSchedules,
  type PauseTarget,
  type QueueName,
} from '../archive/schedule-pauses.ts'
import type { Database } from '../archive/database.ts'
import { ConfigurationError } from '../model/errors.ts'
import { didYouMean } from '../model/nearest-name.ts'
import type { Source } from '../model/source.ts'
import type { CrawlJobs } from './crawl-jobs.ts'
import type { DeliveryJobs } from './delivery-queue.ts'
import { hearFrom } from './store-answers.ts'
import { isPaused } from './tick-gate.ts'

/** What a person wants crawled: these, or everything. */
export type CrawlTargets = readonly PauseTarget[] | 'everything'

/** What a person wants held or let go; a queue by itself, or both as everything. */
export type HoldTargets = CrawlTargets | 'crawls' | 'deliveries'

/** What commands, pages and the API steer with. */
export interface Steering {
  readonly queue: CrawlJobs
  readonly deliveries: DeliveryJobs
  readonly database: Database
  readonly sources: readonly Source[]
}

export interface Resumed {
  /** Those that were held until now. */
  readonly resumed: HoldTargets
  /** Sources that are read at once, since their schedules were held. */
  readonly crawled: readonly string[]
  /** Sources that something else still holds: their own pause, or another tag's. */
  readonly stillPaused: readonly string[]
  /** What holds schedules after this. */
  readonly held: { readonly sources: readonly string[]; readonly tags: readonly string[] }
}

function unknown(kind: PauseTarget['kind'], name: string, known: ReadonlySet<string>): ConfigurationError {
  const says = kind === 'source' ? `There is no source "${name}"` : `No source has the tag "${name}"`
  return new ConfigurationError(`${kind}.unknown`, `${says}${didYouMean(name, known) || '.'}`)
}

/** @throws {ConfigurationError} there is no such source, or no source has such a tag */
export function crawlTargets(
  sources: readonly Source[],
  names: { readonly sources: readonly string[]; readonly tags: readonly string[] },
): PauseTarget[] {
  const ids = new Set(sources.map(({ id }) => id))
  const tags = new Set(sources.flatMap((source) => source.tags))
  for (const id of names.sources) if (!ids.has(id)) throw unknown('source', id, ids)
  for (const tag of names.tags) if (!tags.has(tag)) throw unknown('tag', tag, tags)
  return [
    ...names.sources.map((name) => ({ kind: 'source', name }) as const),
    ...names.tags.map((name) => ({ kind: 'tag', name }) as const),
  ]
}

function isAmong({ id, tags }: Source, targets: CrawlTargets): boolean {
  if (targets === 'everything') return true
  return targets.some(({ kind, name }) => (kind === 'source' ? name === id : tags.includes(name)))
}

/** Has them crawled as soon as a place is free, whatever holds their schedules. @returns whose crawls were added */
export async function crawlNow(
  { queue, sources }: Pick<Steering, 'queue' | 'sources'>,
  targets: CrawlTargets,
): Promise<string[]> {
  const due = sources.filter((source) => source.enabled && isAmong(source, targets))
  if (due.length > 0) await hearFrom([queue])
  for (const source of due) await queue.addCrawl(source.id)
  return due.map(({ id }) => id)
}

/** The queues that are meant; `null`: schedules of some sources. */
function queuesOf(targets: HoldTargets): readonly QueueName[] | null {
  if (targets === 'everything') return ['crawls', 'deliveries']
  return typeof targets === 'string' ? [targets] : null
}

const queueOf = ({ queue, deliveries }: Steering, name: QueueName) => (name === 'crawls' ? queue : deliveries)

/** Holds schedules, in all processes within a second; of a queue or everything: starts nothing of it at all. */
export async function pauseCrawls(steering: Steering, targets: HoldTargets, now: Date): Promise<void> {
  const names = queuesOf(targets)
  if (typeof targets !== 'string') await pauseSchedules(steering.database, targets, now)
  if (names === null) return
  const queues = names.map((name) => queueOf(steering, name))
  await hearFrom(queues)
  await keepQueuesPaused(steering.database, names, now)
  for (const queue of queues) await queue.pause()
}

async function resumeQueues(steering: Steering, names: readonly QueueName[]): Promise<void> {
  const queues = names.map((name) => queueOf(steering, name))
  await hearFrom(queues)
  await forgetQueuesPaused(steering.database, names)
  for (const queue of queues) await queue.resume()
}

/** Lets them go on, and reads at once what was held. */
export async function resumeCrawls(steering: Steering, targets: HoldTargets): Promise<Resumed> {
  const { database, queue, sources } = steering
  const names = queuesOf(targets)
  if (names !== null) await resumeQueues(steering, names)
  // By its jobs what was held is read at once.
  else await hearFrom([queue])
  const resumed = typeof targets === 'string' ? targets : await resumeSchedules(database, targets)
  const pauses = await findSchedulePauses(database)
  const crawls = resumed === 'crawls' ? 'everything' : resumed === 'deliveries' ? [] : resumed
  const meant = sources.filter((source) => source.enabled && isAmong(source, crawls))
  const free = typeof resumed === 'string' ? [] : meant.filter((source) => !isPaused(source, pauses))
  const crawled = await crawlNow({ queue, sources: free }, 'everything')
  return {
    resumed,
    crawled,
    stillPaused: meant.filter((source) => isPaused(source, pauses)).map(({ id }) => id),
    held: { sources: [...pauses.sources], tags: [...pauses.tags] },
  }
}
