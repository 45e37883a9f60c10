import { addDays, dayEdge, type Edge, monthEdge, point, type Reading, span } from './calendar.ts'
import type { Now } from './resolve.ts'
import type { Scanner } from './scanner.ts'
import { isCalendarDay, utcMs } from '../../text/zone.ts'

const names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const month =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'
const day = String.raw`(\d{1,2})(?:st|nd|rd|th)?`
const year = String.raw`((?:19|20)\d{2})(?!\d)`
const to = String.raw`\s?(?:-|–|—|to|through|until|and|&)\s?`

// December 4-5, 2019 · Dec. 28, 2019 to January 3, 2020
const monthFirst = new RegExp(
  String.raw`\b${month}\s${day}(?!\d)(?:,?\s${year})?(?:${to}(?:${month}\s)?${day}(?!\d|:|\s?[ap]\.?m)(?:,?\s${year})?)?`,
  'iy',
)
// 4 December 2019 · 4-5 December 2019 · 28 December 2019 – 3 January 2020
const dayFirst = new RegExp(
  String.raw`\b${day}(?:\s(?:of\s)?${month})?(?:,?\s${year})?(?:${to}${day})?\s(?:of\s)?${month}(?![a-z])(?:,?\s${year})?`,
  'iy',
)
const oneDayFirst = new RegExp(String.raw`\b${day}\s(?:of\s)?${month}(?![a-z])(?:,?\s${year})?`, 'iy')
const monthAndYear = new RegExp(String.raw`\b${month},?\s${year}`, 'iy')
const weekday = /\b(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s/iy
const clock = /(?:,?\s(?:at|from)?\s?|,\s)([01]?\d|2[0-3])(?::([0-5]\d))?\s?(?:([ap])\.?m\b\.?)?/iy
const relative = /\b(yesterday|today|tomorrow)\b/iy

interface Parts {
  readonly year: number | null
  readonly month: number
  readonly day: number
}

function monthNumber(name: string | undefined): number {
  return names.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

/** The year of a date that names none: the reference's, or the next one in texts that announce. */
function yearOf({ year, month, day }: Parts, now: Now): number {
  if (year !== null) return year
  const today = now.local
  const isPast = utcMs({ year: today.year, month, day: day + 1, hour: 0, minute: 0, second: 0 }) <= utcMs(today)
  return now.toward === 'future' && isPast ? today.year + 1 : today.year
}

function edgeOf(parts: Parts, now: Now): Edge | null {
  const itsYear = yearOf(parts, now)
  return isCalendarDay(itsYear, parts.month, parts.day)
    ? dayEdge({ year: itsYear, month: parts.month, day: parts.day })
    : null
}

function between(first: Parts, last: Parts | null, now: Now): Reading | null {
  const start = edgeOf({ ...first, year: first.year ?? last?.year ?? null }, now)
  if (start === null) return null
  if (last === null) return point(start)
  const sameYear = edgeOf({ ...last, year: last.year ?? start.local.year }, now)
  if (sameYear === null) return null
  const end = utcMs(sameYear.local) < utcMs(start.local) && last.year === null ? nextYear(sameYear) : sameYear
  return utcMs(end.local) < utcMs(start.local) ? null : span(start, end)
}

function nextYear(edge: Edge): Edge {
  return { ...edge, local: { ...edge.local, year: edge.local.year + 1 } }
}

function readDate(scanner: Scanner, now: Now): Reading | null {
  const american = scanner.take(monthFirst)
  if (american) {
    const [, name, first, itsYear, lastName, last, lastYear] = american
    const begin = { year: numberOrNull(itsYear), month: monthNumber(name), day: Number(first) }
    if (last === undefined) return between(begin, null, now)
    return between(
      begin,
      { year: numberOrNull(lastYear), month: monthNumber(lastName ?? name), day: Number(last) },
      now,
    )
  }
  const british = scanner.take(oneDayFirst)
  if (british) {
    const begin = { year: numberOrNull(british[3]), month: monthNumber(british[2]), day: Number(british[1]) }
    const from = scanner.position
    const joint = scanner.take(new RegExp(to, 'iy'))
    const end = joint && scanner.take(oneDayFirst)
    if (end) {
      const last = { year: numberOrNull(end[3]), month: monthNumber(end[2]), day: Number(end[1]) }
      return between(begin, last, now)
    }
    scanner.position = from
    return between(begin, null, now)
  }
  const range = scanner.take(dayFirst)
  if (range) {
    const [, first, name, firstYear, last, lastName, lastYear] = range
    const end = { year: numberOrNull(lastYear), month: monthNumber(lastName), day: Number(last ?? first) }
    if (last === undefined) return null
    return between(
      { year: numberOrNull(firstYear), month: monthNumber(name ?? lastName), day: Number(first) },
      end,
      now,
    )
  }
  const whole = scanner.take(monthAndYear)
  if (whole) return point(monthEdge(Number(whole[2]), monthNumber(whole[1])))
  const word = scanner.take(relative)?.[1]?.toLowerCase()
  if (word === undefined) return null
  return point(dayEdge(addDays(now.local, word === 'yesterday' ? -1 : word === 'tomorrow' ? 1 : 0)))
}

function withClock(scanner: Scanner, reading: Reading): Reading {
  if (reading.kind !== 'point' || reading.at.precision !== 'day') return reading
  const match = scanner.peek(clock)
  // A bare number behind a date is anything; an hour has minutes or am/pm.
  if (!match || (match[2] === undefined && match[3] === undefined)) return reading
  scanner.position += match[0].length
  const half = match[3]?.toLowerCase()
  const hour = Number(match[1])
  const inDay = half === 'p' && hour < 12 ? hour + 12 : half === 'a' && hour === 12 ? 0 : hour
  const local = { ...reading.at.local, hour: inDay, minute: Number(match[2] ?? 0) }
  return point({ local, precision: match[2] === undefined ? 'hour' : 'minute' })
}

/** English dates from here on: `December 4-5, 2019`, `Tue, 5 Nov 2019 at 10:30 am`; `null` when none begins here. */
export function readEnglishTime(scanner: Scanner, now: Now): Reading | null {
  const start = scanner.position
  scanner.take(weekday)
  const reading = readDate(scanner, now)
  if (reading === null) {
    scanner.position = start
    return null
  }
  return withClock(scanner, reading)
}
