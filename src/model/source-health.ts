/**
 * How a source is, the worst that is true first: `gone` (its listings are no longer there), `blocked` (it keeps us out),
 * `broken` (run after run fails), `degraded` (it is read, with parts missing), `quiet` (nothing new for unusually long).
 */
export const healthStates = ['gone', 'blocked', 'broken', 'degraded', 'quiet', 'healthy'] as const
export type HealthState = (typeof healthStates)[number]

/** What is known of a source's health after its last run. */
export interface SourceHealth {
  readonly sourceId: string
  readonly state: HealthState
  /** When it came into this state. */
  readonly since: Date
  /** One line for a person; `null` of a healthy one. */
  readonly reason: string | null
  /** When its last run ended. */
  readonly checkedAt: Date
  /** When its newest article was published, or found where it states no date. */
  readonly lastNewAt: Date | null
  /** Articles a week, over the last 90 days. */
  readonly perWeek: number | null
  /** How often it should be asked by what it publishes, in milliseconds; `null` while too little is known. */
  readonly intervalMs: number | null
}

/** What a run saw beyond its counts, from which health is judged. */
export interface RunObservations {
  /** Articles that were read, and of these: without a date, without a text, with a rule that matched nothing. */
  readonly read: number
  readonly undated: number
  readonly empty: number
  readonly unruled: number
  /** Listings of which nothing could be read. */
  readonly failedListings: number
  /** Whether every listing answered that it is not there (404, 410). */
  readonly isGone: boolean
  /** What kept us out of a listing, or of most articles: `HTTP 403`, `Cloudflare challenge`, `login wall`. */
  readonly block: string | null
  /** Whether a listing's rules matched nothing while the automatic reading found its items. */
  readonly isRedesigned: boolean
}

/** Items a week in words: below ten the number says little without a digit. */
export function formatPerWeek(perWeek: number | null | undefined): string {
  if (perWeek === null || perWeek === undefined) return '–'
  return perWeek >= 10 ? String(Math.round(perWeek)) : perWeek.toFixed(1)
}
