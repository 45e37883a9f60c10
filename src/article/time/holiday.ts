import { addDays, type Day, lunarDay, lunarNewYearsEve, solarTermDay, weekdayOf } from './calendar.ts'

type DayOfYear = (year: number) => Day | null

function on(month: number, day: number): DayOfYear {
  return (year) => ({ year, month, day })
}

function lunarOn(month: number, day: number): DayOfYear {
  return (year) => lunarDay(year, month, day, false)
}

/** The nth (from 1) weekday (1 is Monday) of a month. */
function nthWeekday(month: number, weekday: number, nth: number): DayOfYear {
  return (year) => {
    const first = { year, month, day: 1 }
    return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + (nth - 1) * 7)
  }
}

/** Public holidays, festivals and days of observance, by the names that Chinese texts use. */
const holidays: Readonly<Record<string, DayOfYear>> = {
  元旦: on(1, 1),
  元旦节: on(1, 1),
  情人节: on(2, 14),
  妇女节: on(3, 8),
  三八节: on(3, 8),
  三八妇女节: on(3, 8),
  植树节: on(3, 12),
  消费者权益日: on(3, 15),
  愚人节: on(4, 1),
  世界读书日: on(4, 23),
  劳动节: on(5, 1),
  五一: on(5, 1),
  五一节: on(5, 1),
  五一劳动节: on(5, 1),
  国际劳动节: on(5, 1),
  青年节: on(5, 4),
  五四青年节: on(5, 4),
  护士节: on(5, 12),
  儿童节: on(6, 1),
  六一: on(6, 1),
  六一儿童节: on(6, 1),
  建党节: on(7, 1),
  建军节: on(8, 1),
  八一建军节: on(8, 1),
  教师节: on(9, 10),
  国庆: on(10, 1),
  国庆节: on(10, 1),
  十一国庆节: on(10, 1),
  万圣节: on(10, 31),
  记者节: on(11, 8),
  光棍节: on(11, 11),
  双十一: on(11, 11),
  双11: on(11, 11),
  双十二: on(12, 12),
  双12: on(12, 12),
  国家公祭日: on(12, 13),
  平安夜: on(12, 24),
  圣诞: on(12, 25),
  圣诞节: on(12, 25),
  母亲节: nthWeekday(5, 7, 2),
  父亲节: nthWeekday(6, 7, 3),
  感恩节: nthWeekday(11, 4, 4),
  春节: lunarOn(1, 1),
  大年初一: lunarOn(1, 1),
  元宵: lunarOn(1, 15),
  元宵节: lunarOn(1, 15),
  龙抬头: lunarOn(2, 2),
  端午: lunarOn(5, 5),
  端午节: lunarOn(5, 5),
  七夕: lunarOn(7, 7),
  七夕节: lunarOn(7, 7),
  中元节: lunarOn(7, 15),
  中秋: lunarOn(8, 15),
  中秋节: lunarOn(8, 15),
  重阳: lunarOn(9, 9),
  重阳节: lunarOn(9, 9),
  腊八: lunarOn(12, 8),
  腊八节: lunarOn(12, 8),
  小年: lunarOn(12, 23),
  除夕: lunarNewYearsEve,
  除夕夜: lunarNewYearsEve,
  大年夜: lunarNewYearsEve,
  大年三十: lunarNewYearsEve,
  年三十: lunarNewYearsEve,
  清明节: (year) => solarTermDay(year, '清明'),
}

/** 二十四节气. */
const solarTerms =
  '立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至 小寒 大寒'.split(
    ' ',
  )

/** Words that are much else besides: heavy snow, rain water, a doctor's surname. Read only with a year or 节气 beside them. */
export const ambiguousHolidays: ReadonlySet<string> = new Set(['雨水', '小雪', '大雪', '小满', '小年', '五一', '六一'])

/** Names of days of the year, longest first, as a piece of a pattern. */
export const holidayNames = [...Object.keys(holidays), ...solarTerms].toSorted((a, b) => b.length - a.length).join('|')

/** The day that a festival or solar term falls on in a year; `null` for a name that is none. */
export function holidayDay(name: string, year: number): Day | null {
  return solarTerms.includes(name) ? solarTermDay(year, name) : (holidays[name]?.(year) ?? null)
}
