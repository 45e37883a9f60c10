import type { SearchText } from '../model/text-query.ts'
import { addLexemes, titleMark, unitsOf, writeNormal, type Unit } from './normal-form.ts'
import { addSequences } from './sequence.ts'

/** Announcements are shorter; of a longer text the beginning is found. Keeps a row far below PostgreSQL's 1 MB for one. */
const longestText = 200_000

function unitsOfTitle(title: string): Unit[] {
  return unitsOf(title.replaceAll('\n', ' ').slice(0, longestText))
}

/**
 * What is kept of a story to find it by.
 * @param otherTitles what its copies are called, where that is something else
 */
export function searchTextOf(title: string, bodyText: string, otherTitles: readonly string[] = []): SearchText {
  const titles = [title, ...otherTitles].map(unitsOfTitle)
  const bodyUnits = unitsOf(bodyText.slice(0, longestText))
  const lexemes = new Set<string>()
  const sequences = new Set<number>()
  for (const units of titles) addLexemes(units, (lexeme) => lexemes.add(lexeme).add(titleMark + lexeme))
  addLexemes(bodyUnits, (lexeme) => lexemes.add(lexeme))
  for (const units of [...titles, bodyUnits]) addSequences(units, sequences)
  const normalTitles = titles.map(writeNormal).join('\n')
  return {
    title: normalTitles,
    text: `${normalTitles}\n${writeNormal(bodyUnits)}`,
    lexemes: [...lexemes],
    sequences: [...sequences],
  }
}
