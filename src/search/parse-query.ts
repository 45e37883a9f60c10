import type { PhraseQuery, TextQuery } from '../model/text-query.ts'
import { phraseQuery } from './phrase.ts'
import { QueryError } from './query-error.ts'
import { lexQuery, type QueryToken } from './query-lexer.ts'

/** Far longer than what a person writes, and short enough for an address. */
const longestQuery = 500
/** Each word is one comparison a story. */
const mostWords = 40
const deepestNesting = 10

interface State {
  readonly tokens: readonly QueryToken[]
  /** Where a word that is missing at the end would be. */
  readonly end: number
  next: number
  words: number
  depth: number
}

function and(parts: readonly TextQuery[]): TextQuery {
  const [only] = parts
  return only && parts.length === 1 ? only : { kind: 'and', parts }
}

function or(parts: readonly TextQuery[]): TextQuery {
  const [only] = parts
  return only && parts.length === 1 ? only : { kind: 'or', parts }
}

/** alternatives = all { ("|" | "OR") all } */
function readAlternatives(state: State, scope: PhraseQuery['scope']): TextQuery {
  const parts = [readAll(state, scope)]
  while (state.tokens[state.next]?.kind === 'or') {
    state.next++
    parts.push(readAll(state, scope))
  }
  return or(parts)
}

/** all = term { ["AND"] term } */
function readAll(state: State, scope: PhraseQuery['scope']): TextQuery {
  const parts = [readTerm(state, scope)]
  for (let token = state.tokens[state.next]; token; token = state.tokens[state.next]) {
    if (token.kind === 'or' || token.kind === 'close') break
    if (token.kind === 'and') state.next++
    parts.push(readTerm(state, scope))
  }
  return and(parts)
}

function deeper<T>(state: State, at: number, read: () => T): T {
  if (++state.depth > deepestNesting) {
    throw new QueryError(at, `嵌套超过 ${deepestNesting} 层`, `nested more than ${deepestNesting} deep`)
  }
  const result = read()
  state.depth--
  return result
}

/** term = ["-" | "NOT"] (word | phrase | "title:" term | "(" alternatives ")") */
function readTerm(state: State, scope: PhraseQuery['scope']): TextQuery {
  const token = state.tokens[state.next]
  if (!token) throw new QueryError(state.end, '这里缺少词语', 'a word is missing here')
  state.next++
  if (token.kind === 'not') return { kind: 'not', part: deeper(state, token.at, () => readTerm(state, scope)) }
  if (token.kind === 'title') return deeper(state, token.at, () => readTerm(state, 'title'))
  if (token.kind === 'open') return deeper(state, token.at, () => readGroup(state, scope, token.at))
  if (token.kind === 'word' || token.kind === 'phrase') return readPhrase(state, scope, token.text, token.at)
  throw new QueryError(token.at, '这里缺少词语', 'a word is missing here')
}

function readGroup(state: State, scope: PhraseQuery['scope'], at: number): TextQuery {
  const query = readAlternatives(state, scope)
  if (state.tokens[state.next]?.kind !== 'close') {
    throw new QueryError(at, '括号没有闭合', 'this parenthesis is not closed')
  }
  state.next++
  return query
}

function readPhrase(state: State, scope: PhraseQuery['scope'], text: string, at: number): TextQuery {
  if (++state.words > mostWords) {
    throw new QueryError(at, `词语超过 ${mostWords} 个`, `more than ${mostWords} words`)
  }
  const phrase = phraseQuery(text, scope)
  if (!phrase) {
    throw new QueryError(
      at,
      '这里只有标点，没有可搜索的文字或数字',
      'marks alone cannot be searched for: expected letters, digits or Chinese characters',
    )
  }
  return phrase
}

/**
 * Reads a query: words that a text must have, `|` or `OR` between alternatives, `-` before what it must not have,
 * `"…"` around phrases, `title:` before what its title must have, parentheses.
 * @returns `null` for an empty query: everything
 * @throws {QueryError} what is wrong, and where
 */
export function parseQuery(query: string): TextQuery | null {
  const length = Array.from(query).length
  if (length > longestQuery) {
    throw new QueryError(
      longestQuery + 1,
      `查询最多 ${longestQuery} 个字`,
      `a query has ${longestQuery} characters at the most`,
    )
  }
  const state: State = { tokens: lexQuery(query), end: length + 1, next: 0, words: 0, depth: 0 }
  if (state.tokens.length === 0) return null
  const result = readAlternatives(state, 'text')
  const rest = state.tokens[state.next]
  if (rest) throw new QueryError(rest.at, '这个右括号没有对应的左括号', 'this parenthesis was not opened')
  return result
}
