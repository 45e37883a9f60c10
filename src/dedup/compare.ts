import { isSampled, leadLevel, pairBits, type Fingerprint } from './fingerprint.ts'
import type { NumberSlot } from './number-slots.ts'
import { ShingleTable } from './shingle-table.ts'

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
  const ofShort = shareIn(short, long, isBoilerplate)
  const ofLong = shareIn(long, short, isBoilerplate)
  const numbers = compareNumbers(short.numbers, long.numbers)
  return {
    // A text that is all lead is sampled more densely there than a long text is as a whole.
    ofShort: short.leadCount === short.shingles.length ? Math.max(ofShort.all, ofShort.lead) : ofShort.all,
    ofLong: ofLong.all,
    lead: Math.max(ofShort.beginning, ofLong.beginning),
    wordsBefore: Math.round(ofLong.first * long.words),
    equalNumbers: numbers.equal,
    otherNumbers: numbers.other,
    otherTitleNumbers: compareNumbers(short.titleNumbers, long.titleNumbers).other,
    sharedNumbers: sharedValues(short.numbers, long.numbers),
    titles: titleLikeness(short.title, long.title),
    titleInShort: shareOfPairs(long.title, short.leadPairs),
  }
}

/** How many shingles of the lead are its beginning: at half of them sampled, some sixty words. */
const beginningShingles = 30

/**
 * Which share of a text is in another one: of all of it, of its lead in the other's lead, of its beginning in the other's lead;
 * `first` is where, from 0 to 1, the first common shingle is.
 */
function shareIn(print: Fingerprint, other: Fingerprint, isBoilerplate: IsBoilerplate) {
  const level = Math.max(print.level, other.level)
  const table = new ShingleTable(other.shingles)
  const all = { count: 0, found: 0 }
  const lead = { count: 0, found: 0 }
  const beginning = { count: 0, found: 0 }
  let first = -1
  let paragraph = 0
  for (let i = 0; i < print.shingles.length; i++) {
    while (paragraph < print.paragraphs.length - 1 && i >= (print.paragraphs[paragraph]?.end ?? 0)) paragraph++
    if (isBoilerplate(print.paragraphs[paragraph]?.hash ?? 0)) continue
    const hash = print.shingles[i] ?? 0
    const at = table.indexOf(hash)
    if (i < print.leadCount && isSampled(hash, leadLevel)) {
      const found = at >= 0 && at < other.leadCount ? 1 : 0
      lead.count++
      lead.found += found
      if (beginning.count < beginningShingles) {
        beginning.count++
        beginning.found += found
      }
    }
    if (!isSampled(hash, level)) continue
    if (at >= 0 && first < 0) first = all.count
    all.count++
    if (at >= 0) all.found++
  }
  return { all: share(all), lead: share(lead), beginning: share(beginning), first: first < 0 ? 1 : first / all.count }
}

function share({ count, found }: { count: number; found: number }): number {
  return count === 0 ? 0 : found / count
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
  if (few.size === 0) return 1
  let both = 0
  for (const value of few) if (many.has(value)) both++
  return both / few.size
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
