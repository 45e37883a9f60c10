import type { SearchText } from '../model/text-query.ts'
import { addLexemes, titleMark, unitsOf, writeNormal } from './normal-form.ts'

/** Announcements are shorter; of a longer text the beginning is found. Keeps a row far below PostgreSQL's 1 MB for one. */
const longestText = 200_000

/** What is kept of an article to find it by. */
export function searchTextOf(title: string, bodyText: string): SearchText {
  const titleUnits = [...unitsOf(title.replaceAll('\n', ' ').slice(0, longestText))]
  const bodyUnits = [...unitsOf(bodyText.slice(0, longestText))]
  const lexemes = new Set<string>()
  addLexemes(titleUnits, (lexeme) => lexemes.add(lexeme).add(titleMark + lexeme))
  addLexemes(bodyUnits, (lexeme) => lexemes.add(lexeme))
  const normalTitle = writeNormal(titleUnits)
  return { title: normalTitle, text: `${normalTitle}\n${writeNormal(bodyUnits)}`, lexemes: [...lexemes] }
}
