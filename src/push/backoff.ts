/** A subscriber that restarts is back within the first tries. */
const firstMs = 5000
const longestMs = 3_600_000

/** Eleven waits from 5 s on, doubling up to an hour: three hours in all, longer than a deployment gone wrong. */
export const mostAttempts = 12

/**
 * How long to wait before the next try: 5 s, twice as long after each failure, at most an hour, and what the server
 * asked for where that is longer.
 * @param attempts failures in a row, this one included
 */
export function backoffMs(attempts: number, retryAfterMs: number | null = null): number {
  return Math.max(Math.min(firstMs * 2 ** Math.max(0, attempts - 1), longestMs), retryAfterMs ?? 0)
}
