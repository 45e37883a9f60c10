import { findSchedulePauses, pauseSchedules, resumeSchedules, type PauseTarget } from '../archive/schedule-pauses.ts'
import type { Database } from '../archive/database.ts'
import { ConfigurationError } from '../model/errors.ts'
import { nearestName } from '../model/nearest-name.ts'
import type { Source } from '../model/source.ts'
import type { JobQueue } from './job-queue.ts'
import { isPaused } from './tick-gate.ts'

/** What a person wants crawled, held, or let go: these, or everything. */
export type CrawlTargets = readonly PauseTarget[] | 'everything'

/** What commands, pages and the API steer with. */
export interface Steering {
  readonly queue: JobQueue
  readonly database: Database
  readonly sources: readonly Source[]
}

export interface Resumed {
  /** Those that were held until now. */
  readonly resumed: CrawlTargets
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
export async function crawlNow({ queue, sources }: Steering, targets: CrawlTargets): Promise<string[]> {
  const due = sources.filter((source) => source.enabled && isAmong(source, targets))
  for (const source of due) await queue.addCrawl(source.id)
  return due.map(({ id }) => id)
}

/** Holds schedules, in all processes within a second; of everything: starts no crawl at all. */
export async function pauseCrawls({ queue, database }: Steering, targets: CrawlTargets, now: Date): Promise<void> {
  if (targets === 'everything') await queue.pause()
  else await pauseSchedules(database, targets, now)
}

/** Lets them go on, and reads at once what was held. */
export async function resumeCrawls(steering: Steering, targets: CrawlTargets): Promise<Resumed> {
  const { queue, database, sources } = steering
  if (targets === 'everything') {
    await queue.resume()
    return { resumed: 'everything', crawled: [], stillPaused: [] }
  }
  const resumed = await resumeSchedules(database, targets)
  const pauses = await findSchedulePauses(database)
  const held = sources.filter((source) => isAmong(source, resumed) && isPaused(source, pauses))
  const free = sources.filter((source) => isAmong(source, resumed) && !isPaused(source, pauses))
  const crawled = await crawlNow({ ...steering, sources: free }, 'everything')
  return { resumed, crawled, stillPaused: held.map(({ id }) => id) }
}
