import {
  addDays,
  addMonths,
  afterEdge,
  type Day,
  dayEdge,
  type Edge,
  endOf,
  endOfMonth,
  firstMondayFrom,
  lunarDay,
  mondayOf,
  monthEdge,
  point,
  type Reading,
  span,
  weekdayOf,
  yearEdge,
} from './calendar.ts'
import { dayPartHours, hourIn } from './day-part.ts'
import { holidayDay } from './holiday.ts'
import { levels, type MonthPart, type Nth, type Pieces, type Place } from './pieces.ts'
import { isCalendarDay, type LocalTime, utcMs } from '../../text/zone.ts'

/** What a time is counted from. */
export interface Now {
  /** The reference on the clocks of the zone. */
  readonly local: LocalTime
  /** `future`: what leaves out its year, month or day is the next one, not the reference's own. */
  readonly toward: 'future' | null
}

function at(place: Place, reference: number): number {
  return 'stated' in place ? place.stated : reference + place.shift
}

function monthSpan(first: { year: number; month: number }, last: { year: number; month: number }): Reading {
  const start = monthEdge(first.year, first.month)
  return first.year === last.year && first.month === last.month
    ? point(start)
    : span(start, monthEdge(last.year, last.month))
}

function daySpan(first: Day, last: Day): Reading {
  return span(dayEdge(first), dayEdge(last))
}

function quarterOf(year: number, pieces: Pieces, now: Now): Reading {
  const thisQuarter = Math.floor((now.local.month - 1) / 3) * 3 + 1
  const first =
    pieces.months === null
      ? addMonths(year, thisQuarter, 3 * (pieces.quarterShift ?? 0))
      : addMonths(year, pieces.months.from, 0)
  const length = pieces.months === null ? 3 : pieces.months.to - pieces.months.from + 1
  const last = addMonths(first.year, first.month, length - 1)
  if (pieces.quarterEnd !== null) {
    const one = pieces.quarterEnd === 'start' ? first : last
    return point(monthEdge(one.year, one.month))
  }
  return monthSpan(first, last)
}

function partOfMonth(year: number, month: number, part: MonthPart): Reading {
  const last = endOfMonth(year, month).day
  // 月初, 月中 and 月底 in the bounds that labelled expressions agree on; the thirds are exact.
  const bounds: Readonly<Record<MonthPart, readonly [number, number]>> = {
    start: [1, 5],
    middle: [10, 20],
    end: [25, last],
    'first-ten': [1, 10],
    'second-ten': [11, 20],
    'third-ten': [21, last],
    'first-half': [1, 15],
    'second-half': [16, last],
  }
  const [from, to] = bounds[part]
  return daySpan({ year, month, day: from }, { year, month, day: to })
}

function countedPart(nth: Nth, first: Day, last: Day): Reading | null {
  const { number } = nth
  if (nth.unit === 'day') {
    if (nth.each)
      return nth.fromEnd ? daySpan(addDays(last, 1 - number), last) : daySpan(first, addDays(first, number - 1))
    return point(dayEdge(nth.fromEnd ? addDays(last, 1 - number) : addDays(first, number - 1)))
  }
  if (nth.unit === 'month') {
    if (first.month === last.month) return null
    if (!nth.each) return number > 12 ? null : point(monthEdge(first.year, nth.fromEnd ? 13 - number : number))
    const from = nth.fromEnd ? 13 - number : 1
    return number > 12
      ? null
      : monthSpan({ year: first.year, month: from }, { year: first.year, month: from + number - 1 })
  }
  if (nth.unit === 'weekday') {
    // A weekend begins with its Saturday.
    const weekday = Math.min(nth.weekday, nth.weekday === 8 ? 6 : 7)
    const day = nth.fromEnd
      ? addDays(last, -((weekdayOf(last) - weekday + 7) % 7))
      : addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + (number - 1) * 7)
    return nth.weekday === 8 ? daySpan(day, addDays(day, 1)) : point(dayEdge(day))
  }
  if (nth.fromEnd) {
    const lastMonday = mondayOf(last)
    return daySpan(nth.each ? addDays(lastMonday, -7 * (number - 1)) : lastMonday, addDays(lastMonday, 6))
  }
  const monday = firstMondayFrom(first)
  return daySpan(nth.each ? monday : addDays(monday, 7 * (number - 1)), addDays(monday, 7 * number - 1))
}

function weekOf(pieces: Pieces, now: Now): Reading {
  const monday = addDays(mondayOf(now.local), 7 * (pieces.week ?? 0))
  if (pieces.weekday === null) return daySpan(monday, addDays(monday, 6))
  if (pieces.weekday === 8) return daySpan(addDays(monday, 5), addDays(monday, 6))
  return point(dayEdge(addDays(monday, pieces.weekday - 1)))
}

function stated(year: number, month: number, pieces: Pieces, now: Now): Reading | null {
  if (pieces.nth !== null) {
    const isInMonth = pieces.month !== null
    const first = { year, month: isInMonth ? month : 1, day: 1 }
    return countedPart(pieces.nth, first, endOfMonth(year, isInMonth ? month : 12))
  }
  if (pieces.day !== null) {
    if ('shift' in pieces.day) return point(dayEdge(addDays(now.local, pieces.day.shift)))
    const day = pieces.isLunar
      ? lunarDay(year, month, pieces.day.stated, pieces.isLeapMonth)
      : isCalendarDay(year, month, pieces.day.stated)
        ? { year, month, day: pieces.day.stated }
        : null
    return day === null ? null : point(dayEdge(day))
  }
  if (pieces.isLunar) {
    const first = lunarDay(year, month, 1, pieces.isLeapMonth)
    const last =
      first && (lunarDay(year, month, 30, pieces.isLeapMonth) ?? lunarDay(year, month, 29, pieces.isLeapMonth))
    return last === null ? null : daySpan(first ?? last, last)
  }
  return pieces.monthPart === null ? point(monthEdge(year, month)) : partOfMonth(year, month, pieces.monthPart)
}

/** The date that pieces name, without their time of day; `null` when there is no such day. */
function dateOf(pieces: Pieces, now: Now): Reading | null {
  const { local } = now
  if (pieces.years !== null && pieces.month === null)
    return span(yearEdge(pieces.years.from), yearEdge(pieces.years.to))
  const year = pieces.year === null ? local.year : at(pieces.year, local.year)
  if (year < 1 || year > 9999) return null
  if (pieces.holiday !== null) {
    const day = holidayDay(pieces.holiday, year)
    return day === null ? null : point(dayEdge(day))
  }
  if (pieces.months !== null || pieces.quarterShift !== null) return quarterOf(year, pieces, now)
  const hasWeek = pieces.week !== null || pieces.weekday !== null
  if (hasWeek && pieces.day === null && pieces.nth === null && pieces.month === null) return weekOf(pieces, now)
  if (pieces.month !== null || pieces.monthPart !== null || pieces.day !== null) {
    const place = pieces.month ?? { shift: 0 }
    const { year: itsYear, month } =
      'stated' in place ? { year, month: place.stated } : addMonths(year, local.month, place.shift)
    return stated(itsYear, month, pieces, now)
  }
  if (pieces.nth !== null) return stated(year, 1, pieces, now)
  if (pieces.year !== null) return point(yearEdge(year))
  return point(dayEdge(local))
}

function withHour(day: Day, hour: number, minute: number, second: number, precision: Edge['precision']): Edge {
  const date = hour >= 24 ? addDays(day, 1) : day
  const { year, month, day: dayOfMonth } = date
  return { local: { year, month, day: dayOfMonth, hour: hour % 24, minute, second }, precision }
}

function withTime(date: Reading, pieces: Pieces): Reading | null {
  const { clock, part } = pieces
  if (clock === null && part === null) return date
  if (date.kind !== 'point' || date.at.precision !== 'day') return null
  const day = date.at.local
  if (clock === null) {
    if (part === null) return date
    const { from, to } = dayPartHours(part)
    const first = withHour(day, from, 0, 0, 'hour')
    return from === to ? point(first) : span(first, withHour(day, to, 0, 0, 'hour'))
  }
  const precision = clock.second !== null ? 'second' : clock.minute !== null ? 'minute' : 'hour'
  const start = withHour(day, hourIn(part, clock.hour), clock.minute ?? 0, clock.second ?? 0, precision)
  return clock.orHour === null ? point(start) : span(start, withHour(day, hourIn(part, clock.orHour), 0, 0, 'hour'))
}

/** The unit to step by when a time that leaves out its larger units should lie ahead. */
function stepAhead(reading: Reading, pieces: Pieces): Reading | null {
  const shift = (edge: Edge): Edge => {
    const { local, precision } = edge
    if (pieces.first >= levels.part) return { local: { ...local, ...addDays(local, 1) }, precision }
    if (pieces.weekday !== null && pieces.day === null) return { local: { ...local, ...addDays(local, 7) }, precision }
    if (pieces.month === null && pieces.holiday === null && pieces.months === null) {
      return { local: { ...local, ...addMonths(local.year, local.month, 1) }, precision }
    }
    return { local: { ...local, year: local.year + 1 }, precision }
  }
  if (reading.kind === 'point') return point(shift(reading.at))
  return span(shift(reading.start), reading.end === null ? null : shift(reading.end))
}

/** Puts pieces on the calendar; `null` when they name no day that exists. */
export function resolve(pieces: Pieces, now: Now): Reading | null {
  const date = dateOf(pieces, now)
  const reading = date === null ? null : withTime(date, pieces)
  if (reading === null || now.toward === null || pieces.isAnchored || pieces.year !== null || pieces.years !== null) {
    return reading
  }
  const end = endOf(reading)
  const isPast = end !== null && afterEdge(end) <= utcMs(now.local)
  return isPast && !pieces.isLunar && pieces.holiday === null
    ? stepAhead(reading, pieces)
    : isPast
      ? nextYear(pieces, now)
      : reading
}

/** Festivals of the moon move: the next one is looked up, not counted. */
function nextYear(pieces: Pieces, now: Now): Reading | null {
  pieces.year = { shift: 1 }
  const date = dateOf(pieces, now)
  pieces.year = null
  return date === null ? null : withTime(date, pieces)
}
