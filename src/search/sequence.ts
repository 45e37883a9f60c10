import { indexedWord, type Unit } from './normal-form.ts'

/** FNV-1a, whose upper half is folded onto the lower. */
function numberOf(sequence: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < sequence.length; index++) hash = Math.imul(hash ^ sequence.charCodeAt(index), 0x01000193)
  return (((hash >>> 16) ^ hash) << 16) >> 16
}

/**
 * What stands close together and is longer than what lexemes are made of: three ideographs, or a word and its neighbour.
 * Phrases made of common parts are rare, and their parts say nothing of that. Each sequence is one of 65,536 numbers
 * (PostgreSQL's smallint), which some hundred share: one of them is in every hundredth announcement, and the index knows
 * no more of them than this, however long the archive becomes.
 */
export function addSequences(units: readonly Unit[], sequences: Set<number>): void {
  for (const [index, unit] of units.entries()) {
    const next = units[index + 1]
    if (unit.kind === 'mark' || !next || next.kind === 'mark') continue
    if (unit.kind === 'word' || next.kind === 'word') {
      sequences.add(numberOf(`${indexedWord(unit.text)} ${indexedWord(next.text)}`))
      continue
    }
    const third = units[index + 2]
    if (third?.kind === 'ideograph') sequences.add(numberOf(unit.text + next.text + third.text))
  }
}
