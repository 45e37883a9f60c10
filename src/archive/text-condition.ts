import type { QueryLexeme, TextQuery } from '../model/text-query.ts'

/** Collects the values of a statement; what it returns stands in the statement in a value's place. */
export type Bind = (value: unknown) => string

function quoted({ lexeme, isPrefix }: QueryLexeme): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'${isPrefix ? ':*' : ''}`
}

/** Whether the index alone tells which texts are meant. */
export function isDecidedByLexemes(query: TextQuery): boolean {
  if (query.kind === 'phrase') return query.isDecidedByLexemes
  return query.kind === 'not' ? isDecidedByLexemes(query.part) : query.parts.every(isDecidedByLexemes)
}

/**
 * A `tsquery` that every text meant by the query has, and perhaps others; `null` when the index cannot narrow it down:
 * a query of exclusions only.
 */
export function lexemeBound(query: TextQuery): string | null {
  if (query.kind === 'phrase') return query.lexemes.map(quoted).join(' & ')
  if (query.kind === 'not') {
    // What lacks a phrase may have all of its lexemes, elsewhere.
    const bound = isDecidedByLexemes(query.part) ? lexemeBound(query.part) : null
    return bound === null ? null : `!(${bound})`
  }
  const bounds = query.parts.map(lexemeBound).filter((bound) => bound !== null)
  if (bounds.length === 0 || (query.kind === 'or' && bounds.length < query.parts.length)) return null
  return bounds.map((bound) => `(${bound})`).join(query.kind === 'and' ? ' & ' : ' | ')
}

/** Numbers of sequences that every text meant by the query has, and perhaps others. */
export function requiredSequences(query: TextQuery): readonly number[] {
  if (query.kind === 'phrase') return query.sequences ?? []
  if (query.kind === 'not') return []
  const [first = [], ...others] = query.parts.map(requiredSequences)
  if (query.kind === 'and') return [...new Set([first, ...others].flat())]
  return first.filter((sequence) => others.every((other) => other.includes(sequence)))
}

/** Whether a bound holds something that must be there: exclusions alone name nearly everything. */
export function isSelective(query: TextQuery): boolean {
  if (query.kind === 'phrase') return true
  if (query.kind === 'not') return false
  return query.kind === 'and' ? query.parts.some(isSelective) : query.parts.every(isSelective)
}

/** The condition that a row of `story_search` named `alias` holds exactly a text that the query means. */
export function textCondition(query: TextQuery, alias: string, bind: Bind): string {
  if (query.kind === 'phrase') {
    return `strpos(${alias}.${query.scope === 'title' ? 'title' : 'text'}, ${bind(query.normal)}) > 0`
  }
  if (query.kind === 'not') return `not (${textCondition(query.part, alias, bind)})`
  return query.parts.map((part) => `(${textCondition(part, alias, bind)})`).join(` ${query.kind} `)
}
