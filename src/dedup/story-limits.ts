/** Articles looked at under one key, the newest. What more share is a phrase of the trade, and a copy is near its original in time. */
const perKey = 64
/** Articles compared with a new one: those with the most keys in common. */
const compared = 24
/** One key in common is a phrase; only an article with few keys may be found by one. */
const manyKeys = 12
/**
 * Reprints follow within days; a text that comes again after a month (the yearly notice, the quarterly report) is
 * news again.
 */
const windowDays = 30

/** Of so many different stories a paragraph is no news: its publisher puts it under every release. */
export const boilerplateStories = 3

/** How far copies of an article with so many keys are looked for. */
export function candidateLimits(keys: number): {
  readonly perKey: number
  readonly compared: number
  readonly sharedKeys: number
  readonly windowDays: number
} {
  return { perKey, compared, sharedKeys: keys >= manyKeys ? 2 : 1, windowDays }
}
