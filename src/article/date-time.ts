import type { StatedTime, TimePrecision } from '../model/time.ts'
import { instantIn, isZone } from './zone.ts'

/** How the page's times are to be understood where they do not say it themselves. */
export interface TimeContext {
  /** IANA name or offset of times that state none. */
  readonly zone: string
  /** When the page was fetched; `null`: "3 hours ago" is not read. */
  readonly reference: Date | null
}

/** A date as it stands in a text. */
export interface DateMatch {
  readonly time: StatedTime
  /** Where the match begins and ends in the text that was read. */
  readonly index: number
  readonly end: number
}

interface Parts {
  readonly year: number
  readonly month: number
  readonly day: number
}

interface Clock {
  readonly hour: number
  readonly minute: number
  readonly second: number | null
  readonly zone: string | null
  readonly length: number
}

const digits = '〇○零一二三四五六七八九'

/** The first three signs all mean zero. */
const digitOf = (sign: string) => Math.max(0, digits.indexOf(sign) - 2)

/** 二〇一九 as 2019, 二十三 as 23. */
function chineseNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  if (!text.includes('十')) return Number(text.replace(/./g, (sign) => String(digitOf(sign))))
  const [tens = '', ones = ''] = text.split('十')
  return (tens === '' ? 1 : digitOf(tens)) * 10 + (ones === '' ? 0 : digitOf(ones))
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthOf = (name: string) => monthNames.indexOf(name.slice(0, 3).toLowerCase()) + 1
const monthWords =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?'

interface Form {
  readonly pattern: RegExp
  readonly read: (match: readonly string[]) => Parts
}

const parts = (year: string | undefined, month: string | undefined, day: string | undefined): Parts => ({
  year: chineseNumber(year ?? ''),
  month: chineseNumber(month ?? ''),
  day: chineseNumber(day ?? ''),
})

/** The forms in which a day is written, each with its year. */
const forms: readonly Form[] = [
  {
    // 2019年10月31日, 2019-10-31, 2019/10/31, 2019.10.31, 2019년 10월 31일
    pattern:
      /(?<![\d.])((?:19|20)\d{2})\s?(?:年|년|[-/.．－]|\s)\s?(0?[1-9]|1[0-2])\s?(?:月|월|[-/.．－])\s?(3[01]|[12]\d|0?[1-9])(?:\s?[日号號일]|(?!\d))/g,
    read: ([, year, month, day]) => parts(year, month, day),
  },
  {
    // 二〇一九年十月三十一日
    pattern:
      /([一二][〇○零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]/g,
    read: ([, year, month, day]) => parts(year, month, day),
  },
  {
    // 民國108年10月31日: the years of the Republic of China begin with 1912
    pattern: /(?:民國|民国|中華民國|中华民国)\s?(\d{2,3})\s?年\s?(0?[1-9]|1[0-2])\s?月\s?(3[01]|[12]\d|0?[1-9])\s?日/g,
    read: ([, year, month, day]) => ({ ...parts(year, month, day), year: Number(year) + 1911 }),
  },
  {
    // October 31, 2019; Oct. 31st 2019
    pattern: new RegExp(String.raw`\b(${monthWords})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s((?:19|20)\d{2})(?!\d)`, 'gi'),
    read: ([, month, day, year]) => ({ year: Number(year), month: monthOf(month ?? ''), day: Number(day) }),
  },
  {
    // 31 October 2019; 31-Oct-2019
    pattern: new RegExp(
      String.raw`(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-](${monthWords})\.?,?[\s-]((?:19|20)\d{2})(?!\d)`,
      'gi',
    ),
    read: ([, day, month, year]) => ({ year: Number(year), month: monthOf(month ?? ''), day: Number(day) }),
  },
  {
    // 20191031, alone or with a time of day: 20191031093000
    pattern: /(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=\d{6}(?!\d)|(?!\d))/g,
    read: ([, year, month, day]) => parts(year, month, day),
  },
]

/** What every one of the forms has. */
const hasYear = /(?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3}年|民[國国]/

const clock =
  /^(?:T|[\s,，|·]|[(（](?:星期|周|礼拜)?[一二三四五六日天]?[)）]|星期[一二三四五六日天]|周[一二三四五六日]|at\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?)*(上午|下午|晚上|晚|凌晨|清晨|早上|早|中午|傍晚|午后|am|pm)?\s?([01]?\d|2[0-4])\s?(?:[:：]|[时時点點](?=[0-5]?\d分?))\s?([0-5]?\d)(?:分(?!钟))?(?:\s?[:：]?\s?([0-5]\d)秒?(?!\d))?(?:[.,]\d{1,9})?\s?([ap]\.?m\.?)?/i
const compactClock = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)(?!\d)/
const offset =
  /^\s?(?:(Z)\b|(?:GMT|UTC)?\s?([+-])(\d{2}):?(\d{2})|(GMT|UTC|EST|EDT|CST|CDT|MST|MDT|PST|PDT|BST|CET|CEST|HKT|SGT|JST|KST|ET|PT)\b|[(（]?(北京时间)[)）]?)/

/** Abbreviations that mean one thing on pages of news; CST stands for China's time where the page's zone says so. */
const namedZones: Readonly<Record<string, string>> = {
  GMT: '+00:00',
  UTC: '+00:00',
  EST: '-05:00',
  EDT: '-04:00',
  CDT: '-05:00',
  MST: '-07:00',
  MDT: '-06:00',
  PST: '-08:00',
  PDT: '-07:00',
  ET: 'America/New_York',
  PT: 'America/Los_Angeles',
  BST: '+01:00',
  CET: '+01:00',
  CEST: '+02:00',
  HKT: '+08:00',
  SGT: '+08:00',
  JST: '+09:00',
  KST: '+09:00',
}

function readOffset(text: string): { zone: string | null; length: number } {
  const match = offset.exec(text)
  if (!match) return { zone: null, length: 0 }
  const [all, zulu, sign, hours, minutes, name, beijing] = match
  if (zulu) return { zone: '+00:00', length: all.length }
  if (beijing) return { zone: 'Asia/Shanghai', length: all.length }
  if (sign) return { zone: `${sign}${hours}:${minutes}`, length: all.length }
  return { zone: namedZones[name ?? ''] ?? null, length: all.length }
}

const afternoon = /^(?:下午|晚|傍晚|午后|p)/i

function readClock(rest: string): Clock | null {
  const compact = compactClock.exec(rest)
  if (compact) {
    const [all, hour, minute, second] = compact
    return { hour: Number(hour), minute: Number(minute), second: Number(second), zone: null, length: all.length }
  }
  const match = clock.exec(rest)
  if (!match) return null
  const [all, before, hours, minute, second, after] = match
  const half = before ?? after ?? ''
  let hour = Number(hours) % 24
  if (afternoon.test(half) && hour < 12) hour += 12
  else if (/^a|^凌晨/i.test(half) && hour === 12) hour = 0
  const { zone, length } = readOffset(rest.slice(all.length))
  return {
    hour,
    minute: Number(minute),
    second: second === undefined ? null : Number(second),
    zone,
    length: all.length + length,
  }
}

/** Only this much of a text is searched: nobody writes a date further into a line of credits. */
const searched = 400

/** The dates of a text in their order, each with the time of day that follows it. */
export function readDateTimes(text: string, context: TimeContext, from: string): readonly DateMatch[] {
  const source = text.slice(0, searched)
  if (!/[\d〇]/.test(source)) return []
  const found: DateMatch[] = []
  for (const form of hasYear.test(source) ? forms : []) {
    for (const match of source.matchAll(form.pattern)) {
      const date = form.read(match)
      const end = match.index + match[0].length
      const clock = readClock(source.slice(end, end + 60))
      const made = stated(date, clock, context, from)
      if (made && !found.some((other) => match.index < other.end && end > other.index)) {
        found.push({ time: made, index: match.index, end: end + (clock?.length ?? 0) })
      }
    }
  }
  if (context.reference) found.push(...readRelative(source, context.reference, context.zone, from))
  return found.toSorted((a, b) => a.index - b.index)
}

function stated(
  { year, month, day }: Parts,
  clock: Clock | null,
  context: TimeContext,
  from: string,
): StatedTime | null {
  const zone = clock?.zone ?? context.zone
  if (!isZone(zone)) return null
  const at = instantIn(zone, [year, month, day, clock?.hour ?? 0, clock?.minute ?? 0, clock?.second ?? 0])
  if (!at) return null
  const precision: TimePrecision = clock === null ? 'day' : clock.second === null ? 'minute' : 'second'
  return { at: at.toISOString(), precision, zone, from }
}

const ago =
  /(?<![\d.])(\d{1,3})\s?(秒|分钟|分鐘|小时|小時|个小时|天|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)\s?(?:之?前|ago\b)|(刚刚|剛剛|just now)/gi
const dayWord = /(今天|今日|昨天|昨日|前天|today|yesterday)\s{0,2}(?:at\s)?([01]?\d|2[0-3])[:：]([0-5]\d)/gi

/** One of these is in all of them, and in few lines. */
const maybeRelative = /[前刚剛今昨]|ago|just|day/i

const unitMs = (unit: string) =>
  /^秒|^s/i.test(unit) ? 1000 : /^分|^m/i.test(unit) ? 60_000 : /^小|^个|^h/i.test(unit) ? 3_600_000 : 86_400_000

/** 3小时前, 昨天 09:30, 2 hours ago: as exact as their unit is. */
function readRelative(text: string, reference: Date, zone: string, from: string): DateMatch[] {
  if (!maybeRelative.test(text)) return []
  const found: DateMatch[] = []
  for (const match of text.matchAll(ago)) {
    const [all, count, unit] = match
    const ms = unit === undefined ? 60_000 : unitMs(unit)
    const at = new Date(
      Math.floor((reference.getTime() - (unit === undefined ? 0 : Number(count) * ms)) / 60_000) * 60_000,
    )
    if (ms >= 86_400_000) {
      found.push({ time: dayOf(at, zone, from), index: match.index, end: match.index + all.length })
    } else {
      const precision = ms >= 3_600_000 ? 'hour' : 'minute'
      found.push({
        time: { at: at.toISOString(), precision, zone, from },
        index: match.index,
        end: match.index + all.length,
      })
    }
  }
  for (const match of text.matchAll(dayWord)) {
    const [all, word = '', hour, minute] = match
    const back = /^今|^today/i.test(word) ? 0 : word.startsWith('前') ? 2 : 1
    const day = dayOf(new Date(reference.getTime() - back * 86_400_000), zone, from)
    const at = new Date(Date.parse(day.at) + (Number(hour) * 60 + Number(minute)) * 60_000)
    found.push({
      time: { at: at.toISOString(), precision: 'minute', zone, from },
      index: match.index,
      end: match.index + all.length,
    })
  }
  return found
}

function dayOf(instant: Date, zone: string, from: string): StatedTime {
  const [year = 1970, month = 1, day = 1] = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
    .format(instant)
    .split('-')
    .map(Number)
  const at = instantIn(zone, [year, month, day, 0, 0, 0]) ?? instant
  return { at: at.toISOString(), precision: 'day', zone, from }
}

/** A date that stands alone, as in a `<meta>` or in linked data: any of the written forms, or seconds since 1970. */
export function readDateValue(value: string, context: TimeContext, from: string): StatedTime | null {
  const epoch = /^\s*(\d{10})(\d{3})?\s*$/.exec(value)
  if (epoch) {
    const at = new Date(Number(epoch[1]) * 1000)
    return { at: at.toISOString(), precision: 'second', zone: context.zone, from }
  }
  return readDateTimes(value, context, from)[0]?.time ?? null
}
