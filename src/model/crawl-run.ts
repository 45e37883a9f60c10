import type { RunObservations } from './source-health.ts'

/** Why a listed item was not fetched or an article not kept. Nothing is dropped without one of these. */
export const skipReasons = [
  'robots',
  'too-old',
  'not-html',
  'too-large',
  'refused',
  'no-title',
  'no-text',
  'off-site',
  // Another address of this run gave the same title and text.
  'same-text',
  'run-limit',
  'gone',
  // It failed in an earlier run, and its next try is not due.
  'failed-before',
  // Its host asked to be left alone for longer than a run waits; the next run takes it.
  'host-busy',
  // The run was stopped before its turn came; the next run takes it.
  'aborted',
] as const
export type SkipReason = (typeof skipReasons)[number]

export type RunOutcome = 'succeeded' | 'partial' | 'failed' | 'aborted'

/** One crawl of one source. found = stored + revised + unchanged + failed + the sum of skipped. */
export interface CrawlRun {
  readonly id: string
  readonly sourceId: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly outcome: RunOutcome
  /** Different items that the listings named, and pages of earlier runs that were tried again. */
  readonly found: number
  readonly stored: number
  readonly revised: number
  readonly unchanged: number
  readonly failed: number
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  /** Listings that answered 304. */
  readonly notModifiedListings: number
  readonly requests: number
  readonly bytes: number
  /** One line each, at most 20: what went wrong and where. */
  readonly errors: readonly string[]
  /** `null` of runs of older programs. */
  readonly observed?: RunObservations | null
}
