import type { StatedSpan, StatedTime } from '../../model/time.ts'
import type { Edge, Reading } from './calendar.ts'
import { readExpression } from './expression.ts'
import type { Strictness } from './rule.ts'
import { narrow, Scanner } from './scanner.ts'
import { instantMs, localTimeOf } from '../../text/zone.ts'

/** What times are read against. */
export interface TimeReference {
  /** When the text was published, else fetched: what "yesterday" and missing years are counted from. */
  readonly reference: Date
  /** IANA name or offset of the clocks that the text speaks of: `Asia/Shanghai`, `+08:00`. */
  readonly zone: string
  /** `future` for texts that announce: a date without a year is the next one. Absent: the one in the reference's year. */
  readonly toward?: 'future'
}

/** A time found in a running text. */
export interface FoundTime {
  readonly index: number
  readonly length: number
  readonly time: StatedTime | StatedSpan
}

function toStated(edge: Edge, zone: string): StatedTime | null {
  const ms = instantMs(edge.local, zone)
  // Beyond these years ISO 8601 needs more digits than readers of feeds expect.
  if (!Number.isFinite(ms) || edge.local.year < 1 || edge.local.year > 9998) return null
  return { at: new Date(ms).toISOString(), precision: edge.precision, zone, from: 'text' }
}

function emit(reading: Reading, zone: string): StatedTime | StatedSpan | null {
  if (reading.kind === 'point') return toStated(reading.at, zone)
  const start = toStated(reading.start, zone)
  if (start === null) return null
  if (reading.end === null) return { start, end: null }
  const end = toStated(reading.end, zone)
  return end === null ? null : { start, end }
}

/** Characters that can begin a time; anything else is passed over without a try. */
const beginnings =
  /[\d〇零○一二两三四五六七八九十廿卅百几数半上下今明昨前后大本当这去头来翌次同即农阴旧公新阳西正腊冬闰首第Qq春夏秋年岁月周星礼元情妇植消愚世劳青护儿建教国万记光双平圣母父感龙端七中重除惊清谷立芒处白寒霜凌拂破黎早午晌傍黄深夜子晚未接过最近此刚现间从自]|\b[a-z]/gi

/** Texts beyond this length are not searched: a time that matters stands long before. */
const maxSearched = 200_000

function search(text: string, from: TimeReference, strictness: Strictness, onlyFirst: boolean): FoundTime[] {
  const scanned = narrow(text.slice(0, maxSearched))
  const now = { local: localTimeOf(from.reference.getTime(), from.zone), toward: from.toward ?? null }
  if (!Number.isFinite(now.local.year)) return []
  const found: FoundTime[] = []
  const scanner = new Scanner(scanned, 0)
  beginnings.lastIndex = 0
  for (let match = beginnings.exec(scanned); match; match = beginnings.exec(scanned)) {
    scanner.position = match.index
    const reading = readExpression(scanner, now, strictness)
    const time = reading === null ? null : emit(reading, from.zone)
    if (time !== null) {
      found.push({ index: match.index, length: scanner.position - match.index, time })
      if (onlyFirst) break
    }
    if (scanner.position > match.index) beginnings.lastIndex = scanner.position
  }
  return found
}

/**
 * The time that a short text states: `12月4-5日`, `下周三下午2点半`, `农历九月初九`, `近30天`.
 * @returns `null` when it states none
 */
export function readTime(text: string, from: TimeReference): StatedTime | StatedSpan | null {
  const hint = from.toward === undefined && announces.test(text) ? { ...from, toward: 'future' as const } : from
  return search(text, hint, 'whole', true)[0]?.time ?? null
}

/** Words that put what they stand beside ahead of the text. */
const announces = /将(?:在|于|举|召|开|启|迎|正|会|由|与|至|以)|定于|拟于|即将/

/** The times in a running text, in order. Stricter than `readTime`: "3点建议" and "2019.5万元" are no times. */
export function findTimes(text: string, from: TimeReference): FoundTime[] {
  return search(text, from, 'running', false)
}
