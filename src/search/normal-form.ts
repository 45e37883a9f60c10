import { characterKinds, foldCharacters, kindOf } from '../model/fold-text.ts'

/** A piece of a text: a word of letters and digits, one character that is a word of its own, or a mark. */
interface Unit {
  readonly kind: 'word' | 'ideograph' | 'mark'
  readonly text: string
}

/** White space within a paragraph, and what is not seen; what stands for half of a rare character too. */
const unseen = /[^\S\n]|[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200d\u2060\ufeff\ufffd-\uffff]/

/**
 * Cuts a text into words, ideographs and marks, folded in script, width, case and accents. White space ends a word and
 * is nothing else, since publishers set `2026 年` and `2026年` alike; a line break is a mark.
 */
export function unitsOf(text: string): Unit[] {
  const units: Unit[] = []
  const folded = foldCharacters(text.normalize('NFC'))
  // Where the word begins that is under way; -1: none is.
  let wordAt = -1
  for (let at = 0, width = 1; at < folded.length; at += width) {
    const code = folded.charCodeAt(at)
    const kind = kindOf(code)
    // Both halves of a rare character: one would be no valid text.
    width = code >= 0xd800 && code < 0xdc00 ? 2 : 1
    if (kind === characterKinds.letter || kind === characterKinds.digit) {
      if (wordAt < 0) wordAt = at
      continue
    }
    if (wordAt >= 0) units.push({ kind: 'word', text: folded.slice(wordAt, at) })
    wordAt = -1
    const character = folded.slice(at, at + width)
    if (kind === characterKinds.ideograph) units.push({ kind: 'ideograph', text: character })
    else if (!unseen.test(character)) units.push({ kind: 'mark', text: character })
  }
  if (wordAt >= 0) units.push({ kind: 'word', text: folded.slice(wordAt) })
  return units
}

/**
 * Writes units so that a phrase is a substring of the texts that have it, and of no others: words stand between single
 * spaces, so that `tax` is not in `taxi`; everything else stands close together.
 */
export function writeNormal(units: Iterable<Unit>): string {
  let out = ''
  for (const { kind, text } of units) {
    if (kind !== 'word') out += text
    else out += out.endsWith(' ') ? `${text} ` : ` ${text} `
  }
  return out
}

/** The longest word that the index holds; of longer ones it holds the beginning. */
const longestWord = 64

/**
 * The lexemes of a text: each word, each pair of neighbouring ideographs, and the last ideograph of each run alone, so
 * that every ideograph is the beginning of some lexeme.
 */
export function addLexemes(units: readonly Unit[], add: (lexeme: string) => void): void {
  for (const [index, unit] of units.entries()) {
    if (unit.kind === 'word') add(indexedWord(unit.text))
    if (unit.kind !== 'ideograph') continue
    const next = units[index + 1]
    add(next?.kind === 'ideograph' ? unit.text + next.text : unit.text)
  }
}

/** What marks the lexemes of a title; no lexeme holds it otherwise. */
export const titleMark = 't:'

/** A word as the index holds it. */
export function indexedWord(word: string): string {
  return word.slice(0, longestWord)
}

/** Whether a word is cut in the index, so that the index alone cannot tell it. */
export function isCut(word: string): boolean {
  return word.length > longestWord
}

export type { Unit }
