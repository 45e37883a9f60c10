import type { AnnouncedEvent } from '../../model/article.ts'
import { isSpan, type StatedSpan, type StatedTime } from '../../model/time.ts'
import type { FoundTime, TimeReference } from './read-time.ts'
import { localTimeOf, utcMs } from '../../text/zone.ts'

function dayOf(time: StatedTime): string {
  const { year, month, day } = localTimeOf(Date.parse(time.at), time.zone)
  return `${year}-${month}-${day}`
}

function asDay(time: StatedTime): StatedTime | null {
  const { year, month, day } = localTimeOf(Date.parse(time.at), time.zone)
  const offset = utcMs({ ...localTimeOf(Date.parse(time.at), time.zone) }) - Date.parse(time.at)
  const at = new Date(utcMs({ year, month, day, hour: 0, minute: 0, second: 0 }) - offset).toISOString()
  return { ...time, at, precision: 'day' }
}

/**
 * Start and end as an event has them; `null` for times too vague for one: a whole year, a season, "from May on",
 * "before June". A part of a day (上午) is given as its day: an event does not fill it.
 */
export function eventTimes(time: StatedTime | StatedSpan): { start: StatedTime; end: StatedTime | null } | null {
  if (!isSpan(time)) return time.precision === 'year' ? null : { start: time, end: null }
  const { start, end } = time
  if (end === null || start.precision === 'year' || start.precision === 'month') return null
  if (start.precision === 'second' && end.precision !== 'second') return null
  if (start.precision === 'hour' && end.precision === 'hour') {
    const day = asDay(start)
    return day === null ? null : { start: day, end: null }
  }
  return { start, end }
}

/** A found time as it is written. */
export function wordsOf(found: FoundTime, text: string): string {
  return text.slice(found.index, found.index + found.length)
}

const dayMs = 86_400_000

/** Further ahead, a date without a year is more likely one of the past than one of the next year. */
const aheadWithoutYearMs = 240 * dayMs
/** Further ahead is a plan or a slip of the pen, not a date to enter. */
const aheadMs = 3 * 366 * dayMs

/**
 * Whether a start is still ahead of a text.
 * @param isSaid whether the text says so itself (将于): then its own day counts
 * @param words the time as written: whether it names its year
 */
export function isAhead(start: StatedTime, from: TimeReference, isSaid: boolean, words: string): boolean {
  const reference = from.reference.getTime()
  const at = Date.parse(start.at)
  if (start.precision === 'month') return at + 31 * dayMs > reference && at < reference + aheadMs && isSaid
  if (dayOf(start) === dayOf({ ...start, at: from.reference.toISOString() })) return isSaid
  const limit = /年|\d{4}/.test(words) ? aheadMs : aheadWithoutYearMs
  return at > reference && at < reference + limit
}

function squeeze(title: string): string {
  return title.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}

function bigrams(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)))
}

/** Chosen so that a full name and its short form meet, and two events of one day stay apart. */
const sameTitleShare = 0.6

function isSameTitle(a: string, b: string): boolean {
  const [first, second] = [squeeze(a), squeeze(b)]
  if (first.includes(second) || second.includes(first)) return true
  const [small, large] =
    first.length < second.length ? [bigrams(first), bigrams(second)] : [bigrams(second), bigrams(first)]
  const shared = [...small].filter((pair) => large.has(pair)).length
  return small.size > 0 && shared / small.size >= sameTitleShare
}

const fineness = { year: 0, month: 1, day: 2, hour: 3, minute: 4, second: 5 } as const

function isSameTime(a: StatedTime, b: StatedTime): boolean {
  if (a.precision === 'month' || b.precision === 'month')
    return dayOf(a).split('-').slice(0, 2).join() === dayOf(b).split('-').slice(0, 2).join()
  return dayOf(a) === dayOf(b)
}

/** One event of two tellings: the finer time, the first title, whatever place is known. */
function merged(a: AnnouncedEvent, b: AnnouncedEvent): AnnouncedEvent {
  const finer = fineness[b.start.precision] > fineness[a.start.precision] ? b : a
  return { title: a.title, start: finer.start, end: finer.end ?? a.end ?? b.end, place: a.place ?? b.place }
}

/** The events with several tellings of one folded together, in the order of their first telling. */
export function foldEvents(events: readonly AnnouncedEvent[]): AnnouncedEvent[] {
  const kept: AnnouncedEvent[] = []
  for (const event of events) {
    const index = kept.findIndex(
      (known) => isSameTime(known.start, event.start) && isSameTitle(known.title, event.title),
    )
    const known = kept[index]
    if (known === undefined) kept.push(event)
    else kept[index] = merged(known, event)
  }
  return kept
}
