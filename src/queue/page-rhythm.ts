import { isDigest } from '../crawlers/feed-item-article.ts'

/** Corrections come soon or not at all: each look that finds no change doubles the wait and more; after a week it ends. */
export const looksMs: readonly number[] = [
  15 * 60_000,
  3_600_000,
  4 * 3_600_000,
  86_400_000,
  3 * 86_400_000,
  7 * 86_400_000,
]

/** @param seenTitle what a listing said of the page; of a text that stood in its feed, the feed says when it changes */
export function looksOf(seenTitle: string | null): readonly number[] {
  return isDigest(seenTitle) ? [] : looksMs
}

/** First wait before a failed page is tried again; it doubles up to a day. */
export const firstRetryMs = 5 * 60_000
export const lastRetryMs = 86_400_000
