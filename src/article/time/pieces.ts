import type { DayPart } from './day-part.ts'

/** A number as stated (`3月`) or counted from the reference (`下月` is +1). */
export type Place = { readonly stated: number } | { readonly shift: number }

/** Levels of the calendar, larger units first; a text names them in this order. */
export const levels = { year: 1, yearPart: 2, month: 3, monthPart: 4, week: 5, day: 6, part: 7, clock: 8 } as const
export type Level = (typeof levels)[keyof typeof levels]

export interface Clock {
  readonly hour: number
  readonly minute: number | null
  readonly second: number | null
  /** `七八点`: the later of two hours. */
  readonly orHour: number | null
}

/** Counted parts of a year or month: `第三周`, `前两个月`, `最后一天`. */
export interface Nth {
  readonly unit: 'day' | 'week' | 'month' | 'weekday'
  readonly number: number
  /** All up to that number (前两天), or only that one (第二天). */
  readonly each: boolean
  readonly fromEnd: boolean
  /** 1 (Monday) to 7, for `weekday`. */
  readonly weekday: number
}

export type MonthPart =
  | 'start'
  | 'middle'
  | 'end'
  | 'first-ten'
  | 'second-ten'
  | 'third-ten'
  | 'first-half'
  | 'second-half'

/** What a text says of one time, piece by piece, before it is put on the calendar. */
export class Pieces {
  year: Place | null = null
  /** Whole years, first and last: centuries and decades. */
  years: { readonly from: number; readonly to: number } | null = null
  /** Months of the year, first and last; above 12 for winter, which ends in the next year. */
  months: { readonly from: number; readonly to: number } | null = null
  /** Quarters from the reference's: `上季度` is -1. */
  quarterShift: number | null = null
  quarterEnd: 'start' | 'end' | null = null
  month: Place | null = null
  monthPart: MonthPart | null = null
  week: number | null = null
  /** 1 (Monday) to 7; 8 is the weekend. */
  weekday: number | null = null
  day: Place | null = null
  nth: Nth | null = null
  holiday: string | null = null
  isLunar = false
  isLeapMonth = false
  /** Month named in Chinese numerals: with a day that has no unit it is a lunar one. */
  hasChineseMonth = false
  part: DayPart | null = null
  clock: Clock | null = null
  /** Level of the first piece; 0 while there is none. */
  first: Level | 0 = 0
  /** Level of the last piece. */
  last: Level | 0 = 0
  /** Whether the first piece is counted from the reference, so that nothing above it is missing. */
  isAnchored = false

  /** Notes that a piece of `level` was read. */
  reach(level: Level): void {
    if (this.first === 0) this.first = level
    this.last = level
  }

  /** Takes from the beginning of a range what its end leaves out: `12月4日至5日`. */
  inheritFrom(begin: Pieces): void {
    if (this.first > levels.year && !this.isAnchored) {
      this.year ??= begin.year
      this.years ??= begin.years
      this.isLunar ||= begin.isLunar && this.first <= levels.day
    }
    if (this.first > levels.month && !this.isAnchored && this.holiday === null) {
      this.month ??= begin.month
      this.week ??= begin.week
    }
    if (this.first > levels.day) {
      this.day ??= begin.day
      this.weekday ??= begin.weekday
      this.nth ??= begin.nth
      this.holiday ??= begin.holiday
      this.isAnchored ||= begin.isAnchored
    }
    if (this.clock !== null && begin.clock !== null) this.part ??= begin.part
  }
}
