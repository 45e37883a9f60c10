import { setTimeout as sleep } from 'node:timers/promises'
import { findRunsOf } from '../archive/runs.ts'
import { findSchedulePauses, type SchedulePauses } from '../archive/schedule-pauses.ts'
import {
  countPublicationsByHour,
  findHealthChanges,
  findPublicationTimes,
  findSourceHealth,
  type HealthChange,
  type PublicationHour,
} from '../archive/source-health.ts'
import { findNextTimes } from '../archive/source-schedules.ts'
import type { Database } from '../archive/database.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { healthStates, type HealthState, type SourceHealth } from '../model/source-health.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { learnRhythm, type Rhythm } from '../queue/rhythm.ts'
import { isPaused } from '../queue/tick-gate.ts'

/** How a source stands: its health, or why it has none. */
export const sourceStandings = [...healthStates, 'unread', 'disabled'] as const
export type SourceStanding = HealthState | 'unread' | 'disabled'

/** One source at one moment. */
export interface SourceFacts {
  readonly source: Source
  readonly standing: SourceStanding
  readonly health: SourceHealth | null
  /** Whether its own schedule, one of its tags', or the whole queue is held. */
  readonly isPaused: boolean
  /** `null`: not scheduled. */
  readonly nextRunAt: Date | null
}

/** What is known of one source beyond a line. */
export interface SourceHistory {
  readonly changes: readonly HealthChange[]
  /** The newest first. */
  readonly runs: readonly CrawlRun[]
  readonly rhythm: Rhythm | null
  readonly hours: readonly PublicationHour[]
}

/** Looks at sources, for pages and programs. */
export interface SourceWatch {
  /** @param options.isFresh what the queue says now, and not some seconds ago: for whoever has just changed it */
  all(options?: { readonly isFresh: boolean }): Promise<readonly SourceFacts[]>
  /** The last runs of these, at most so many of each. */
  runsOf(ids: readonly string[], most: number): Promise<ReadonlyMap<string, readonly CrawlRun[]>>
  historyOf(id: string): Promise<SourceHistory>
}

export interface SourceWatchOptions {
  readonly database: Database
  readonly sources: () => ReadonlyMap<string, Source>
  /** `null` as long as it is not open. */
  readonly queue: () => JobQueue | null
  readonly now: () => Date
}

const runsInHistory = 60
const changesShown = 20
const dayMs = 86_400_000
/** What the learned rhythm rests on. */
const rhythmMs = 180 * dayMs
const weeksShown = 26
/** The queue is not asked again for every reader of a page. */
const queueForMs = 10_000
/** A page is worth having without it. */
const queuePatienceMs = 1000

/**
 * Asks one question of the queue at a time. Who reads while the answer takes longer than the patience, or fails, gets
 * the last one.
 * @param first what is said as long as there has been no answer
 */
function lastAnswer<Answer>(ask: (queue: JobQueue) => Promise<Answer>, first: Answer) {
  let last = { at: Number.NEGATIVE_INFINITY, answer: first }
  let underWay: Promise<Answer> | null = null
  const begin = async (queue: JobQueue): Promise<Answer> => {
    const at = performance.now()
    try {
      last = { at, answer: await ask(queue) }
    } catch {
      // As it was; the next reader asks again.
    } finally {
      underWay = null
    }
    return last.answer
  }
  const answer = async (queue: JobQueue, isFresh: boolean): Promise<Answer> => {
    // It was asked before whoever wants it fresh has changed something.
    if (isFresh) await underWay
    else if (performance.now() - last.at <= queueForMs) return last.answer
    underWay ??= begin(queue)
    return underWay
  }
  return async (queue: JobQueue, isFresh: boolean): Promise<Answer> => {
    const inTime = await Promise.race([answer(queue, isFresh), sleep(queuePatienceMs, null, { ref: false })])
    return inTime ?? last.answer
  }
}

/** Whether the queue is paused, as it says in time. */
function pauseReader({ queue }: SourceWatchOptions): (isFresh: boolean) => Promise<boolean> {
  const read = lastAnswer((queue) => queue.isPaused(), false)
  return async (isFresh) => {
    const open = queue()
    return open !== null && (await read(open, isFresh))
  }
}

interface Known {
  readonly isHeld: boolean
  readonly healthOf: ReadonlyMap<string, SourceHealth>
  readonly nextOf: ReadonlyMap<string, Date>
  readonly pauses: SchedulePauses
}

function factsOf(source: Source, { isHeld, healthOf, nextOf, pauses }: Known): SourceFacts {
  const health = healthOf.get(source.id) ?? null
  return {
    source,
    standing: source.enabled ? (health?.state ?? 'unread') : 'disabled',
    health,
    isPaused: source.enabled && (isHeld || isPaused(source, pauses)),
    nextRunAt: source.enabled ? (nextOf.get(source.id) ?? null) : null,
  }
}

/** Looks at the sources that there are at each moment. */
export function watchSources(options: SourceWatchOptions): SourceWatch {
  const { database, sources, now } = options
  const readPause = pauseReader(options)
  return {
    all: async ({ isFresh } = { isFresh: false }) => {
      const [healths, nextOf, pauses, isHeld] = await Promise.all([
        findSourceHealth(database),
        findNextTimes(database),
        findSchedulePauses(database),
        readPause(isFresh),
      ])
      const healthOf = new Map(healths.map((health) => [health.sourceId, health]))
      return [...sources().values()].map((source) => factsOf(source, { isHeld, healthOf, nextOf, pauses }))
    },
    runsOf: (ids, most) => findRunsOf(database, ids, most),
    historyOf: async (id) => {
      const at = now()
      const [changes, runs, times, hours] = await Promise.all([
        findHealthChanges(database, id, changesShown),
        findRunsOf(database, [id], runsInHistory),
        findPublicationTimes(database, id, new Date(at.getTime() - rhythmMs)),
        countPublicationsByHour(database, id, new Date(at.getTime() - weeksShown * 7 * dayMs)),
      ])
      return { changes, runs: runs.get(id) ?? [], rhythm: learnRhythm(times, at), hours }
    },
  }
}
