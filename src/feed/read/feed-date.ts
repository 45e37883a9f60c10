import type { StatedTime, TimePrecision } from '../../model/time.ts'
import { monthByName } from './month-names.ts'
import { instantMs, fieldsOf } from '../../text/zone.ts'
import { statedZone } from './stated-zone.ts'

interface DateParts {
  year: number
  month: number | null
  day: number | null
  hour: number | null
  minute: number | null
  second: number | null
  millisecond: number
  /** What stands after the time. */
  zone: string
}

/** Year first, as ISO 8601, W3CDTF and Chinese, Japanese and Korean dates have it. */
const yearFirst =
  /^(\d{4})(?:\s?[-/.年년]\s?(\d{1,2})(?:\s?[-/.月월]\s?(\d{1,2})(?:\s?[日号일])?)?)?[月月年]?(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?(?:(?:[T,\s]\s*|(?<=[日号일]))(.+))?$/i
const compact = /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?\s*(\S*))?$/
const clock =
  /^(上午|下午|晚上|早上|凌晨|中午|傍晚|오전|오후)?\s*(\d{1,2})\s?(?:[:：.时時点點시]\s?(\d{1,2})?(?:\s?[:：.分분]\s?(\d{1,2})?(?:[.,](\d{1,9}))?(?:秒|초)?)?)?\s*([ap]\.?m\.?)?\s*(.*)$/i
const slashed = /^(?:\p{L}+,?\s+)?(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[,\s]+(.+))?$/u

/** Longer texts are no dates. */
const MAX_LENGTH = 100

/** Before this year nothing was announced in a feed: `0001-01-01` and the like stand for "no date". */
const FIRST_YEAR = 1900

function number(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text)
}

function noTime(year: number, month: number | null, day: number | null): DateParts {
  return { year, month, day, hour: null, minute: null, second: null, millisecond: 0, zone: '' }
}

/** Fills in a time of day with its zone; a text that is none leaves the date as it is. */
function addClock(parts: DateParts, text: string | undefined): DateParts | null {
  const match = text === undefined ? null : clock.exec(text.trim())
  if (!match) return parts
  const [, half = '', hours, minutes, seconds, fraction, meridiem = '', rest = ''] = match
  let hour = Number(hours)
  if (hour < 12 && (/下午|晚上|傍晚|오후/.test(half) || (half === '中午' && hour < 6) || /^p/i.test(meridiem)))
    hour += 12
  if (hour === 12 && (/凌晨|早上|오전/.test(half) || /^a/i.test(meridiem))) hour = 0
  const millisecond = fraction ? Math.floor(Number(`0.${fraction}`) * 1000) : 0
  return { ...parts, hour, minute: number(minutes), second: number(seconds), millisecond, zone: rest }
}

function readYearFirst(text: string): DateParts | null {
  const match = yearFirst.exec(text)
  if (match) return addClock(noTime(Number(match[1]), number(match[2]), number(match[3])), match[4])
  const digits = compact.exec(text)
  if (!digits) return null
  const [, year, month, day, hour, minute, second, zone = ''] = digits
  const parts = noTime(Number(year), number(month), number(day))
  return { ...parts, hour: number(hour), minute: number(minute), second: number(second), zone }
}

/** `10/31/2019` as in the United States, `31/10/2019` and `31.10.2019` as elsewhere. */
function readSlashed(text: string): DateParts | null {
  const match = slashed.exec(text)
  if (!match) return null
  const [, first, separator, second, year, rest] = match
  const monthFirst = separator === '/' && Number(first) <= 12
  const [month, day] = monthFirst ? [first, second] : [second, first]
  return addClock(noTime(Number(year), number(month), number(day)), rest)
}

function fullYear(text: string): number {
  const year = Number(text)
  if (text.length > 2) return year
  return year < 70 ? 2000 + year : 1900 + year
}

/** RFC 822 as it should be: nearly every date of RSS. */
const rfc822 = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) ([A-Z]{3}|[+-]\d{4})$/

function readRfc822(text: string): DateParts | null {
  const match = rfc822.exec(text)
  if (!match) return null
  const [, day, name = '', year, hour, minute, second, zone = ''] = match
  const month = monthByName(name)
  if (month === null) return null
  const parts = noTime(Number(year), month, Number(day))
  return { ...parts, hour: Number(hour), minute: Number(minute), second: Number(second), zone }
}

/** RFC 822 and its relatives (RFC 850, asctime, `October 31, 2019`): a month's name among numbers, in any order. */
function readNamedMonth(text: string): DateParts | null {
  const time = /(?<!\d)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\b\.?)?)/i.exec(text)
  const before = time ? text.slice(0, time.index) : text
  const after = time ? text.slice(time.index + time[0].length).trim() : ''
  // asctime and Java's Date put the year last: `Thu Oct 31 09:30:00 CST 2019`.
  const lastYear = /(?:^|\s)(\d{4})$/.exec(after)
  const words = before.match(/\p{L}+\.?|\d+/gu) ?? []
  const month =
    words.map((word) => (/\d/.test(word) ? null : monthByName(word))).find((found) => found !== null) ?? null
  const numbers = words.filter((word) => /\d/.test(word))
  if (month === null || numbers.length === 0 || numbers.length > 2) return null
  const [first = '', second] = numbers
  const yearLast = second === undefined ? lastYear?.[1] : second
  if (yearLast === undefined) return first.length === 4 ? noTime(Number(first), month, null) : null
  const parts =
    first.length > 2
      ? noTime(fullYear(first), month, Number(yearLast))
      : noTime(fullYear(yearLast), month, Number(first))
  const zone = lastYear ? after.slice(0, lastYear.index) : after
  return time ? addClock(parts, `${time[1] ?? ''} ${zone}`) : parts
}

function readTimestamp(text: string): DateParts | null {
  if (!/^(?:\d{10}|\d{13})$/.test(text)) return null
  const date = new Date(text.length === 10 ? Number(text) * 1000 : Number(text))
  return {
    ...noTime(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    zone: 'UTC',
  }
}

function precisionOf(parts: DateParts): TimePrecision {
  if (parts.month === null) return 'year'
  if (parts.day === null) return 'month'
  if (parts.hour === null) return 'day'
  if (parts.minute === null) return 'hour'
  return parts.second === null ? 'minute' : 'second'
}

function isReal(parts: DateParts): boolean {
  const { year, month, day, hour, minute, second } = parts
  if (year < FIRST_YEAR || year > 9999 || (month ?? 1) < 1 || (month ?? 1) > 12) return false
  const days = new Date(Date.UTC(year, month ?? 1, 0)).getUTCDate()
  if ((day ?? 1) < 1 || (day ?? 1) > days) return false
  const clock = (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0)
  return clock <= 86_400 && (minute ?? 0) < 60 && (second ?? 0) <= 60
}

/** The instant at which a zone's clocks show a time that is written as if it were UTC, in milliseconds. */
function instantInZone(local: number, zone: string): number {
  return instantMs(fieldsOf(local), zone) + (local % 1000)
}

/**
 * A date of a feed in any of the forms that feeds have: RFC 822 with its usual mistakes, ISO 8601, Chinese,
 * month names of other languages, Unix timestamps.
 * @param zone IANA zone of dates that state none
 * @returns `null` for whatever is no real date; never a guess
 */
export function readDate(text: string, zone: string, from: string): StatedTime | null {
  if (text.length > MAX_LENGTH) return null
  const line = (/[^\0-\x7f]/.test(text) ? text.normalize('NFKC') : text).trim().replace(/\s+/g, ' ')
  if (line === '') return null
  const parts =
    readRfc822(line) ?? readTimestamp(line) ?? readYearFirst(line) ?? readSlashed(line) ?? readNamedMonth(line)
  if (!parts || !isReal(parts)) return null
  const local = Date.UTC(
    parts.year,
    (parts.month ?? 1) - 1,
    parts.day ?? 1,
    parts.hour ?? 0,
    parts.minute ?? 0,
    Math.min(parts.second ?? 0, 59),
    parts.millisecond,
  )
  const stated = parts.hour === null ? null : statedZone(parts.zone, zone)
  return {
    at: new Date(stated ? local - stated.minutes * 60_000 : instantInZone(local, zone)).toISOString(),
    precision: precisionOf(parts),
    zone: stated?.name ?? zone,
    from,
  }
}
