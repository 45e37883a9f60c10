/** Servers that ask for longer are asked again after a day all the same; the schedule is the operator's. */
const maxRetryAfterMs = 24 * 3_600_000

/** Milliseconds that a `Retry-After` header (RFC 9110 §10.2.3: seconds or a date) asks for; `null` without a usable one. */
export function parseRetryAfter(value: string | null, now: Date): number | null {
  if (value === null) return null
  const text = value.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime()
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), maxRetryAfterMs)
}
