import { isSampled, leadLevel, type Fingerprint } from './fingerprint.ts'
import { mix } from './shingles.ts'

/** A quarter of the lead's sample, one shingle in eight: a summary of 100 characters has a dozen, and shares them with the whole text. */
const leadShare = 2 ** 30
const maxLeadKeys = 24
/** The lowest shingles of the whole text find copies whose beginning was changed. */
const bodyKeys = 8
const exactSalt = 0x65786163
const titleSalt = 0x7469746c
const numberSalt = 0x6e756d62

/**
 * Where to look for articles that may tell the same news: two that do share some of these, whole or cut, rewritten or not.
 * A key that very many articles share says little; the store passes over those (see `StoryIndex`).
 * @returns at most 35 different whole numbers from 0 to 2³²−1
 */
export function candidateKeys(print: Fingerprint): number[] {
  const lead = print.shingles.subarray(0, print.leadCount)
  // Shingles are sampled by their high bits, so keys are chosen by others.
  const inLead = [...lead].filter((hash) => isSampled(hash, leadLevel) && mix(hash) < leadShare).slice(0, maxLeadKeys)
  const lowest = print.shingles.toSorted().subarray(0, bodyKeys)
  const keys = new Set([...inLead, ...lowest])
  if (print.exact !== null) keys.add(mix(Number.parseInt(print.exact.slice(0, 8), 16) ^ exactSalt))
  // A text too short for shingles of its own is found by its title.
  if (print.titleKey !== null) keys.add(mix(print.titleKey ^ titleSalt))
  // Of a hundred bulletins of one template, only the copy has the same numbers.
  const { values } = print.numbers
  if (values.length >= 3) keys.add(values.reduce((hash, value) => mix(hash ^ value), numberSalt))
  return [...keys]
}
