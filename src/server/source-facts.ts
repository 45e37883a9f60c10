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
import type { Database } from '../archive/database.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import { healthStates, type HealthState, type SourceHealth } from '../model/source-health.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { sourceIdOf } from '../queue/jobs.ts'
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
  /** `null`: not scheduled, or the queue does not say. */
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
/** Thousands of schedules are not read again for every reader of a page. */
const schedulesForMs = 10_000
/** A page is worth having without the next runs. */
const queuePatienceMs = 1000

interface QueueState {
  readonly isPaused: boolean
  readonly nextOf: ReadonlyMap<string, Date | null>
}
const silentQueue: QueueState = { isPaused: false, nextOf: new Map() }

async function askQueue(queue: JobQueue): Promise<QueueState> {
  const [isPaused, schedules] = await Promise.all([queue.isPaused(), queue.schedules()])
  return { isPaused, nextOf: new Map(schedules.map(({ id, nextAt }) => [sourceIdOf(id), nextAt])) }
}

/** Whatever the queue says in time. */
function queueReader({ queue, now }: SourceWatchOptions): (isFresh: boolean) => Promise<QueueState> {
  let asked: { readonly at: number; readonly answer: Promise<QueueState> } | null = null
  return async (isFresh) => {
    const open = queue()
    if (!open) return silentQueue
    if (!asked || isFresh || now().getTime() - asked.at > schedulesForMs) {
      const answer = askQueue(open)
      asked = { at: now().getTime(), answer }
      answer.catch(() => (asked = null))
    }
    const { answer } = asked
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(silentQueue), queuePatienceMs)
      const answered = (state: QueueState): void => {
        clearTimeout(timer)
        resolve(state)
      }
      answer.then(answered, () => answered(silentQueue))
    })
  }
}

function factsOf(source: Source, health: SourceHealth | null, queue: QueueState, pauses: SchedulePauses): SourceFacts {
  return {
    source,
    standing: source.enabled ? (health?.state ?? 'unread') : 'disabled',
    health,
    isPaused: source.enabled && (queue.isPaused || isPaused(source, pauses)),
    nextRunAt: source.enabled ? (queue.nextOf.get(source.id) ?? null) : null,
  }
}

/** Looks at the sources that there are at each moment. */
export function watchSources(options: SourceWatchOptions): SourceWatch {
  const { database, sources, now } = options
  const readQueue = queueReader(options)
  return {
    all: async ({ isFresh } = { isFresh: false }) => {
      const [healths, pauses, queue] = await Promise.all([
        findSourceHealth(database),
        findSchedulePauses(database),
        readQueue(isFresh),
      ])
      const healthOf = new Map(healths.map((health) => [health.sourceId, health]))
      return [...sources().values()].map((source) => factsOf(source, healthOf.get(source.id) ?? null, queue, pauses))
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
