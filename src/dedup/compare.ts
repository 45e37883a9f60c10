import { isSampled, leadLevel, leadWords, type Fingerprint } from './fingerprint.ts'
import { compareDetails, sharedValues } from './details.ts'
import { ShingleTable } from './shingle-table.ts'
import { hasSubject, likeness, shareOfSubjects } from './subjects.ts'

/** What two articles have in common, as shares from 0 to 1 and counts. `short` and `long` are by words of the announcement. */
export interface Overlap {
  /** Share of the shorter text that the longer one has. */
  readonly ofShort: number
  /** Share of the longer text that the shorter one has. */
  readonly ofLong: number
  /** Share of the beginning of one that is in the lead of the other; the better of the two directions. */
  readonly lead: number
  /** How much stands before the first words that they share, in the one of the two with more before them. */
  readonly wordsBefore: number
  /** The longest passage of each that the other does not have at all, as a share of its text; the lesser of the two. */
  readonly ownPassage: number
  /** Numbers in the same surroundings that are equal, and that differ. */
  readonly equalNumbers: number
  readonly otherNumbers: number
  readonly otherTitleNumbers: number
  /** Names of places, people and organisations in the same surroundings that differ. */
  readonly otherNames: number
  /** Whether each title names something that its own text speaks of and the other text does not. */
  readonly otherSubject: boolean
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
  'other-subject',
  'round-up',
  'other-beginning',
  'own-passages',
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
  if (o.ofShort < leastShared(short.words)) return no('too-little-in-common')
  if (o.otherTitleNumbers > 0) return no('other-title-numbers')
  if (o.otherNumbers > tolerated(short.words)) return no('other-numbers')
  // Twenty equal numbers in equal places and no other are no accident.
  const isNumbersAlike = o.otherNumbers === 0 && o.equalNumbers >= 10
  if (!isNumbersAlike && isBulletin(short) && o.sharedNumbers < (short.words < 200 ? 0.8 : 0.75) && o.ofShort < 0.9)
    return no('other-numbers')
  if (short.words < 300 && o.equalNumbers < 3 && (o.otherSubject || o.otherNames > 0)) return no('other-subject')
  if (isRoundUp(long) !== isRoundUp(short) && o.titles < 0.5 && o.ofLong < 0.7) return no('round-up')
  if (o.lead < 0.2) return no('other-beginning')
  const isAnchored = o.wordsBefore <= 20 || (o.wordsBefore <= 100 && o.lead >= 0.35)
  if (!isAnchored && o.ofLong < 0.75) return no('other-beginning')
  if (o.ofShort >= 0.75 && o.ofLong >= 0.5) return yes('copy')
  // A rewritten copy has the other's words all over; releases with one boilerplate, and reports on what went before, in one place.
  if (o.ofShort < 0.75 && o.ownPassage >= 0.32) return no('own-passages')
  if (o.ofShort >= 0.55 && o.ofLong >= 0.35) return yes('rewritten')
  if (o.ofShort >= 0.7 && o.lead >= 0.6)
    return o.titles >= 0.3 || o.titleInShort >= 0.3 || long.paragraphs.length < 2 ? yes('summary') : no('round-up')
  return no('too-little-in-common')
}

/** The shorter a text, the more of it a template or a phrase can be. */
function leastShared(words: number): number {
  if (words < 80) return 0.85
  return words < 150 ? 0.8 : 0.55
}

/** A text that is a number every other line has little else to be known by. */
function isBulletin(print: Fingerprint): boolean {
  return print.numbers.values.length >= 4 && print.numbers.values.length * 25 > Math.min(print.words, 1000)
}

/** Numbers that may differ: a long report is corrected; a bulletin is nothing but its numbers. */
function tolerated(words: number): number {
  return words < 500 ? 0 : Math.max(1, words / 1500)
}

const yes = (reason: Reason) => ({ same: true, reason })
const no = (reason: Reason) => ({ same: false, reason })

export function isRoundUp(print: Fingerprint): boolean {
  return print.items >= 3
}

function measure(short: Fingerprint, long: Fingerprint, isBoilerplate: IsBoilerplate): Overlap {
  const ofShort = shareIn(short, long, isBoilerplate)
  const ofLong = shareIn(long, short, isBoilerplate)
  const numbers = compareDetails(short.numbers, long.numbers)
  return {
    // A text that is all lead is sampled more densely there than a long text is as a whole.
    ofShort: short.leadCount === short.shingles.length ? Math.max(ofShort.all, ofShort.lead) : ofShort.all,
    ofLong: ofLong.all,
    lead: Math.max(ofShort.beginning, ofLong.beginning),
    wordsBefore: Math.max(ofShort.before, ofLong.before),
    ownPassage: Math.min(ofShort.run, ofLong.run),
    equalNumbers: numbers.equal,
    otherNumbers: numbers.other,
    otherTitleNumbers: compareDetails(short.titleNumbers, long.titleNumbers).other,
    otherNames: compareDetails(short.names, long.names).other,
    otherSubject: speaksOfOther(short, long) && speaksOfOther(long, short),
    sharedNumbers: sharedValues(short.numbers, long.numbers),
    titles: likeness(short.titleSubjects, long.titleSubjects),
    titleInShort: shareOfSubjects(long.titleSubjects, short.leadSubjects),
  }
}

/** How many shingles of the lead are its beginning: at half of them sampled, some sixty words. */
const beginningShingles = 30

/**
 * Which share of a text is in another one: of all of it, of its lead in the other's lead, of its beginning in the other's lead;
 * `before` is how much stands
 * before the first shingle that both have, `run` the longest stretch without one.
 */
function shareIn(print: Fingerprint, other: Fingerprint, isBoilerplate: IsBoilerplate) {
  const level = Math.max(print.level, other.level)
  const table = new ShingleTable(other.shingles)
  const all = { count: 0, found: 0 }
  const lead = { count: 0, found: 0 }
  const beginning = { count: 0, found: 0 }
  let before = -1
  let run = 0
  let longestRun = 0
  const skipped = print.paragraphs.filter(({ hash }) => isBoilerplate(hash))
  for (let i = 0; i < print.shingles.length; i++) {
    if (skipped.some(({ start, end }) => i >= start && i < end)) continue
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
    if (at >= 0 && before < 0) before = lengthBefore(print, i)
    if (!isSampled(hash, level)) continue
    all.count++
    if (at >= 0) all.found++
    run = at >= 0 ? 0 : run + 1
    longestRun = Math.max(longestRun, run)
  }
  return {
    all: share(all),
    lead: share(lead),
    beginning: share(beginning),
    before: before < 0 ? print.words : before,
    run: all.count === 0 ? 1 : longestRun / all.count,
  }
}

/** Where about in the text a sampled shingle stands. */
function lengthBefore(print: Fingerprint, index: number): number {
  if (index < print.leadCount) return Math.round((index / print.leadCount) * Math.min(print.words, leadWords))
  return (
    leadWords +
    Math.round(((index - print.leadCount) / (print.shingles.length - print.leadCount)) * (print.words - leadWords))
  )
}

function share({ count, found }: { count: number; found: number }): number {
  return count === 0 ? 0 : found / count
}

/** Whether the title names something that its text's lead has, and neither the other's title nor lead. */
function speaksOfOther(print: Fingerprint, other: Fingerprint): boolean {
  return print.titleSubjects.some(
    (subject) =>
      hasSubject(print.leadSubjects, subject) &&
      !hasSubject(other.leadSubjects, subject) &&
      !other.titleSubjects.includes(subject),
  )
}
