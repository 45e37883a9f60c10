import { levels, type Pieces } from './pieces.ts'
import type { Rule } from './rule.ts'
import { isCalendarDay } from '../../text/zone.ts'

/** Dates in digits: `2019-11-05`, `20191105`, `11/5`. */
export const numericDates: readonly Rule[] = [
  {
    level: levels.day,
    pattern: /(?<![\d.])(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)[日号]?/y,
    apply: (match, pieces) => setDate(pieces, Number(match[1]), Number(match[3]), Number(match[4])),
  },
  {
    level: levels.day,
    pattern: /(?<![\d.])((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)/y,
    apply: (match, pieces) => setDate(pieces, Number(match[1]), Number(match[2]), Number(match[3])),
  },
  {
    level: levels.month,
    pattern: /(?<![\d.])((?:19|20)\d{2})([-/.])(0?[1-9]|1[0-2])(?![\d.万亿元%个吨米人倍])(?!\s?[-/]\s?\d{1,2}(?!\d))/y,
    apply: (match, pieces, { strictness }) => {
      if (strictness === 'running' && match[2] === '.' && match[3]?.length !== 2) return false
      pieces.year = { stated: Number(match[1]) }
      pieces.month = { stated: Number(match[3]) }
      pieces.first = levels.year
      return true
    },
  },
  {
    level: levels.day,
    pattern: /(?<![\d.])(\d{1,2})([-/.])(\d{1,2})(?![\d.]|\s?[月点时万亿元%])([日号])?/y,
    apply: (match, pieces, { strictness }) => {
      const isPadded = match[1]?.length === 2 && match[3]?.length === 2
      // In running text "3/4" is a share and "10-12" a range.
      if (strictness === 'running' && (match[4] === undefined || match[2] !== '/')) return false
      if (match[2] === '.' || (match[2] === '-' && !isPadded)) {
        if (match[2] !== '.' || match[4] === undefined) return false
      }
      return setDate(pieces, null, Number(match[1]), Number(match[3]))
    },
  },
  {
    level: levels.year,
    pattern: /(?<!\d)((?:1[89]|20)\d{2})(?=$|\s?(?:-|—|~|至|到)\s?(?:1[89]|20)\d{2}年?)(?!\s?-\s?\d{4}年?\d)/y,
    apply: (match, pieces, { strictness }) => {
      if (strictness === 'running') return false
      pieces.year = { stated: Number(match[1]) }
      return true
    },
  },
]

function setDate(pieces: Pieces, year: number | null, month: number, day: number): boolean {
  if (!isCalendarDay(year ?? 2000, month, day)) return false
  if (year !== null) pieces.year = { stated: year }
  pieces.month = { stated: month }
  pieces.day = { stated: day }
  pieces.first = year === null ? levels.month : levels.year
  return true
}
