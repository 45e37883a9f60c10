import { Lunar } from 'lunar-typescript'
import type { TimePrecision } from '../../model/time.ts'
import { daysInMonth, fieldsOf, type LocalTime, utcMs } from '../../text/zone.ts'

export interface Day {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
}

/** One end of what was read: a wall-clock time and the unit of which it is the beginning. */
export interface Edge {
  readonly local: LocalTime
  readonly precision: TimePrecision
}

/** What an expression means: one unit of the calendar, or a stretch from the first instant of one to the last of another. */
export type Reading =
  | { readonly kind: 'point'; readonly at: Edge }
  | { readonly kind: 'span'; readonly start: Edge; readonly end: Edge | null }

const dayMs = 86_400_000

/** Days since 1970-01-01 in the Gregorian calendar. */
export function dayNumber(day: Day): number {
  return Math.round(utcMs({ ...day, hour: 0, minute: 0, second: 0 }) / dayMs)
}

export function dayAt(number: number): Day {
  const { year, month, day } = fieldsOf(number * dayMs)
  return { year, month, day }
}

export function addDays(day: Day, days: number): Day {
  return dayAt(dayNumber(day) + days)
}

/** 1 for Monday to 7 for Sunday (ISO 8601). */
export function weekdayOf(day: Day): number {
  return ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1
}

export function mondayOf(day: Day): Day {
  return addDays(day, 1 - weekdayOf(day))
}

/** The first Monday on or after a day: where Chinese usage begins the first week of a month or year. */
export function firstMondayFrom(day: Day): Day {
  return addDays(day, (8 - weekdayOf(day)) % 7)
}

export function addMonths(year: number, month: number, months: number): { year: number; month: number } {
  const index = year * 12 + (month - 1) + months
  return { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 }
}

export function endOfMonth(year: number, month: number): Day {
  return { year, month, day: daysInMonth(year, month) }
}

export function yearEdge(year: number): Edge {
  return { local: { year, month: 1, day: 1, hour: 0, minute: 0, second: 0 }, precision: 'year' }
}

export function monthEdge(year: number, month: number): Edge {
  return { local: { year, month, day: 1, hour: 0, minute: 0, second: 0 }, precision: 'month' }
}

export function dayEdge(day: Day): Edge {
  return { local: { ...day, hour: 0, minute: 0, second: 0 }, precision: 'day' }
}

export function point(at: Edge): Reading {
  return { kind: 'point', at }
}

export function span(start: Edge, end: Edge | null): Reading {
  return { kind: 'span', start, end }
}

export function startOf(reading: Reading): Edge {
  return reading.kind === 'point' ? reading.at : reading.start
}

/** The edge whose last instant ends the reading; `null` when it is open. */
export function endOf(reading: Reading): Edge | null {
  return reading.kind === 'point' ? reading.at : reading.end
}

/** The first second after an edge's unit, as if clocks were UTC: for comparing wall-clock times of one zone. */
export function afterEdge({ local, precision }: Edge): number {
  const next: Readonly<Record<TimePrecision, LocalTime>> = {
    year: { ...local, year: local.year + 1 },
    month: { ...local, month: local.month + 1 },
    day: { ...local, day: local.day + 1 },
    hour: { ...local, hour: local.hour + 1 },
    minute: { ...local, minute: local.minute + 1 },
    second: { ...local, second: local.second + 1 },
  }
  return utcMs(next[precision])
}

/**
 * The Gregorian day of a day in the Chinese calendar; `null` when that month has no such day.
 * @param leap whether the leap month (闰月) of that number is meant
 */
export function lunarDay(year: number, month: number, day: number, leap: boolean): Day | null {
  // The library's tables hold from the calendar reform of 1645 on.
  if (year < 1645 || year > 3000 || month < 1 || month > 12 || day < 1 || day > 30) return null
  try {
    const solar = Lunar.fromYmd(year, leap ? -month : month, day).getSolar()
    return { year: solar.getYear(), month: solar.getMonth(), day: solar.getDay() }
  } catch {
    // It throws for the 30th of a short month and for a leap month that the year does not have.
    return null
  }
}

/** The last day before the Chinese New Year of `year` + 1: the 29th or the 30th of the twelfth month. */
export function lunarNewYearsEve(year: number): Day | null {
  return lunarDay(year, 12, 30, false) ?? lunarDay(year, 12, 29, false)
}

/** The day of a solar term (节气) in a Gregorian year, by its simplified name: `冬至`. */
export function solarTermDay(year: number, name: string): Day | null {
  if (year < 1645 || year > 3000) return null
  // The table of a Chinese year begins with the winter solstice before it, which is in the Gregorian year before.
  for (const tableYear of [year, year + 1]) {
    const solar = Lunar.fromYmd(tableYear, 6, 1).getJieQiTable()[name]
    if (solar !== undefined && solar.getYear() === year) {
      return { year, month: solar.getMonth(), day: solar.getDay() }
    }
  }
  return null
}
