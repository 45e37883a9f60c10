import { levels, type MonthPart } from './pieces.ts'
import { isWithin, numberOf, type Rule, shiftOf, small, weekdayNumber } from './rule.ts'

const monthParts: Readonly<Record<string, MonthPart>> = {
  上旬: 'first-ten',
  中旬: 'second-ten',
  下旬: 'third-ten',
  上半月: 'first-half',
  上半个月: 'first-half',
  下半月: 'second-half',
  下半个月: 'second-half',
  初: 'start',
  中: 'middle',
  底: 'end',
  末: 'end',
  尾: 'end',
}

/** Months and their parts. */
export const months: readonly Rule[] = [
  {
    level: levels.month,
    pattern: new RegExp(String.raw`(闰)?(?<!\d)(?:(${small})|(正|腊|冬))月份?(?!球|饼|薪|票|租)`, 'y'),
    apply: (match, pieces) => {
      const month = match[3] === undefined ? numberOf(match[2]) : ({ 正: 1, 冬: 11, 腊: 12 }[match[3]] ?? 0)
      if (!isWithin(month, 1, 12)) return false
      pieces.month = { stated: month }
      pieces.hasChineseMonth = !/\d/.test(match[0]) && !match[0].endsWith('份')
      pieces.isLeapMonth = match[1] !== undefined
      pieces.isLunar ||= pieces.isLeapMonth || match[3] !== undefined
      return true
    },
  },
  {
    level: levels.month,
    pattern: /([一二三四五六七八九])([二三四五六七八九十])月份?/y,
    apply: (match, pieces) => {
      const first = numberOf(match[1])
      if (numberOf(match[2]) !== first + 1) return false
      pieces.months = { from: first, to: first + 1 }
      return true
    },
  },
  {
    level: levels.month,
    pattern: /(上上|上|本|当|这|下下|下|次|同)(?:一)?个?月份?(?!球|饼|薪|票|租)/y,
    apply: (match, pieces) => {
      pieces.month = { shift: shiftOf(match[1]) }
      pieces.isAnchored = true
      return true
    },
  },
  {
    level: levels.monthPart,
    pattern:
      /的?(上旬|中旬|下旬|上半个?月|下半个?月|月?(?:初(?![一二三四五六七八九十])|底|末|尾|中(?=$|[,，。、;；到至之以前后])))/y,
    apply: (match, pieces) => {
      const word = (match[1] ?? '').replace(/^月/, '')
      if (pieces.last !== levels.month && !/旬$|^月|半/.test(match[1] ?? '')) return false
      pieces.monthPart = monthParts[word] ?? null
      return pieces.monthPart !== null
    },
  },
]

const units: Readonly<Record<string, 'day' | 'week' | 'month'>> = {
  天: 'day',
  日: 'day',
  周: 'week',
  星期: 'week',
  礼拜: 'week',
  月: 'month',
}

/** Counted parts of a year or month: `第三周`, `前十一个月`. */
export const counted: readonly Rule[] = [
  {
    level: levels.week,
    pattern: new RegExp(
      String.raw`的?(最后|第|首|前|头|后)(${small}|\d{3})?个?(周|星期|礼拜|天|日|月|季度)([一二三四五六日天末](?!天|日))?`,
      'y',
    ),
    apply: (match, pieces) => {
      const [, how = '', count, unit = '', weekday] = match
      // Without a year or month before it, 前两天 is counted from today; but 前三季度 are always the year's.
      const isYears = (unit === '季度' || unit === '月') && how !== '最后' && how !== '后'
      if (pieces.last !== levels.year && pieces.last !== levels.month && !(pieces.first === 0 && isYears)) return false
      const number = how === '首' ? 1 : count === undefined ? (how === '最后' ? 1 : Number.NaN) : numberOf(count)
      if (!isWithin(number, 1, 366)) return false
      if (unit === '季度') {
        if (number > 4 || how === '最后' || how === '后') return false
        const last = number * 3
        pieces.months = { from: how === '第' ? last - 2 : 1, to: last }
        return true
      }
      if (weekday !== undefined && (unit === '天' || unit === '日' || unit === '月')) return false
      pieces.nth = {
        unit: weekday === undefined ? (units[unit] ?? 'day') : 'weekday',
        number,
        each: how === '前' || how === '头' || how === '后' || (how === '最后' && number > 1),
        fromEnd: how === '后' || how === '最后',
        weekday: weekdayNumber(weekday),
      }
      return true
    },
  },
]
