import type { Kill } from './kill-plan.ts'
import type { Scene } from './scene.ts'
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
  'undelivered',
  'givenUpJobs',
  'overlaps',
  'ownEnds',
  'slowStarts',
  'lateReturns',
  'badStops',
] as const
export type Fault = (typeof faults)[number]

/** On a machine where programs wait for a processor for more than this share of the time, a slow start proves nothing. */
const crowdedLimit = 0.6
/** On a new data folder, on one that is there, or with PostgreSQL or Redis killed meanwhile. */
export type StartKind = 'first' | 'restart' | 'disturbed'
/** A start must serve within this time; a disturbed one has to wait for its store, which takes 2 to 3 s. */
const startLimitMs: Readonly<Record<StartKind, number>> = { first: 5000, restart: 3000, disturbed: 15_000 }

/** By when the first new article must be there after each. */
const resumeLimitMs = {
  kill: 10_000,
  return: 15_000,
  // What was lost is looked for each 2 s, and counts as lost when it is 2 s old.
  emptying: 20_000,
} as const
/** What work goes on after: a kill, the return of what was away, a queue that lost everything. */
export type Interruption = keyof typeof resumeLimitMs

/** A stop hands running work back and is over by then. */
const stopLimitMs = 10_000

/** Sums up a scene. */
export class Figures {
  readonly kills: Kill[] = []
  readonly startMs: Readonly<Record<StartKind, number[]>> = { first: [], restart: [], disturbed: [] }
  /** Processor time of all of them. */
  readonly startUsedMs: number[] = []
  /** Times over a limit that say more of the machine than of Newsfold. */
  notJudged = 0
  /** From the kill of PostgreSQL to its first answer, Newsfold left alive. */
  readonly databaseBackMs: number[] = []
  /** From a kill to the first new article while articles were missing: what was in flight goes on. */
  readonly resumedMs: number[] = []
  /** The same from the return of what was away, or had lost everything. */
  readonly returnedMs: number[] = []
  /** From the loss of everything in Redis to all schedules. */
  readonly healedMs: number[] = []
  readonly stopMs: number[] = []
  readonly feedMs: number[] = []
  rounds = 0
  /** Requests to the webhook. */
  deliveries = 0
  readonly found: { readonly fault: Fault; readonly what: string }[] = []
  readonly scene: Scene
  /** Why the scene was left out on this machine; `null`: it was not. */
  leftOut: string | null = null
  readonly #say: (line: string) => void

  constructor(scene: Scene, say: (line: string) => void) {
    this.scene = scene
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

  started({ tookMs, usedMs, crowded }: StartTime, kind: StartKind): void {
    this.startMs[kind].push(tookMs)
    if (usedMs !== null) this.startUsedMs.push(usedMs)
    this.#judge('slowStarts', { tookMs, limitMs: startLimitMs[kind], crowded }, `serving again (${kind} start)`)
  }

  /** Notes what took too long, unless the machine had no time for it. */
  #judge(
    fault: Fault,
    { tookMs, limitMs, crowded }: { readonly tookMs: number; readonly limitMs: number; readonly crowded: number },
    what: string,
  ): void {
    if (tookMs <= limitMs) return
    const says = `${what} after ${Math.round(tookMs)} ms`
    if (crowded <= crowdedLimit) return this.fail(fault, says)
    this.notJudged++
    this.#say(`      ${says}, not judged: programs waited for a processor ${Math.round(crowded * 100)} % of the time`)
  }

  stopped(tookMs: number): void {
    this.stopMs.push(tookMs)
    if (tookMs > stopLimitMs) this.fail('badStops', `stopped ${Math.round(tookMs)} ms after SIGTERM`)
  }

  /** The first new article after an interruption. */
  resumed(tookMs: number, after: Interruption, crowded: number): void {
    ;(after === 'kill' ? this.resumedMs : this.returnedMs).push(tookMs)
    this.#judge(
      'lateReturns',
      { tookMs, limitMs: resumeLimitMs[after], crowded },
      `the first new article since the ${after}`,
    )
  }

  feedRequest(ms: number): void {
    this.feedMs.push(ms)
  }
}
