import type { StatedTime } from '../../model/time.ts'
import { instantMs, isCalendarDay, localTimeOf, zoneOffsetMs } from '../../text/zone.ts'

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
  /(?<!\d)((?:19|20)\d{2})\s?[-/.年–]\s?(1[0-2]|0?[1-9])\s?[-/.月–]\s?(3[01]|[12]\d|0?[1-9])(?!\d)\s?[日号]?/
/** Written together: 20240318. */
const packedDate = /(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)/
const shortDate = /(?<![\d.-])(1[0-2]|0?[1-9])\s?[-/月.]\s?(3[01]|[12]\d|0?[1-9])(?![\d%.]|-\d|\s?[-/.]\s?\d)\s?[日号]?/
/** 18/03/2024 and 18.03.2024; the first number is the month where the second cannot be one. */
const dayFirstDate = /(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)\d{2})(?!\d)/
/** 24-03-18: a year of this century, month and day of two digits each. */
const shortYearDate = /(?<![\d.-])([1-3]\d)([-/.])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?![\d.-])/
const monthNames = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const englishMonthFirst = new RegExp(
  String.raw`\b(${monthNames})[a-z]{0,6}\.?\s(\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s((?:19|20)\d{2}))?`,
  'i',
)
const englishDayFirst = new RegExp(
  String.raw`\b(\d{1,2})(?:st|nd|rd|th)?[\s-](${monthNames})[a-z]{0,6}\.?(?:,?[\s-]((?:19|20)\d{2}))?(?![a-z])`,
  'i',
)
const clockAfter =
  /^(?:\s?[（(]?(?:周|星期)[一二三四五六日][）)]?)?[\s,，T]{0,3}(?:at\s)?([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?:\s?([ap])\.?m\b)?/i

interface Found {
  readonly year: string | undefined
  readonly month: number
  readonly day: string | undefined
  readonly match: RegExpExecArray
}

function monthOf(name: string | undefined): number {
  return monthNames.split('|').indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
}

function findDigits(text: string): Found | null {
  const full = fullDate.exec(text) ?? packedDate.exec(text)
  if (full) return { year: full[1], month: Number(full[2]), day: full[3], match: full }
  const european = dayFirstDate.exec(text)
  if (european) {
    const isAmerican = Number(european[3]) > 12
    const [day, month] = isAmerican ? [european[3], european[1]] : [european[1], european[3]]
    return { year: european[4], month: Number(month), day, match: european }
  }
  const shortYear = shortYearDate.exec(text)
  return shortYear && { year: `20${shortYear[1]}`, month: Number(shortYear[3]), day: shortYear[4], match: shortYear }
}

function findEnglish(text: string): Found | null {
  const monthFirst = englishMonthFirst.exec(text)
  if (monthFirst) return { year: monthFirst[3], month: monthOf(monthFirst[1]), day: monthFirst[2], match: monthFirst }
  const dayFirst = englishDayFirst.exec(text)
  return dayFirst && { year: dayFirst[3], month: monthOf(dayFirst[2]), day: dayFirst[1], match: dayFirst }
}

function findShort(text: string): Found | null {
  const match = shortDate.exec(text)
  return match && { year: undefined, month: Number(match[1]), day: match[2], match }
}

function clockOf(rest: string): { clock: WrittenDate['clock']; length: number } {
  const match = clockAfter.exec(rest)
  if (!match) return { clock: null, length: 0 }
  const half = match[4]?.toLowerCase()
  const hour = Number(match[1])
  const inDay = half === 'p' && hour < 12 ? hour + 12 : half === 'a' && hour === 12 ? 0 : hour
  const second = match[3] === undefined ? null : Number(match[3])
  return { clock: { hour: inDay, minute: Number(match[2]), second }, length: match[0].length }
}

/** The first date written in a short text; `null` when there is none. */
export function findWrittenDate(text: string): WrittenDate | null {
  const found = findDigits(text) ?? findEnglish(text) ?? findShort(text)
  if (!found) return null
  const { match, month } = found
  const [year, day] = [found.year === undefined ? null : Number(found.year), Number(found.day)]
  if (!isCalendarDay(year ?? 2000, month, day)) return null
  const end = match.index + match[0].length
  const { clock, length } = clockOf(text.slice(end, end + 30))
  return { year, month, day, clock, index: match.index, length: match[0].length + length }
}

/** Lists name days that have been, or a few days ahead. */
const aheadMs = 7 * 86_400_000

/**
 * The stated time of a written date; without a year the latest one that is not far ahead of the reference.
 * @param knownYear the year where something near the date states it
 */
export function resolveWrittenDate(
  date: WrittenDate,
  context: DateContext,
  knownYear: number | null = null,
): StatedTime | null {
  const year = date.year ?? knownYear ?? yearOf(date, context)
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
