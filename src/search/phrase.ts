import type { PhraseQuery, QueryLexeme } from '../model/text-query.ts'
import { indexedWord, isCut, titleMark, unitsOf, writeNormal, type Unit } from './normal-form.ts'
import { addSequences } from './sequence.ts'

function lexemesOf(units: readonly Unit[], mark: string): QueryLexeme[] {
  return units.flatMap((unit, index): QueryLexeme[] => {
    if (unit.kind === 'word') return [{ lexeme: mark + indexedWord(unit.text), isPrefix: false }]
    if (unit.kind !== 'ideograph') return []
    const next = units[index + 1]
    if (next?.kind === 'ideograph') return [{ lexeme: mark + unit.text + next.text, isPrefix: false }]
    // The last of a run: its pair with the one before says the same, unless it stands alone.
    if (units[index - 1]?.kind === 'ideograph') return []
    return [{ lexeme: mark + unit.text, isPrefix: true }]
  })
}

/** The query for one word or phrase; `null` when it holds nothing but marks. */
export function phraseQuery(phrase: string, scope: PhraseQuery['scope']): PhraseQuery | null {
  const units = unitsOf(phrase.replaceAll('\n', ' '))
  const lexemes = lexemesOf(units, scope === 'title' ? titleMark : '')
  if (lexemes.length === 0) return null
  const isPair = units.length === 2 && units.every(({ kind }) => kind === 'ideograph')
  const isDecidedByLexemes = isPair || (units.length === 1 && !units.some(({ text }) => isCut(text)))
  const seen = new Set<string>()
  const sequences = new Set<number>()
  addSequences(units, sequences)
  return {
    kind: 'phrase',
    scope,
    normal: writeNormal(units),
    lexemes: lexemes.filter(({ lexeme }) => !seen.has(lexeme) && seen.add(lexeme)),
    isDecidedByLexemes,
    sequences: [...sequences],
  }
}
