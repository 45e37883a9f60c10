import { addDays, addMonths, afterEdge, type Edge, endOf, point, type Reading, span, startOf } from './calendar.ts'
import { readDuration } from './duration.ts'
import { readEnglishTime } from './english.ts'
import { readNumeral } from './numeral.ts'
import { type Level, levels, Pieces } from './pieces.ts'
import { type Now, resolve } from './resolve.ts'
import type { RuleContext, Strictness } from './rule.ts'
import { rules } from './rules.ts'
import type { Scanner } from './scanner.ts'
import { utcMs } from '../../text/zone.ts'

const separator =
  /[\s的]{0,4}(?:[,，](?=\s?(?:上午|下午|晚|凌晨|早|中午|\d{1,2}:))|T(?=\d\d:)|-(?=\d{1,2}:\d)|[(（](?=(?:农历|周|星期|礼拜)))?\s{0,3}/y
const calendarName = /(?:农历|阴历|旧历|夏历)(?:的)?/y
const gregorianName = /公历|阳历|新历|西历|北京时间|当地时间/y
const weekdayAside =
  /\s?[(（]\s?(?:农历[^)）]{1,8}|(?:周|星期|礼拜)[一二三四五六日天])(?:[、,，-](?:周|星期)?[一二三四五六日天])?\s?[)）]/y
const bareWeekday = /\s?(?:周|星期|礼拜)[一二三四五六日天](?![一二三四五六七八九十])/y
const dateAside = /\s?[(（]\s?(?=\d{1,4}[年月日号])/y
const connector =
  /\s{0,2}(?:[到至](?!今(?!天|日|年|晚|早|晨|后)|现在)|~|～|〜|-{1,2}|—{1,2}|–|－|―|−|─|、|及(?=\d)|和(?=\d))\s{0,2}/y
const numeral = String.raw`(?:\d{1,2}|[一二三四五六七八九十]{1,3})`
/** A number whose unit stands behind the end of the range: `4` in `12月4-5日`. */
const openNumber = new RegExp(
  String.raw`(?<![\d.])(\d{4}|${numeral})(?=\s{0,2}(?:[至到~～〜、—–－―−─-]{1,2}|和)\s{0,2}(?:\d{4}|${numeral})(?:\s?[、]\s?${numeral})*\s?(年|月|日|号|点|时))`,
  'y',
)
const openLevels: Readonly<Record<string, Level>> = {
  年: levels.year,
  月: levels.month,
  日: levels.day,
  号: levels.day,
  点: levels.clock,
  时: levels.clock,
}

function takeOpenNumber(scanner: Scanner, pieces: Pieces): boolean {
  const match = scanner.peek(openNumber)
  const level = openLevels[match?.[2] ?? '']
  const value = readNumeral(match?.[1] ?? '')
  if (!match || level === undefined || value === null || level <= pieces.last) return false
  const limits: Readonly<Record<number, number>> = {
    [levels.year]: 9999,
    [levels.month]: 12,
    [levels.day]: 31,
    [levels.clock]: 24,
  }
  if (value > (limits[level] ?? 0) || (level === levels.year && value < 1000)) return false
  scanner.position += match[0].length
  if (level === levels.year) pieces.year = { stated: value }
  else if (level === levels.month) pieces.month = { stated: value }
  else if (level === levels.day) pieces.day = { stated: value }
  else pieces.clock = { hour: value, minute: null, second: null, orHour: null }
  pieces.reach(level)
  return true
}

function takePiece(scanner: Scanner, pieces: Pieces, context: RuleContext): boolean {
  if (scanner.take(calendarName)) {
    pieces.isLunar = true
    return true
  }
  if (scanner.take(gregorianName)) return true
  if (takeOpenNumber(scanner, pieces)) return true
  for (const rule of rules) {
    if (rule.level <= pieces.last && pieces.last !== 0) continue
    const from = scanner.position
    const match = scanner.take(rule.pattern)
    if (!match) continue
    if (rule.apply(match, pieces, context)) {
      pieces.reach(rule.level)
      return true
    }
    scanner.position = from
  }
  return false
}

/** The pieces of one time from here on; `null` when none begins here. */
function readPieces(scanner: Scanner, context: RuleContext): Pieces | null {
  const start = scanner.position
  const pieces = new Pieces()
  for (;;) {
    const from = scanner.position
    if (pieces.first !== 0) scanner.take(separator)
    if (!takePiece(scanner, pieces, context)) {
      scanner.position = from
      break
    }
    if (pieces.last >= levels.week && pieces.last <= levels.day) takeAside(scanner, pieces, context)
  }
  if (pieces.first !== 0) return pieces
  scanner.position = start
  return null
}

/** What stands in brackets behind a day: its weekday, which adds nothing, or a weekday's date, which counts more. */
function takeAside(scanner: Scanner, pieces: Pieces, context: RuleContext): void {
  if (scanner.take(weekdayAside) || (pieces.day !== null && scanner.take(bareWeekday))) return
  if (pieces.weekday === null) return
  const from = scanner.position
  if (!scanner.take(dateAside)) return
  const date = readPieces(scanner, context)
  if (date === null || date.day === null || !scanner.take(/\s?[)）]/y)) {
    scanner.position = from
    return
  }
  pieces.year = date.year
  pieces.month = date.month
  pieces.day = date.day
  pieces.isAnchored = false
  pieces.first = date.first
}

/** The last of several times joined by "to", dashes or commas: `12月28日至1月3日`, `4、5、6日`. */
function readRangeEnd(scanner: Scanner, begin: Pieces, context: RuleContext): Pieces | null {
  let last = begin
  let end: Pieces | null = null
  for (let links = 0; links < 8; links++) {
    const from = scanner.position
    const joint = scanner.take(connector)
    const next = joint && readPieces(scanner, context)
    const isList = joint?.[0].includes('、') === true || /[及和]/.test(joint?.[0] ?? '')
    // A list goes on with the same unit; a range may leave out any.
    if (!next || next.last === 0 || (isList && next.last !== last.last)) {
      scanner.position = from
      break
    }
    next.inheritFrom(last)
    last = next
    end = next
    if (!isList) break
  }
  return end
}

/** An hour that ends a range is the instant at which it begins: eight to twelve ends at 12:00. */
function closing(edge: Edge | null): Edge | null {
  return edge !== null && edge.precision === 'hour' ? { ...edge, precision: 'second' } : edge
}

/** The end of a range that seems to lie before its start is in the next half day, day, month or year. */
function forward(start: Edge, end: Edge, pieces: Pieces): Edge {
  if (afterEdge(end) > utcMs(start.local) && utcMs(end.local) >= utcMs(start.local)) return end
  const { local, precision } = end
  if (pieces.first >= levels.part) {
    const isSameHalf = pieces.part === null && local.hour < 12 && start.local.hour < 12 + local.hour
    if (isSameHalf && local.hour + 12 > start.local.hour)
      return { local: { ...local, hour: local.hour + 12 }, precision }
    return { local: { ...local, ...addDays(local, 1) }, precision }
  }
  if (pieces.first >= levels.day) return { local: { ...local, ...addMonths(local.year, local.month, 1) }, precision }
  return pieces.first > levels.year ? { local: { ...local, year: local.year + 1 }, precision } : end
}

function joined(begin: Reading, end: Reading, endPieces: Pieces): Reading | null {
  const start = startOf(begin)
  const last = endOf(end)
  if (last === null) return span(start, null)
  const closed = closing(forward(start, last, endPieces))
  return closed !== null && afterEdge(closed) >= utcMs(start.local) ? span(start, closed) : null
}

function readRange(scanner: Scanner, now: Now, context: RuleContext): Reading | null {
  const begin = readPieces(scanner, context)
  if (begin === null) return null
  const first = resolve(begin, now)
  if (first === null) return null
  const beforeEnd = scanner.position
  const end = readRangeEnd(scanner, begin, context)
  const last = end === null ? null : resolve(end, { local: now.local, toward: null })
  const whole = end === null || last === null ? null : joined(first, alignYear(last, first, end), end)
  if (whole !== null) return whole
  scanner.position = beforeEnd
  return first
}

/** The end of a range that names no year is in the year of its beginning. */
function alignYear(end: Reading, begin: Reading, pieces: Pieces): Reading {
  const edge = endOf(end)
  const years = startOf(begin).local.year - (edge?.local.year ?? 0)
  if (edge === null || pieces.isAnchored || pieces.year !== null || pieces.years !== null || Math.abs(years) !== 1)
    return end
  const moved = { ...edge, local: { ...edge.local, year: edge.local.year + years } }
  return end.kind === 'point' ? point(moved) : span(end.start, moved)
}

const approximately = /\s?(?:左右|前后|上下|许(?!可|多|昌|家)|附近)/y
const untilNow = /(?:起|开始)?(?:至今|到现在|迄今|到今天|以来)/y
const from = /(?:起(?!来|草|诉|点|初|码)|开始|之后|以后|后(?![天来续期者面勤果年]))/y
const before = /(?:(?:之|以)前|前(?![往夕来列景提沿身任辈期后海门进锋瞻])|为止|截止)/y

/** What follows a time and makes it a beginning or an end: 起, 至今, 前. */
function withSuffix(scanner: Scanner, reading: Reading, now: Now): Reading | null {
  scanner.take(approximately)
  const here: Edge = { local: now.local, precision: 'second' }
  const isPast = utcMs(startOf(reading).local) <= utcMs(now.local)
  if (scanner.take(untilNow)) return isPast ? span(startOf(reading), here) : reading
  if (scanner.take(before)) {
    const end = endOf(reading)
    // What was before a time in the past has no beginning that could be stated.
    return end !== null && afterEdge(end) > utcMs(now.local) ? span(here, end) : null
  }
  if (scanner.take(from)) return span(startOf(reading), isPast ? here : null)
  return reading
}

const prefix = /(?:从|自|于|在|截至|截止(?:到|至)?|到|至)?\s?/y

/**
 * The time that begins at the scanner's place; the place moves behind what was taken for one.
 * @returns `null` when none begins here, or one that is not on the calendar
 */
export function readExpression(scanner: Scanner, now: Now, strictness: Strictness): Reading | null {
  const context = { strictness, referenceYear: now.local.year }
  if (strictness === 'whole') scanner.take(prefix)
  const duration = readDuration(scanner, now)
  if (duration !== null) {
    scanner.take(approximately)
    return duration
  }
  const english = readEnglishTime(scanner, now)
  if (english !== null) return english
  const reading = readRange(scanner, now, context)
  // A date that does not exist is passed over whole: 2月30日 is not 30日.
  return reading === null ? null : withSuffix(scanner, reading, now)
}
