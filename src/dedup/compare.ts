import { isSampled, pairBits, type Fingerprint } from './fingerprint.ts'
import type { NumberSlot } from './number-slots.ts'

/** What two articles have in common, as shares from 0 to 1 and counts. `short` and `long` are by words of the announcement. */
export interface Overlap {
  /** Share of the shorter text that the longer one has. */
  readonly ofShort: number
  /** Share of the longer text that the shorter one has. */
  readonly ofLong: number
  /** Share of the beginning of one that is in the lead of the other; the better of the two directions. */
  readonly lead: number
  /** Words of the longer text before the first that they share. */
  readonly wordsBefore: number
  /** Numbers in the same surroundings that are equal, and that differ. */
  readonly equalNumbers: number
  readonly otherNumbers: number
  readonly otherTitleNumbers: number
  /** Share of the different numbers of the text with fewer of them that the other has too; 1 when there are none. */
  readonly sharedNumbers: number
  /** How alike the titles are, and how much of the longer text's title the shorter text speaks of. */
  readonly titles: number
  readonly titleInShort: number
}

export const reasons = [
  'same-text',
  'copy',
  'rewritten',
  'summary',
  'other-numbers',
  'other-title-numbers',
  'round-up',
  'other-beginning',
  'too-little-in-common',
  'too-short',
] as const
export type Reason = (typeof reasons)[number]

/** Whether two articles tell the same news, and why. */
export interface Verdict {
  readonly same: boolean
  readonly reason: Reason
  readonly overlap: Overlap
}

/** A publisher's standing paragraphs: by hash, as in `Fingerprint.paragraphs`. */
export type IsBoilerplate = (paragraphHash: number) => boolean

/** Decides whether two articles tell the same news. Symmetric, and independent of any other article but for `isBoilerplate`. */
export function compare(a: Fingerprint, b: Fingerprint, isBoilerplate: IsBoilerplate = () => false): Verdict {
  const [short, long] = a.words <= b.words ? [a, b] : [b, a]
  const overlap = measure(short, long, isBoilerplate)
  return { ...judge(short, long, overlap), overlap }
}

function judge(short: Fingerprint, long: Fingerprint, o: Overlap): { same: boolean; reason: Reason } {
  const isSameText = short.exact !== null && short.exact === long.exact
  if (isSameText && (short.words >= 60 || (o.otherTitleNumbers === 0 && o.titles >= 0.5))) return yes('same-text')
  if (short.words < 25) return no('too-short')
  if (o.ofShort < 0.5) return no('too-little-in-common')
  if (o.otherTitleNumbers > 0) return no('other-title-numbers')
  if (o.otherNumbers > short.words / 500) return no('other-numbers')
  if (o.sharedNumbers < 0.5 && short.numbers.length >= 5) return no('other-numbers')
  if (isRoundUp(long) !== isRoundUp(short) && o.titles < 0.5 && o.ofLong < 0.7) return no('round-up')
  const isAnchored = o.lead >= 0.35 && o.wordsBefore <= 100
  if (!isAnchored && o.ofLong < 0.8) return no('other-beginning')
  if (o.ofShort >= 0.75 && o.ofLong >= 0.5) return yes('copy')
  if (short.words >= 150 && o.ofShort >= 0.55 && o.ofLong >= 0.35) return yes('rewritten')
  if (o.ofShort >= 0.7 && o.lead >= 0.6)
    return o.titles >= 0.4 || o.titleInShort >= 0.3 || long.items < 2 ? yes('summary') : no('round-up')
  return no('too-little-in-common')
}

const yes = (reason: Reason) => ({ same: true, reason })
const no = (reason: Reason) => ({ same: false, reason })

export function isRoundUp(print: Fingerprint): boolean {
  return print.items >= 3
}

function measure(short: Fingerprint, long: Fingerprint, isBoilerplate: IsBoilerplate): Overlap {
  const level = Math.max(short.level, long.level)
  const inShort = sample(short, level, isBoilerplate)
  const inLong = sample(long, level, isBoilerplate)
  const shortSet = new Set(inShort)
  const longSet = new Set(inLong)
  const first = inLong.findIndex((hash) => shortSet.has(hash))
  const numbers = compareNumbers(short.numbers, long.numbers)
  return {
    ofShort: shareOf(inShort, longSet),
    ofLong: shareOf(inLong, shortSet),
    lead: Math.max(leadShare(short, long), leadShare(long, short)),
    wordsBefore: first < 0 ? long.words : Math.round((first / inLong.length) * long.words),
    equalNumbers: numbers.equal,
    otherNumbers: numbers.other,
    otherTitleNumbers: compareNumbers(short.titleNumbers, long.titleNumbers).other,
    sharedNumbers: sharedValues(short.numbers, long.numbers),
    titles: titleLikeness(short.title, long.title),
    titleInShort: shareOfPairs(long.title, short.leadPairs),
  }
}

function sample(print: Fingerprint, level: number, isBoilerplate: IsBoilerplate): number[] {
  const kept: number[] = []
  let paragraph = 0
  for (const [index, hash] of print.shingles.entries()) {
    while (paragraph < print.paragraphs.length - 1 && index >= (print.paragraphs[paragraph]?.end ?? 0)) paragraph++
    if (isSampled(hash, level) && !isBoilerplate(print.paragraphs[paragraph]?.hash ?? 0)) kept.push(hash)
  }
  return kept
}

function shareOf(hashes: readonly number[], others: ReadonlySet<number>): number {
  if (hashes.length === 0) return 0
  let found = 0
  for (const hash of hashes) if (others.has(hash)) found++
  return found / hashes.length
}

/** How many of the first words' shingles (30 of them are about 60 words) the other one's lead has. */
function leadShare(print: Fingerprint, other: Fingerprint): number {
  const lead = [...print.shingles.subarray(0, print.leadCount)].filter((hash) => isSampled(hash, 1)).slice(0, 30)
  return shareOf(lead, new Set(other.shingles.subarray(0, other.leadCount)))
}

function compareNumbers(a: readonly NumberSlot[], b: readonly NumberSlot[]): { equal: number; other: number } {
  const ofA = byContext(a)
  const ofB = byContext(b)
  let equal = 0
  let other = 0
  for (const [context, values] of ofA) {
    const others = ofB.get(context)
    if (!others) continue
    const left = [...others]
    let same = 0
    for (const value of values) {
      const at = left.indexOf(value)
      if (at >= 0) {
        left.splice(at, 1)
        same++
      }
    }
    equal += same
    other += Math.min(values.length, others.length) - same
  }
  return { equal, other }
}

function byContext(slots: readonly NumberSlot[]): Map<number, number[]> {
  const map = new Map<number, number[]>()
  for (const { context, value } of slots) {
    const values = map.get(context)
    if (values) values.push(value)
    else map.set(context, [value])
  }
  return map
}

function sharedValues(a: readonly NumberSlot[], b: readonly NumberSlot[]): number {
  const ofA = new Set(a.map((slot) => slot.value))
  const ofB = new Set(b.map((slot) => slot.value))
  const [few, many] = ofA.size <= ofB.size ? [ofA, ofB] : [ofB, ofA]
  return few.size === 0 ? 1 : shareOf([...few], many)
}

/** Dice's coefficient over character pairs. */
function titleLikeness(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1
  const ofA = new Set(pairBits(a))
  const ofB = new Set(pairBits(b))
  if (ofA.size === 0 || ofB.size === 0) return 0
  let both = 0
  for (const bit of ofA) if (ofB.has(bit)) both++
  return (2 * both) / (ofA.size + ofB.size)
}

function shareOfPairs(title: string, pairs: Uint8Array): number {
  const bits = pairBits(title)
  if (bits.length === 0) return 0
  return bits.filter((bit) => ((pairs[bit >> 3] ?? 0) >> (bit & 7)) & 1).length / bits.length
}
