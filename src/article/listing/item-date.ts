import type { StatedTime } from '../../model/time.ts'
import { instantMs, isCalendarDay, localTimeOf, zoneOffsetMs } from '../time/zone.ts'

/** What dates without a year or zone are read against. */
export interface DateContext {
  /** `null` when nobody knows when the page was fetched: then "3 hours ago" is not read. */
  readonly reference: Date | null
  readonly zone: string
}

/** A date as written, before its year is known. */
export interface WrittenDate {
  readonly year: number | null
  readonly month: number
  readonly day: number
  readonly clock: { readonly hour: number; readonly minute: number; readonly second: number | null } | null
  readonly index: number
  readonly length: number
}

const fullDate =
  /(?<!\d)((?:19|20)\d{2})\s?[-/.年\u2013]\s?(1[0-2]|0?[1-9])\s?[-/.月\u2013]\s?(3[01]|[12]\d|0?[1-9])(?!\d)\s?[日号]?/
const shortDate = /(?<![\d.-])(1[0-2]|0?[1-9])\s?[-/月.]\s?(3[01]|[12]\d|0?[1-9])(?![\d%.]|-\d)\s?[日号]?/
const clockAfter = /^[\s,，T（(周星期一二三四五六日)）]{0,8}([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?/

function clockOf(rest: string): { clock: WrittenDate['clock']; length: number } {
  const match = clockAfter.exec(rest)
  if (!match) return { clock: null, length: 0 }
  const second = match[3] === undefined ? null : Number(match[3])
  return { clock: { hour: Number(match[1]), minute: Number(match[2]), second }, length: match[0].length }
}

/** The first date written in a short text; `null` when there is none. */
export function findWrittenDate(text: string): WrittenDate | null {
  const full = fullDate.exec(text)
  const match = full ?? shortDate.exec(text)
  if (!match) return null
  const [year, month, day] = full ? match.slice(1).map(Number) : [null, ...match.slice(1).map(Number)]
  if (month === undefined || day === undefined || month === null || day === null) return null
  if (!isCalendarDay(year ?? 2000, month, day)) return null
  const { clock, length } = clockOf(text.slice(match.index + match[0].length, match.index + match[0].length + 30))
  return { year: year ?? null, month, day, clock, index: match.index, length: match[0].length + length }
}

/** A year's worth of leeway is too much: lists name days that have been, or a few days ahead. */
const aheadMs = 7 * 86_400_000

/** The stated time of a written date; without a year the latest one that is not far ahead of the reference. */
export function resolveWrittenDate(date: WrittenDate, context: DateContext): StatedTime | null {
  const year = date.year ?? yearOf(date, context)
  if (year === null || !isCalendarDay(year, date.month, date.day)) return null
  const { hour, minute, second } = date.clock ?? { hour: 0, minute: 0, second: null }
  const local = { year, month: date.month, day: date.day, hour, minute, second: second ?? 0 }
  const at = new Date(instantMs(local, context.zone)).toISOString()
  const precision = date.clock === null ? 'day' : second === null ? 'minute' : 'second'
  return { at, precision, zone: context.zone, from: 'list' }
}

function yearOf(date: WrittenDate, context: DateContext): number | null {
  if (context.reference === null) return null
  const limit = context.reference.getTime() + aheadMs
  const { year } = localTimeOf(limit, context.zone)
  const ms = instantMs({ year, month: date.month, day: date.day, hour: 0, minute: 0, second: 0 }, context.zone)
  return ms <= limit ? year : year - 1
}

/** `datetime` of a `<time>` element; with a zone of its own when it states one. */
export function readMachineTime(value: string, context: DateContext): StatedTime | null {
  const match =
    /^\s*(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*$/.exec(
      value,
    )
  if (!match) return null
  const [year, month, day, hour, minute] = match.slice(1, 6).map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return null
  if (!isCalendarDay(year, month, day) || (hour ?? 0) > 23 || (minute ?? 0) > 59) return null
  const zone =
    match[7] === undefined ? context.zone : match[7] === 'Z' ? '+00:00' : match[7].replace(/(\d{2}):?(\d{2})$/, '$1:$2')
  const second = Number(match[6] ?? 0)
  const ms = instantMs({ year, month, day, hour: hour ?? 0, minute: minute ?? 0, second }, zone)
  const precision = match[4] === undefined ? 'day' : match[6] === undefined ? 'minute' : 'second'
  if (!Number.isFinite(zoneOffsetMs(ms, zone))) return null
  return { at: new Date(ms).toISOString(), precision, zone, from: 'time:datetime' }
}
