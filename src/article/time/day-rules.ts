import { ambiguousHolidays, holidayNames } from './holiday.ts'
import { levels, type Pieces } from './pieces.ts'
import { isWithin, numberOf, type Rule, shiftOf, small, weekdayNumber } from './rule.ts'

const relativeDays: Readonly<Record<string, number>> = {
  大前: -3,
  前: -2,
  昨: -1,
  今: 0,
  本: 0,
  当: 0,
  同: 0,
  即: 0,
  明: 1,
  次: 1,
  翌: 1,
  后: 2,
  大后: 3,
}
/** Weeks and their days. */
export const weeks: readonly Rule[] = [
  {
    level: levels.week,
    pattern:
      /(上上|上|这|本|下下|下|当|前)(?:一个|个|一)?(?:周|星期|礼拜)(?!年|边|围|期|岁|刊)([一二三四五六日天末1-7](?![\d年]))?/y,
    apply: (match, pieces) => {
      pieces.week = shiftOf(match[1])
      pieces.weekday = match[2] === undefined ? null : weekdayNumber(match[2])
      pieces.isAnchored = true
      return true
    },
  },
  {
    level: levels.day,
    pattern: /(?:周|星期|礼拜)([一二三四五六日天末])(?!年|期|岁|报|刊)/y,
    apply: (match, pieces) => {
      // After a date it only repeats what the date says.
      if (pieces.day === null && pieces.holiday === null && pieces.nth === null)
        pieces.weekday = weekdayNumber(match[1])
      return true
    },
  },
]

/** Days by number, by name and counted from the reference. */
export const days: readonly Rule[] = [
  {
    level: levels.day,
    pattern: new RegExp(`(${holidayNames})(?:当天|当日|前后|期间)?`, 'y'),
    apply: (match, pieces, { strictness }) => {
      const name = match[1] ?? ''
      const isVague = ambiguousHolidays.has(name) || name.length < 2
      if (isVague && pieces.first === 0 && strictness === 'running') return false
      if (pieces.last > levels.year) return false
      pieces.holiday = name
      return true
    },
  },
  {
    level: levels.day,
    pattern: new RegExp(
      String.raw`(?<!\d)(${small})(?:日|号)(?!线|楼|院|店|机|文|码|馆|门|厅|令|元|均|产|常|本|报|车|台|井|坑|公告)`,
      'y',
    ),
    apply: (match, pieces) => {
      const day = numberOf(match[1])
      if (!isWithin(day, 1, 31) || (pieces.last !== 0 && pieces.last !== levels.month)) return false
      pieces.day = { stated: day }
      return true
    },
  },
  {
    level: levels.day,
    pattern: /(?:大年)?初([一二三四五六七八九十])|(廿[一二三四五六七八九]|廿(?![一二三四五六七八九])|卅)(?![年多余])/y,
    apply: (match, pieces, { strictness }) => {
      const isNewYear = match[0].startsWith('大年')
      if (!isNewYear && pieces.month === null && strictness === 'running') return false
      if (pieces.month === null) pieces.month = { stated: 1 }
      pieces.isLunar = true
      pieces.day = { stated: numberOf(match[1] ?? match[2]) }
      return true
    },
  },
  {
    level: levels.day,
    pattern:
      /(三十|二十[一二三四五六七八九]?|十[一二三四五六七八九]?)(?=$|[\s,，。、;；:：()（）到至晚早上下中凌的~—-])(?![上下中](?![午旬]))/y,
    apply: (match, pieces) => {
      if (!pieces.hasChineseMonth || pieces.last !== levels.month) return false
      pieces.isLunar = true
      pieces.day = { stated: numberOf(match[1]) }
      return true
    },
  },
  {
    level: levels.day,
    pattern: /(\d{1,2})(?=$|[\s,，。;；)）晚早上下中凌])/y,
    apply: (match, pieces, { strictness }) => {
      const day = Number(match[1])
      if (strictness === 'running' || pieces.last !== levels.month || pieces.hasChineseMonth || !isWithin(day, 1, 31))
        return false
      pieces.day = { stated: day }
      return true
    },
  },
  {
    level: levels.day,
    pattern: /(大前|大后|前|昨|今|本|当|同|即|明|次|翌|后)(?:天|日)(?!报|本|晚报|志|元|常)/y,
    apply: (match, pieces) => pieces.last <= levels.year && setRelativeDay(pieces, match[1]),
  },
  {
    level: levels.day,
    pattern: /第二天|次日|翌日/y,
    apply: (_, pieces) => pieces.first === 0 && setRelativeDay(pieces, '次'),
  },
  {
    level: levels.day,
    pattern: /(昨|今|明|当|前|后|次)(?=晚(?!会|报|餐|宴|年|期|间新闻)|早(?!期|就|已)|晨|夜)/y,
    apply: (match, pieces) => pieces.first === 0 && setRelativeDay(pieces, match[1]),
  },
  {
    level: levels.day,
    pattern: /今(?=$|下午|上午|中午|凌晨|傍晚|天)/y,
    apply: (_, pieces, { strictness }) => pieces.first === 0 && strictness === 'whole' && setRelativeDay(pieces, '今'),
  },
]

function setRelativeDay(pieces: Pieces, word: string | undefined): boolean {
  pieces.day = { shift: relativeDays[word ?? ''] ?? 0 }
  pieces.isAnchored = true
  return true
}
