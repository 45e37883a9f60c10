import { mix, type Tokens } from './shingles.ts'

/** 2048 bits: the 240 subjects of a lead leave nine in ten of them unset. */
export const subjectSetBytes = 256

/**
 * What a text speaks of, as numbers below 2048: pairs of neighbouring characters, or words where words are written apart.
 * Small enough to keep, exact enough to ask whether a lead speaks of what a title names.
 */
export function subjectsOf(tokens: Tokens, most: number): number[] {
  const subjects: number[] = []
  const { hashes, weights } = tokens
  let length = 0
  for (let i = 0; i < hashes.length && length < most; i++) {
    length += weights[i] ?? 0
    if (weights[i] !== 1) subjects.push(mix(hashes[i] ?? 0) >>> 21)
    else if (weights[i + 1] === 1)
      subjects.push(mix(Math.imul(hashes[i] ?? 0, 0x01000193) ^ (hashes[i + 1] ?? 0)) >>> 21)
  }
  return subjects
}

/** A set of subjects in 256 bytes. */
export function subjectSet(subjects: readonly number[]): Uint8Array {
  const bits = new Uint8Array(subjectSetBytes)
  for (const subject of subjects) bits[subject >> 3] = (bits[subject >> 3] ?? 0) | (1 << (subject & 7))
  return bits
}

export function hasSubject(set: Uint8Array, subject: number): boolean {
  return (((set[subject >> 3] ?? 0) >> (subject & 7)) & 1) === 1
}

/** Share of the subjects that the set has; 0 when there are none. */
export function shareOfSubjects(subjects: Uint16Array, set: Uint8Array): number {
  if (subjects.length === 0) return 0
  return subjects.filter((subject) => hasSubject(set, subject)).length / subjects.length
}

/** How alike two lists of subjects are, from 0 to 1: Dice's coefficient. */
export function likeness(a: Uint16Array, b: Uint16Array): number {
  const ofA = new Set(a)
  const ofB = new Set(b)
  if (ofA.size === 0 || ofB.size === 0) return 0
  let both = 0
  for (const subject of ofA) if (ofB.has(subject)) both++
  return (2 * both) / (ofA.size + ofB.size)
}

/** How much of the shorter list the longer one has, from 0 to 1; 0 for a list too short to say anything. */
export function shareWithin(a: Uint16Array, b: Uint16Array): number {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a]
  return few.length < 4 ? 0 : few.filter((subject) => many.includes(subject)).length / few.length
}

/** How many subjects one set has that the other has not. */
export function countOwn(set: Uint8Array, other: Uint8Array): number {
  let count = 0
  for (let i = 0; i < set.length; i++) {
    let bits = (set[i] ?? 0) & ~(other[i] ?? 0)
    for (; bits !== 0; bits &= bits - 1) count++
  }
  return count
}
