import {
  addDays,
  addMonths,
  type Edge,
  mondayOf,
  point,
  type Reading,
  span,
  weekdayOf,
  yearEdge,
  monthEdge,
  dayEdge,
} from './calendar.ts'
import { readNumeral } from './numeral.ts'
import type { Now } from './resolve.ts'
import type { Scanner } from './scanner.ts'
import { fieldsOf, type LocalTime, utcMs } from '../../text/zone.ts'

type Unit = 'year' | 'month' | 'week' | 'workday' | 'day' | 'hour' | 'minute' | 'second' | 'quarter'

const unitWords: Readonly<Record<string, Unit>> = {
  年: 'year',
  个月: 'month',
  月: 'month',
  季度: 'quarter',
  个季度: 'quarter',
  周: 'week',
  个周: 'week',
  星期: 'week',
  个星期: 'week',
  礼拜: 'week',
  个礼拜: 'week',
  天: 'day',
  日: 'day',
  个工作日: 'workday',
  工作日: 'workday',
  个交易日: 'workday',
  交易日: 'workday',
  小时: 'hour',
  个小时: 'hour',
  钟头: 'hour',
  个钟头: 'hour',
  分钟: 'minute',
  分: 'minute',
  刻钟: 'minute',
  秒: 'second',
  秒钟: 'second',
}
const unitPattern = Object.keys(unitWords)
  .toSorted((a, b) => b.length - a.length)
  .join('|')
const seconds: Readonly<Partial<Record<Unit, number>>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
}
const amount = String.raw`\d{1,4}(?:\.5)?|[二三四五六七八九]?十几|[零一二两三四五六七八九十百]{1,5}|几十|几百|几|数十|数百|数|半`

/** Numbers of fuzzy amounts: 几十年 is 20 to 100 years. */
const fuzzy: Readonly<Record<string, readonly [number, number]>> = {
  几: [2, 10],
  数: [2, 10],
  几十: [20, 100],
  数十: [20, 100],
  几百: [200, 1000],
  数百: [200, 1000],
}

interface Amount {
  readonly from: number
  /** Differs from `from` when the text is vague. */
  readonly to: number
  readonly unit: Unit
}

/** `两三` is two or three, `二三十` twenty to thirty, `十几` ten to twenty. */
function neighbours(number: string): readonly [number, number] | null {
  const tens = /^([二三四五六七八九]?十)几$/.exec(number)?.[1]
  const base = tens === undefined ? null : readNumeral(tens)
  if (base !== null) return [base, base + 10]
  if (!/^[一二两三四五六七八九]{2}十?$/.test(number)) return null
  const size = number.endsWith('十') ? 10 : 1
  const [first, second] = Array.from(number.slice(0, 2), (digit) => readNumeral(digit) ?? 0)
  const isPair = first !== undefined && second !== undefined && second > first && second - first <= 2
  return isPair ? [first * size, second * size] : null
}

function amountOf(number: string | undefined, half: string | undefined, unitWord: string | undefined): Amount | null {
  const unit = unitWords[unitWord ?? '']
  if (unit === undefined || number === undefined) return null
  const range = fuzzy[number] ?? neighbours(number)
  if (range) return { from: range[0], to: range[1], unit }
  const whole = number === '半' ? 0.5 : number.endsWith('.5') ? Number(number) : readNumeral(number)
  if (whole === null) return null
  const size = (whole + (half === undefined ? 0 : 0.5)) * (unitWord === '刻钟' ? 15 : 1)
  // A number of four digits before 年 is a year's name: 2022年前.
  if (size > 10_000 || (unit === 'year' && size >= 1000)) return null
  return { from: size, to: size, unit }
}

/** A wall-clock time moved by an amount, sizes of half a unit in the next smaller one. */
function moved(local: LocalTime, size: number, unit: Unit): LocalTime {
  if (unit === 'year') return moved(local, Math.round(size * 12), 'month')
  if (unit === 'quarter') return moved(local, size * 3, 'month')
  if (unit === 'month') {
    const whole = Math.trunc(size)
    const target = addMonths(local.year, local.month, whole)
    const lastDay = fieldsOf(utcMs({ ...local, ...target, month: target.month + 1, day: 0 })).day
    const monthsMoved = { ...local, ...target, day: Math.min(local.day, lastDay) }
    return size === whole ? monthsMoved : moved(monthsMoved, Math.sign(size) * 15, 'day')
  }
  if (unit === 'workday') return { ...local, ...addWorkdays(local, size) }
  return fieldsOf(utcMs(local) + Math.round(size * (seconds[unit] ?? 0)) * 1000)
}

function addWorkdays(local: LocalTime, count: number): { year: number; month: number; day: number } {
  const step = count < 0 ? -1 : 1
  let day = addDays(local, 0)
  for (let left = Math.min(Math.abs(Math.round(count)), 2000); left > 0;) {
    day = addDays(day, step)
    if (weekdayOf(day) <= 5) left--
  }
  return day
}

/** The whole unit in which a moved time lies: in seven years is that year, in four weeks that week. */
function unitAround(local: LocalTime, size: number, unit: Unit): Reading {
  if (unit === 'year' && Number.isInteger(size)) return point(yearEdge(local.year))
  if (
    (unit === 'month' || unit === 'quarter' || unit === 'year') &&
    Number.isInteger(size * (unit === 'year' ? 12 : 1))
  ) {
    return point(monthEdge(local.year, local.month))
  }
  if (unit === 'week') {
    const monday = mondayOf(local)
    return span(dayEdge(monday), dayEdge(addDays(monday, 6)))
  }
  if (unit === 'hour' && Number.isInteger(size))
    return point({ local: { ...local, minute: 0, second: 0 }, precision: 'hour' })
  if (unit === 'hour' || unit === 'minute') return point({ local: { ...local, second: 0 }, precision: 'minute' })
  if (unit === 'second') return point({ local, precision: 'second' })
  return point(dayEdge(local))
}

function instant(local: LocalTime): Edge {
  return { local, precision: 'second' }
}

function ahead(size: Amount, sign: 1 | -1, now: Now): Reading {
  const [near, far] = [moved(now.local, sign * size.from, size.unit), moved(now.local, sign * size.to, size.unit)]
  if (size.from === size.to) return unitAround(near, size.from, size.unit)
  const [first, last] = sign > 0 ? [near, far] : [far, near]
  const from = unitAround(first, 1, size.unit)
  const to = unitAround(last, 1, size.unit)
  return span(from.kind === 'point' ? from.at : from.start, to.kind === 'point' ? to.at : to.end)
}

/** From now until the end of the last day (or the last second, for hours and less) of a stretch ahead. */
function next(size: Amount, now: Now): Reading {
  const { unit } = size
  if (unit === 'hour' || unit === 'minute' || unit === 'second')
    return span(instant(now.local), instant(moved(now.local, size.to, unit)))
  // Months and years ahead are meant as so many days: corpora count 30 and 365.
  const days: Readonly<Partial<Record<Unit, number>>> = { year: 365, quarter: 90, month: 30 }
  const perUnit = days[unit]
  const end =
    perUnit === undefined ? moved(now.local, size.to, unit) : moved(now.local, Math.round(size.to * perUnit), 'day')
  return span(instant(now.local), dayEdge(end))
}

function past(size: Amount, now: Now): Reading {
  const start = moved(now.local, -size.to, size.unit)
  const isLong = size.unit === 'year' || size.unit === 'month' || size.unit === 'quarter'
  return span(isLong ? dayEdge(start) : instant(start), instant(now.local))
}

/** 前两周 begins with a day, 近两周 at this time of day. */
function wholeDays(reading: Reading, unit: Unit): Reading {
  if (reading.kind === 'point' || unit === 'hour' || unit === 'minute' || unit === 'second') return reading
  return span(dayEdge(reading.start.local), reading.end)
}

// 3月前 is before March; three months ago are 3个月前.
const sized = `(${amount})(?:多)?(?:(个半)|(?!月))(${unitPattern})(半)?`
const afterOrBefore = new RegExp(
  `${sized}(?:的?时间)?(?:之|以)?(?:(前|后)(?![往夕来列景提沿身任辈期勤果卫台门])|(内)|(来))`,
  'y',
)
const english = /(\d{1,3}|an?|one|two|three)\s(second|minute|min|hour|day|week|month|year)s?\sago/iy
const aheadOf = new RegExp(
  `(?:未来|今后|接下来|往后|此后|后续|之后|后(?!半))的?(${amount})(?:多)?(个半)?(${unitPattern})(半)?(?:之?内|里)?`,
  'y',
)
const pastOf = new RegExp(
  `(?:过去|最近|近|此前|过往|之前)的?(${amount})(?:多)?(个半)?(${unitPattern})(半)?(?:之?内|以?来|里|间)?`,
  'y',
)
const beforeOf = new RegExp(`(?:前|上(?!一))(?!半)(${amount})(个半)?(?!个?季度)(${unitPattern})`, 'y')
const instants = /刚刚|刚才|现在|此刻|此时|just now/iy
const pairs = /(前|昨|今|明)(今|明|后)两?(天|年|日)|(?:这|近)两天/y

const englishAmounts: Readonly<Record<string, number>> = { a: 1, an: 1, one: 1, two: 2, three: 3 }
const englishUnits: Readonly<Record<string, Unit>> = {
  second: 'second',
  minute: 'minute',
  min: 'minute',
  hour: 'hour',
  day: 'day',
  week: 'week',
  month: 'month',
  year: 'year',
}

function readPair(scanner: Scanner, now: Now): Reading | null {
  const match = scanner.take(pairs)
  if (!match) return null
  const shifts: Readonly<Record<string, number>> = { 前: -2, 昨: -1, 今: 0, 明: 1, 后: 2 }
  if (match[1] === undefined) return null
  const [from, to] = [shifts[match[1]] ?? 0, shifts[match[2] ?? ''] ?? 1]
  if (match[3] === '年') return span(yearEdge(now.local.year + from), yearEdge(now.local.year + to))
  return span(dayEdge(addDays(now.local, from)), dayEdge(addDays(now.local, to)))
}

/** Times counted from the reference by an amount: `20天后`, `近三个月`, `未来两周`, `3 hours ago`; `null` when none is here. */
export function readDuration(scanner: Scanner, now: Now): Reading | null {
  const start = scanner.position
  const reading = readPair(scanner, now) ?? readSized(scanner, now)
  if (reading === null) scanner.position = start
  return reading
}

function readSized(scanner: Scanner, now: Now): Reading | null {
  const inEnglish = scanner.take(english)
  if (inEnglish) {
    const word = (inEnglish[1] ?? '').toLowerCase()
    const unit = englishUnits[(inEnglish[2] ?? '').toLowerCase()] ?? 'day'
    const size = englishAmounts[word] ?? Number(word)
    return ahead({ from: size, to: size, unit }, -1, now)
  }
  if (scanner.take(instants)) return point(instant(now.local))
  const relative = scanner.take(afterOrBefore)
  if (relative) return readRelative(relative, now)
  const coming = scanner.take(aheadOf)
  const size = coming && amountOf(coming[1], coming[2] ?? coming[4], coming[3])
  if (size) return next(size, now)
  const recent = scanner.take(pastOf)
  const recentSize = recent && amountOf(recent[1], recent[2] ?? recent[4], recent[3])
  if (recentSize) return past(recentSize, now)
  const before = scanner.take(beforeOf)
  const size2 = before && amountOf(before[1], before[2], before[3])
  return size2 ? wholeDays(past(size2, now), size2.unit) : null
}

function readRelative(match: RegExpExecArray, now: Now): Reading | null {
  const size = amountOf(match[1], match[2] ?? match[4], match[3])
  if (size === null) return null
  if (match[6] !== undefined) return next(size, now)
  if (match[7] !== undefined) return past(size, now)
  if (match[5] === '后' && size.unit === 'workday') return span(dayEdge(moved(now.local, size.to, size.unit)), null)
  return ahead(size, match[5] === '后' ? 1 : -1, now)
}
