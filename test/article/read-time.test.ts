import { expect, test } from 'vitest'
import { findTimes, readTime } from '../../src/article/time/read-time.ts'
import { localTimeOf, zoneOffsetMs } from '../../src/text/zone.ts'
import { isSpan, type StatedSpan, type StatedTime } from '../../src/model/time.ts'

/** Wednesday, 18 March 2026, 10:20:30 in Shanghai. */
const from = { reference: new Date('2026-03-18T10:20:30+08:00'), zone: 'Asia/Shanghai' }

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function showOne(time: StatedTime): string {
  const { year, month, day, hour, minute, second } = localTimeOf(Date.parse(time.at), time.zone)
  const parts = [`${year}`, `-${two(month)}`, `-${two(day)}`, ` ${two(hour)}h`, `:${two(minute)}`, `:${two(second)}`]
  const kept = { year: 1, month: 2, day: 3, hour: 4, minute: 5, second: 6 }[time.precision]
  return parts.slice(0, kept).join('').replace('h:', ':')
}

/** A time as its local fields down to its precision: `2026-03`, `2026-03-18 10h`, `2026-03-18 10:20 .. 2026-03-20`. */
function show(time: StatedTime | StatedSpan | null): string {
  if (time === null) return 'none'
  if (!isSpan(time)) return showOne(time)
  return `${showOne(time.start)} .. ${time.end === null ? '' : showOne(time.end)}`.trim()
}

test.each([
  ['2025-07-09', '2025-07-09'],
  ['2025/7/9 08:05', '2025-07-09 08:05'],
  ['2025.07', '2025-07'],
  ['20250709', '2025-07-09'],
  ['2025年7月9日', '2025-07-09'],
  ['二〇二五年七月九日', '2025-07-09'],
  ['２０２５年７月９日', '2025-07-09'],
  ['7月9日下午3点一刻', '2026-07-09 15:15'],
  ['晚上8时05分', '2026-03-18 20:05'],
  ['廿九年', 'none'],
  ['2025-02-29', 'none'],
])('a written date or time: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test.each([
  ['昨天', '2026-03-17'],
  ['后天上午9:30', '2026-03-20 09:30'],
  ['上周五', '2026-03-13'],
  ['下下周一', '2026-03-30'],
  ['下月8日', '2026-04-08'],
  ['去年11月', '2025-11'],
  ['3天后', '2026-03-21'],
  ['45分钟前', '2026-03-18 09:35'],
  ['两三天后', '2026-03-20 .. 2026-03-21'],
  ['十几年前', '2006 .. 2016'],
  ['近两周', '2026-03-04 10:20:30 .. 2026-03-18 10:20:30'],
  ['昨晚12点', '2026-03-18 00h'],
])('a time counted from the reference: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test.each([
  ['3月20-22日', '2026-03-20 .. 2026-03-22'],
  ['3月30日至4月2日', '2026-03-30 .. 2026-04-02'],
  ['12月30日至1月2日', '2026-12-30 .. 2027-01-02'],
  ['6月3、4、5日', '2026-06-03 .. 2026-06-05'],
  ['4月9日9:00—11:45', '2026-04-09 09:00 .. 2026-04-09 11:45'],
  ['下午2点到5点', '2026-03-18 14h .. 2026-03-18 17:00:00'],
  ['晚上10点到凌晨2点', '2026-03-18 22h .. 2026-03-19 02:00:00'],
  ['2021-2025年', '2021 .. 2025'],
  ['4月30日前', '2026-03-18 10:20:30 .. 2026-04-30'],
  ['5月1日起', '2026-05-01 ..'],
  ['2020年至今', '2020 .. 2026-03-18 10:20:30'],
])('a range: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test.each([
  ['年初', '2026-01 .. 2026-02'],
  ['第三季度', '2026-07 .. 2026-09'],
  ['前三季度', '2026-01 .. 2026-09'],
  ['下半年', '2026-07 .. 2026-12'],
  ['七八月份', '2026-07 .. 2026-08'],
  ['5月中旬', '2026-05-11 .. 2026-05-20'],
  ['本月底', '2026-03-25 .. 2026-03-31'],
  ['6月的第二个周日', '2026-06-14'],
  ['九十年代', '1990 .. 1999'],
])('a part of a year, month or century: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test.each([
  ['农历八月十五', '2026-09-25'],
  ['正月十五', '2026-03-03'],
  ['2025年闰六月初一', '2025-07-25'],
  ['2025年除夕', '2026-02-16'],
  ['端午节', '2026-06-19'],
  ['2026年夏至', '2026-06-21'],
  ['2026年2月30日', 'none'],
])('a day of the Chinese calendar: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test.each([
  ['May 6-8, 2026', '2026-05-06 .. 2026-05-08'],
  ['6 May 2026', '2026-05-06'],
  ['Dec. 30, 2026 to January 2, 2027', '2026-12-30 .. 2027-01-02'],
  ['Thursday, April 2 at 3:30 p.m.', '2026-04-02 15:30'],
  ['two days ago', '2026-03-16'],
])('an English date: %s', (text, expected) => {
  expect(show(readTime(text, from))).toBe(expected)
})

test('words that announce put a date without a year ahead of the reference', () => {
  expect(show(readTime('1月5日', from))).toBe('2026-01-05')
  expect(show(readTime('1月5日将召开', from))).toBe('2027-01-05')
  expect(show(readTime('1月5日', { ...from, toward: 'future' }))).toBe('2027-01-05')
})

test('a date with a weekday in brackets is the date', () => {
  expect(show(readTime('周六（3月21日）', from))).toBe('2026-03-21')
  expect(show(readTime('3月21日（星期六）上午', from))).toBe('2026-03-21 07h .. 2026-03-21 11h')
})

test('the instant follows the zone that is asked for, summer time too', () => {
  const winter = readTime('2026-01-15 09:00', { reference: from.reference, zone: 'America/New_York' })
  const summer = readTime('2026-07-15 09:00', { reference: from.reference, zone: 'America/New_York' })
  expect([winter, summer]).toMatchObject([{ at: '2026-01-15T14:00:00.000Z' }, { at: '2026-07-15T13:00:00.000Z' }])
})

test('a clock reading that summer time skips is read with the offset before the change', () => {
  const time = readTime('2026-03-29 02:30', { reference: from.reference, zone: 'Europe/Berlin' })
  expect(time).toMatchObject({ at: '2026-03-29T01:30:00.000Z' })
})

test('a clock reading that comes twice in autumn is the first of the two', () => {
  const time = readTime('2026-10-25 02:30', { reference: from.reference, zone: 'Europe/Berlin' })
  expect(time).toMatchObject({ at: '2026-10-25T00:30:00.000Z' })
})

test('China had summer time from 1986 to 1991', () => {
  expect(zoneOffsetMs(Date.parse('1988-07-01T00:00:00Z'), 'Asia/Shanghai')).toBe(9 * 3_600_000)
})

function readSome(): string[] {
  return ['2026-03-29 02:30', '农历八月十五', '昨晚12点'].map((text) => show(readTime(text, from)))
}

test('the zone of the process has no part in what is read', () => {
  const before = process.env['TZ']
  const here = readSome()
  process.env['TZ'] = 'America/Los_Angeles'
  const elsewhere = readSome()
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
  expect(elsewhere).toEqual(here)
})

test('times in a running text are found where they stand', () => {
  const text = '会议将于4月9日上午9时在市政府召开，会期两天。参会人员请于4月8日下午报到。'
  const found = findTimes(text, from).map(({ index, length, time }) => [text.slice(index, index + length), show(time)])
  expect(found).toEqual([
    ['4月9日上午9时', '2026-04-09 09h'],
    ['4月8日下午', '2026-04-08 13h .. 2026-04-08 17h'],
  ])
})

test.each(['对此提出3点建议', '投资2019.5万元', '位于人民路10号楼', '市政协委员一行5人', '完成进度3/4', '10月1日前往'])(
  'what only looks like a time is not read in a running text: %s',
  (text) => {
    const spans = findTimes(text, from).filter(({ time }) => isSpan(time) || !text.startsWith('10月1日'))
    expect(spans).toEqual([])
  },
)

test('no text makes it throw or take long', () => {
  const texts = [
    '1'.repeat(100_000),
    '一二三'.repeat(30_000),
    '1月'.repeat(50_000),
    '2019-'.repeat(20_000),
    '、1日'.repeat(30_000),
  ]
  for (const text of texts) {
    expect(() => readTime(text, from)).not.toThrow()
    expect(findTimes(text, from)).toBeInstanceOf(Array)
  }
}, 60_000)
