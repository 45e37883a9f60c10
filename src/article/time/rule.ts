import { readNumeral } from './numeral.ts'
import type { Level, Pieces } from './pieces.ts'

/** How much may be read as a time: `whole` texts that are said to be one, or times inside of `running` text. */
export type Strictness = 'whole' | 'running'

export interface Rule {
  readonly level: Level
  readonly pattern: RegExp
  /** Takes the match over into the pieces; `false` when it is no such piece after all. */
  readonly apply: (match: RegExpExecArray, pieces: Pieces, context: RuleContext) => boolean
}

export interface RuleContext {
  readonly strictness: Strictness
  /** The year of the reference, which decides the century of a year of two digits. */
  readonly referenceYear: number
}

/** A number of days, months or hours, as a piece of a pattern. */
export const small = String.raw`\d{1,2}|[一二两三四五六七八九十廿卅]{1,3}`
/** One digit of a year in Chinese numerals, as a piece of a pattern. */
export const yearDigits = '[零〇○一二三四五六七八九]'

/** NaN when there is no number. */
export function numberOf(text: string | undefined): number {
  return text === undefined ? Number.NaN : (readNumeral(text) ?? Number.NaN)
}

export function isWithin(value: number, from: number, to: number): boolean {
  return value >= from && value <= to
}

/** `上上周`, `下个月`: each word is one unit away. */
export function shiftOf(word: string | undefined): number {
  if (word === undefined) return 0
  return Array.from(word).reduce(
    (sum, character) => sum + (character === '上' || character === '前' ? -1 : '下次'.includes(character) ? 1 : 0),
    0,
  )
}

/** 1 (Monday) to 7, 8 for 末 (weekend), 0 for none. */
export function weekdayNumber(character: string | undefined): number {
  const index = '一二三四五六日天末'.indexOf(character ?? '?')
  if (index >= 0) return [1, 2, 3, 4, 5, 6, 7, 7, 8][index] ?? 0
  return Number(character ?? 0)
}
