import { QueryError } from './query-error.ts'

/** One piece of a query, with where it begins: 1 for the first character. */
export type QueryToken = { readonly at: number } & (
  | { readonly kind: 'open' | 'close' | 'or' | 'and' | 'not' | 'title' }
  | { readonly kind: 'word' | 'phrase'; readonly text: string }
)

/** Chinese input methods write the full-width forms, so both are the same here. */
const signs = new Map([
  ['(', 'open'],
  ['（', 'open'],
  [')', 'close'],
  ['）', 'close'],
  ['|', 'or'],
  ['｜', 'or'],
] as const)
const quotes = new Map([
  ['"', '"'],
  ['＂', '＂'],
  ['“', '”'],
  ['”', '”'],
  ['「', '」'],
  ['『', '』'],
])
/** In capitals: `or` is a word that texts have. */
const operators = new Map([
  ['OR', 'or'],
  ['AND', 'and'],
  ['NOT', 'not'],
] as const)
const minus = /^[-－−]/
const titleField = /^(?:标题|標題|title)[:：]/i

function isWordEnd(character: string): boolean {
  return /\s/.test(character) || quotes.has(character) || '()（）|｜'.includes(character)
}

/** The rest of a word, from `start`. */
function wordFrom(characters: readonly string[], start: number): string {
  let end = start
  while (end < characters.length && !isWordEnd(characters[end] ?? ' ')) end++
  return characters.slice(start, end).join('')
}

function phraseFrom(characters: readonly string[], start: number): string {
  const open = characters[start] ?? ''
  const end = characters.indexOf(quotes.get(open) ?? '', start + 1)
  if (end === -1) throw new QueryError(start + 1, '引号没有闭合', 'this quotation mark is not closed')
  return characters.slice(start + 1, end).join('')
}

function signOf(character: string) {
  for (const [sign, kind] of signs) if (sign === character) return kind
  return null
}

function operatorOf(word: string) {
  for (const [name, kind] of operators) if (name === word) return kind
  return null
}

/**
 * The pieces of a query.
 * @throws {QueryError} a quotation mark is not closed
 */
export function lexQuery(query: string): QueryToken[] {
  const characters = Array.from(query)
  const tokens: QueryToken[] = []
  for (let index = 0; index < characters.length;) {
    const character = characters[index] ?? ''
    const at = index + 1
    const sign = signOf(character)
    if (/\s/.test(character)) {
      index++
    } else if (sign) {
      tokens.push({ kind: sign, at })
      index++
    } else if (quotes.has(character)) {
      const text = phraseFrom(characters, index)
      tokens.push({ kind: 'phrase', text, at })
      index += Array.from(text).length + 2
    } else if (minus.test(character)) {
      // Only here, at the beginning of a word: the one in `covid-19` is a part of it.
      tokens.push({ kind: 'not', at })
      index++
    } else {
      const word = wordFrom(characters, index)
      const field = titleField.exec(word)
      const operator = operatorOf(word)
      const kind = field ? 'title' : operator
      tokens.push(kind ? { kind, at } : { kind: 'word', text: word, at })
      index += Array.from(field ? field[0] : word).length
    }
  }
  return tokens
}
