import type { Kill } from './kill-plan.ts'
import type { StartTime } from './newsfold.ts'

/** Everything that must be zero. */
export const faults = [
  'neverFound',
  'lost',
  'doubled',
  'torn',
  'wrongTexts',
  'wrongGuids',
  'invalidFeeds',
  'shorterFeeds',
  'unanswered',
  'givenUpJobs',
  'ownEnds',
  'slowStarts',
  'lateReturns',
  'badStops',
] as const
export type Fault = (typeof faults)[number]

/** On a machine where programs wait for a processor for more than this share of the time, a slow start proves nothing. */
const crowdedLimit = 0.6
/** A start must serve within this time. */
export const startLimitMs = 5000

/** Sums up a whole run. */
export class Figures {
  readonly kills: Kill[] = []
  /** Of starts that had to make the data folder first. */
  readonly firstStartMs: number[] = []
  readonly startMs: number[] = []
  /** Processor time of both. */
  readonly startUsedMs: number[] = []
  /** Slow starts that say more of the machine than of Newsfold. */
  slowCrowdedStarts = 0
  /** From the kill of PostgreSQL to its first answer, Newsfold left alive. */
  readonly databaseBackMs: number[] = []
  /** From a restart, or the return of the database, to the first new article while articles were missing. */
  readonly resumedMs: number[] = []
  readonly stopMs: number[] = []
  readonly feedMs: number[] = []
  rounds = 0
  readonly found: { readonly fault: Fault; readonly what: string }[] = []
  readonly #say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Notes something that must not be, and says so at once unless it was just said. */
  fail(fault: Fault, what: string): void {
    const last = this.found.at(-1)
    this.found.push({ fault, what })
    if (last?.fault !== fault || last.what !== what) this.#say(`      ✗ ${fault}: ${what}`)
  }

  count(fault: Fault): number {
    return this.found.filter((each) => each.fault === fault).length
  }

  started({ tookMs, usedMs, crowded }: StartTime, isFirst: boolean): void {
    if (isFirst) this.firstStartMs.push(tookMs)
    else this.startMs.push(tookMs)
    if (usedMs !== null) this.startUsedMs.push(usedMs)
    if (tookMs <= startLimitMs) return
    const what = `serving after ${Math.round(tookMs)} ms${isFirst ? ' on a new data folder' : ''}`
    if (crowded <= crowdedLimit) return this.fail('slowStarts', what)
    this.slowCrowdedStarts++
    this.#say(`      ${what}, not judged: programs waited for a processor ${Math.round(crowded * 100)} % of the time`)
  }

  feedRequest(ms: number): void {
    this.feedMs.push(ms)
  }
}
