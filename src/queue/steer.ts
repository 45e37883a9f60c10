import { findSchedulePauses, pauseSchedules, resumeSchedules, type PauseTarget } from '../archive/schedule-pauses.ts'
import type { Database } from '../archive/database.ts'
import { ConfigurationError } from '../model/errors.ts'
import { nearestName } from '../model/nearest-name.ts'
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
}

function unknown(kind: PauseTarget['kind'], name: string, known: ReadonlySet<string>): ConfigurationError {
  const nearest = nearestName(name, known)
  const says = kind === 'source' ? `There is no source "${name}"` : `No source has the tag "${name}"`
  return new ConfigurationError(`${kind}.unknown`, `${says}${nearest ? `; did you mean "${nearest}"?` : '.'}`)
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
function queuesOf({ queue, deliveries }: Steering, targets: HoldTargets) {
  if (targets === 'everything') return [queue, deliveries]
  if (targets === 'crawls') return [queue]
  return targets === 'deliveries' ? [deliveries] : null
}

/** Holds schedules, in all processes within a second; of a queue or everything: starts nothing of it at all. */
export async function pauseCrawls(steering: Steering, targets: HoldTargets, now: Date): Promise<void> {
  const queues = queuesOf(steering, targets) ?? []
  await hearFrom(queues)
  for (const queue of queues) await queue.pause()
  if (typeof targets !== 'string') await pauseSchedules(steering.database, targets, now)
}

/** Lets them go on, and reads at once what was held. */
export async function resumeCrawls(steering: Steering, targets: HoldTargets): Promise<Resumed> {
  const { database, sources } = steering
  // What was held is read at once, by jobs of the queue of crawls.
  const queues = queuesOf(steering, targets)
  await hearFrom(queues ?? [steering.queue])
  for (const queue of queues ?? []) await queue.resume()
  if (typeof targets === 'string') return { resumed: targets, crawled: [], stillPaused: [] }
  const resumed = await resumeSchedules(database, targets)
  const pauses = await findSchedulePauses(database)
  const held = sources.filter((source) => isAmong(source, resumed) && isPaused(source, pauses))
  const free = sources.filter((source) => isAmong(source, resumed) && !isPaused(source, pauses))
  const crawled = await crawlNow({ ...steering, sources: free }, 'everything')
  return { resumed, crawled, stillPaused: held.map(({ id }) => id) }
}
