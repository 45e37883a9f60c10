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

/** A start must serve within this time, not counting what it stood in line for a processor. */
export const startLimitMs = 5000

/** Sums up a whole run. */
export class Figures {
  readonly kills: Kill[] = []
  /** Of starts that had to make the data folder first. */
  readonly firstStartMs: number[] = []
  readonly startMs: number[] = []
  /** Both, less the time that went to other programs. */
  readonly ownStartMs: number[] = []
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

  /** Notes something that must not be, and says so at once. */
  fail(fault: Fault, what: string): void {
    this.found.push({ fault, what })
    this.#say(`      ✗ ${fault}: ${what}`)
  }

  count(fault: Fault): number {
    return this.found.filter((each) => each.fault === fault).length
  }

  started({ tookMs, queuedMs }: StartTime, isFirst: boolean): void {
    if (isFirst) this.firstStartMs.push(tookMs)
    else this.startMs.push(tookMs)
    this.ownStartMs.push(tookMs - queuedMs)
    if (tookMs - queuedMs <= startLimitMs) return
    const where = isFirst ? ' on a new data folder' : ''
    this.fail('slowStarts', `serving after ${Math.round(tookMs)} ms${where}, ${Math.round(queuedMs)} ms of it in line`)
  }

  feedRequest(ms: number): void {
    this.feedMs.push(ms)
  }
}
