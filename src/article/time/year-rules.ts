import { levels, type Pieces } from './pieces.ts'
import { isWithin, numberOf, type Rule, shiftOf, small, yearDigits } from './rule.ts'

/** Two digits are taken for years up to ten ahead of the reference: in 2021 `24年` is 2024 and `三三年` 1933. */
function fullYear(twoDigits: number, referenceYear: number): number {
  const century = Math.floor(referenceYear / 100) * 100
  return century + twoDigits <= referenceYear + 10 ? century + twoDigits : century - 100 + twoDigits
}

const relativeYears: Readonly<Record<string, number>> = {
  大前: -3,
  前: -2,
  去: -1,
  上: -1,
  昨: -1,
  今: 0,
  本: 0,
  这: 0,
  当: 0,
  同: 0,
  明: 1,
  来: 1,
  翌: 1,
  次: 1,
  后: 2,
  大后: 3,
}
/** Centuries, decades and years. */
export const years: readonly Rule[] = [
  {
    level: levels.year,
    pattern: new RegExp(
      String.raw`(?:(上|本)|(${small}))个?世纪(?:(\d0|[一二三四五六七八九]十)年代)?(初叶?|末叶?|中叶|中期|前期|后期)?`,
      'y',
    ),
    apply: (match, pieces, { referenceYear }) => {
      const century =
        match[1] === undefined ? numberOf(match[2]) : Math.floor(referenceYear / 100) + (match[1] === '上' ? 0 : 1)
      if (!isWithin(century, 1, 30)) return false
      const first = (century - 1) * 100
      pieces.years =
        match[3] === undefined ? partOfCentury(first, match[4]) : partOfDecade(first + numberOf(match[3]), match[4])
      return true
    },
  },
  {
    level: levels.year,
    pattern: /(?:((?:19|20)\d0)|(\d0|[零二三四五六七八九]?十))年代(初期?|末期?|中期|前期|后期)?/y,
    apply: (match, pieces, { referenceYear }) => {
      const decade = match[1] === undefined ? fullYear(numberOf(match[2]), referenceYear) : Number(match[1])
      pieces.years = partOfDecade(decade, match[3])
      return true
    },
  },
  {
    level: levels.year,
    pattern: new RegExp(String.raw`(?:公元)?(?<!\d)(\d{4}|${yearDigits}{4})\s?年度?(?!前|后|代|以)`, 'y'),
    apply: (match, pieces) => setYear(pieces, numberOf(match[1])),
  },
  {
    level: levels.year,
    pattern: new RegExp(String.raw`(?:公元)?(?<!\d)(\d{4}|${yearDigits}{4})\s?年度?`, 'y'),
    apply: (match, pieces) => setYear(pieces, numberOf(match[1])),
  },
  {
    level: levels.year,
    pattern: new RegExp(
      String.raw`(?<!\d|近|前|后|来|满|第)(\d{2}|${yearDigits}{2})年(?!前|后|之|以|内|来|间|代|多|级|期|龄|的)(?=(?:(?:${small})月)?)`,
      'y',
    ),
    apply: (match, pieces, { referenceYear, strictness }) => {
      const isSure = new RegExp(String.raw`^(?:${small})月`).test(
        match.input.slice(match.index + match[0].length, match.index + match[0].length + 4),
      )
      if (strictness === 'running' && !isSure) return false
      return setYear(pieces, fullYear(numberOf(match[1]), referenceYear))
    },
  },
  {
    level: levels.year,
    pattern: /(大前|大后|前|去|上|昨|今|本|这|当|同|明|来|翌|次|后)(?:一)?年度?(?!级|轻|来|货|味|审|会|报|产)/y,
    apply: (match, pieces) => {
      pieces.year = { shift: relativeYears[match[1] ?? ''] ?? 0 }
      pieces.isAnchored = true
      return true
    },
  },
]

function setYear(pieces: Pieces, year: number): boolean {
  if (!isWithin(year, 1, 9999)) return false
  pieces.year = { stated: year }
  return true
}

function partOfCentury(first: number, part: string | undefined): { from: number; to: number } {
  if (part === undefined) return { from: first, to: first + 99 }
  if (part.startsWith('初') || part === '前期') return { from: first, to: first + 19 }
  return part.startsWith('中') ? { from: first + 40, to: first + 59 } : { from: first + 80, to: first + 99 }
}

function partOfDecade(first: number, part: string | undefined): { from: number; to: number } {
  if (part === undefined) return { from: first, to: first + 9 }
  if (part.startsWith('初') || part === '前期') return { from: first, to: first + 2 }
  return part.startsWith('中') ? { from: first + 4, to: first + 6 } : { from: first + 7, to: first + 9 }
}

const seasons: Readonly<Record<string, number>> = { 春: 3, 夏: 6, 秋: 9, 冬: 12 }

/** Halves, quarters and seasons; 年初, 年底. */
export const partsOfYear: readonly Rule[] = [
  {
    level: levels.yearPart,
    pattern: /(上|下|前|后)半年/y,
    apply: (match, pieces) => {
      pieces.months = '上前'.includes(match[1] ?? '') ? { from: 1, to: 6 } : { from: 7, to: 12 }
      return true
    },
  },
  {
    level: levels.yearPart,
    pattern: /(?:第?([一二三四1-4首])个?季度?|[Qq]([1-4])(?:季度)?)(?:的)?(初|末|底)?/y,
    apply: (match, pieces, { strictness }) => {
      if (strictness === 'running' && !match[0].includes('季度') && pieces.first === 0) return false
      const quarter = match[1] === '首' ? 1 : numberOf(match[1] ?? match[2])
      pieces.months = { from: quarter * 3 - 2, to: quarter * 3 }
      pieces.quarterEnd = match[3] === undefined ? null : match[3] === '初' ? 'start' : 'end'
      return true
    },
  },
  {
    level: levels.yearPart,
    pattern: /(上上|上|本|这|当|下下|下)(?:一)?个?季度(初|末|底)?/y,
    apply: (match, pieces) => {
      pieces.quarterShift = shiftOf(match[1])
      pieces.quarterEnd = match[2] === undefined ? null : match[2] === '初' ? 'start' : 'end'
      pieces.isAnchored = true
      return true
    },
  },
  {
    level: levels.yearPart,
    pattern: /(?:的)?(?:年(初|头|底|末|终|中(?![国央华共]))|岁(末|首)|(开年|伊始))/y,
    apply: (match, pieces) => setYearPart(pieces, match[1] ?? match[2] ?? match[3] ?? ''),
  },
  {
    level: levels.yearPart,
    pattern: /初(?![一二三四五六七八九十中高])|末|底|中(?=$|[期叶,，。、;；到至之以前后])期?/y,
    apply: (match, pieces) => pieces.last === levels.year && pieces.years === null && setYearPart(pieces, match[0]),
  },
  {
    level: levels.yearPart,
    pattern: /(春|夏|秋|冬)(?:季|天)?(?!节|分|至|运|游|装|耕|播|招|晚|令|瓜|奥|泳|雨)/y,
    apply: (match, pieces, { strictness }) => {
      const isBare = match[0].length === 1
      if ((isBare || strictness === 'running') && pieces.last !== levels.year) return false
      const from = seasons[match[1] ?? ''] ?? 0
      pieces.months = { from, to: from + 2 }
      return true
    },
  },
]

function setYearPart(pieces: Pieces, word: string): boolean {
  if (word === '伊始' || word === '开年' || word === '首') pieces.months = { from: 1, to: 1 }
  else if (word === '初' || word === '头') pieces.months = { from: 1, to: 2 }
  else if (word.startsWith('中')) pieces.months = { from: 6, to: 7 }
  else pieces.months = { from: 11, to: 12 }
  return true
}
