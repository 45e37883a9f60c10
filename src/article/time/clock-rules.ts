import { dayPartOf, dayPartWords } from './day-part.ts'
import { levels } from './pieces.ts'
import { isWithin, numberOf, type Rule } from './rule.ts'

/** Parts of the day and times of the clock. */
export const clocks: readonly Rule[] = [
  {
    level: levels.part,
    pattern: new RegExp(`(${dayPartWords}|晨)`, 'y'),
    apply: (match, pieces, { strictness }) => {
      const word = match[1] ?? ''
      // One character alone says nothing: 早 in 早期, 晚 in 晚会.
      if (word.length === 1 && pieces.last < levels.week && (strictness === 'running' || pieces.first !== 0))
        return false
      pieces.part = word === '晨' ? 'daybreak' : dayPartOf(word)
      return pieces.part !== null
    },
  },
  {
    level: levels.clock,
    pattern:
      /(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,6})?)?(?![\d:])\s?(?:时|点|分)?(?:\s?([ap])\.?m\.?(?![a-z]))?/iy,
    apply: (match, pieces) => {
      if (match[4] !== undefined) pieces.part = match[4].toLowerCase() === 'a' ? 'am' : 'pm'
      const second = match[3] === undefined ? null : Number(match[3])
      pieces.clock = { hour: Number(match[1]), minute: Number(match[2]), second, orHour: null }
      return true
    },
  },
  {
    level: levels.clock,
    pattern: /([一二三四五六七八九])([二三四五六七八九十])点(?:钟|多)?(?!半|\d|[一二三四五六七八九十])/y,
    apply: (match, pieces) => {
      const hour = numberOf(match[1])
      if (numberOf(match[2]) !== hour + 1) return false
      pieces.clock = { hour, minute: null, second: null, orHour: hour + 1 }
      return true
    },
  },
  {
    level: levels.clock,
    pattern: new RegExp(
      String.raw`(?<![\d.第])(\d{1,2}|[零〇一二两三四五六七八九十]{1,3})\s?(?:点|时)(?!间|代|候|期|速|常|尚|长|论|评|赞|击|名|建议|意见|要求)(?:钟|整|许)?` +
        String.raw`(?:(半)|(一|三|1|3)刻|零?(\d{1,2}|[零一二三四五六七八九十]{1,3})(?:分(?:钟)?(?:零?(\d{1,2}|[一二三四五六七八九十]{1,3})秒)?|(?![\d一二三四五六七八九十个项条日月年米人%.])))?`,
      'y',
    ),
    apply: (match, pieces, { strictness }) => {
      const hour = numberOf(match[1])
      const minute =
        match[2] === undefined ? (match[3] === undefined ? numberOf(match[4]) : numberOf(match[3]) * 15) : 30
      const second = numberOf(match[5])
      if (!isWithin(hour, 0, 24) || minute > 59 || second > 59) return false
      // Running text has "3点建议" (three points) as often as hours.
      if (strictness === 'running' && match[0].includes('点') && pieces.last === 0 && Number.isNaN(minute)) return false
      pieces.clock = {
        hour,
        minute: Number.isNaN(minute) ? null : minute,
        second: Number.isNaN(second) ? null : second,
        orHour: null,
      }
      return true
    },
  },
]
