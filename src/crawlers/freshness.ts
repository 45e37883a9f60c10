import type { ListingState } from './crawl-ports.ts'
import type { ListingReading } from './page-reader.ts'

const hourMs = 3_600_000
/** Front ends put a day or a year on everything; a list of news that old is a mistake of theirs. */
const longestCacheMs = hourMs
/** `ttl` is set by people who publish feeds, and sometimes by a template that nobody looked at. */
const longestTtlMs = 12 * hourMs
/** Of machines that are in order. */
const clocksDifferMs = 60_000

/**
 * For how long a response stays as it is, by its server (RFC 9111 §4.2.1): `max-age` less `Age`, else `Expires` less
 * `Date`; `null` when it does not say or asks to be asked each time.
 */
export function freshForMs(header: (name: string) => string | null): number | null {
  const control = header('cache-control') ?? ''
  if (/\bno-(?:cache|store)\b|\bmust-revalidate\b/i.test(control)) return null
  const maxAge = /\bmax-age\s*=\s*"?(\d{1,9})/i.exec(control)?.[1]
  if (maxAge !== undefined) return Math.max(0, Number(maxAge) - Math.max(0, Number(header('age') ?? 0) || 0)) * 1000
  const [expires, date] = [Date.parse(header('expires') ?? ''), Date.parse(header('date') ?? '')]
  return Number.isFinite(expires - date) ? Math.max(0, expires - date) : null
}

/** Until when a listing that was read now need not be asked for, and in which hours (UTC) it asks to be left alone. */
export function restOf(
  reading: ListingReading,
  page: { readonly fetchedAt: Date; readonly freshForMs?: number | null },
): Pick<ListingState, 'freshUntil' | 'skipHours'> {
  const ttlMs = reading.kind === 'feed' ? (reading.feed.ttlMinutes ?? 0) * 60_000 : 0
  const freshMs = Math.max(Math.min(ttlMs, longestTtlMs), Math.min(page.freshForMs ?? 0, longestCacheMs))
  const skipHours = reading.kind === 'feed' ? (reading.feed.skipHours ?? []) : []
  return {
    freshUntil: freshMs > 0 ? new Date(page.fetchedAt.getTime() + freshMs) : null,
    // A feed that asks never to be read has been made by somebody who misread the word.
    skipHours: skipHours.length < 24 ? skipHours : [],
  }
}

/**
 * Whether a listing's publisher asks to leave it alone at this moment. What was read in the future was read by a clock
 * that was wrong, and so is how long it stays fresh.
 */
export function isResting(state: ListingState, now: Date): boolean {
  const isOfThePast = state.savedAt.getTime() <= now.getTime() + clocksDifferMs
  const isFresh = isOfThePast && state.freshUntil !== null && state.freshUntil !== undefined && state.freshUntil > now
  return isFresh || (state.skipHours ?? []).includes(now.getUTCHours())
}
