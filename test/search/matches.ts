import type { TextQuery } from '../../src/model/text-query.ts'
import { searchTextOf } from '../../src/search/search-text.ts'

/** What the archive does with a query, on one text and in memory: lexemes first, then the comparison. */
export function matches(query: TextQuery, title: string, body: string): { byLexemes: boolean; byText: boolean } {
  const text = searchTextOf(title, body)
  const has = (query: TextQuery, isExact: boolean): boolean => {
    if (query.kind === 'not') return !has(query.part, isExact)
    if (query.kind === 'and') return query.parts.every((part) => has(part, isExact))
    if (query.kind === 'or') return query.parts.some((part) => has(part, isExact))
    if (isExact) return text[query.scope].includes(query.normal)
    if (!query.sequences?.every((sequence) => text.sequences?.includes(sequence))) return false
    return query.lexemes.every(({ lexeme, isPrefix }) =>
      text.lexemes.some((known) => (isPrefix ? known.startsWith(lexeme) : known === lexeme)),
    )
  }
  return { byLexemes: has(query, false), byText: has(query, true) }
}
