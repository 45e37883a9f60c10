import { compareDetails, sharedValues } from './details.ts'
import { isSampled, leadLevel, leadWords, type Fingerprint } from './fingerprint.ts'
import { ShingleTable } from './shingle-table.ts'
import { countOwn, hasSubject, likeness, shareOfSubjects, shareWithin } from './subjects.ts'

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
  /** How many pairs of characters or words each lead has that the other has not; the lesser of the two. */
  readonly ownSubjects: number
  /** Share of the different numbers of the text with fewer of them that the other has too; 1 when there are none. */
  readonly sharedNumbers: number
  /** How alike the titles are, and how much of the longer text's title the shorter text speaks of. */
  readonly titles: number
  /** How much of the shorter title the longer one has. */
  readonly titleWithin: number
  readonly titleInShort: number
}

/** A publisher's standing paragraphs: by hash, as in `Fingerprint.paragraphs`. */
export type IsBoilerplate = (paragraphHash: number) => boolean

/** Measures what two articles have in common; `short` is the one with fewer words. */
export function measureOverlap(short: Fingerprint, long: Fingerprint, isBoilerplate: IsBoilerplate): Overlap {
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
    ownSubjects: Math.min(
      countOwn(short.leadSubjects, long.leadSubjects),
      countOwn(long.leadSubjects, short.leadSubjects),
    ),
    sharedNumbers: sharedValues(short.numbers, long.numbers),
    titles: likeness(short.titleSubjects, long.titleSubjects),
    titleWithin: shareWithin(short.titleSubjects, long.titleSubjects),
    titleInShort: shareOfSubjects(long.titleSubjects, short.leadSubjects),
  }
}

/** Less of the shorter text than this in the longer one, and no other measure matters. */
const leastWorthMeasuring = 0.3

/** Asks of many articles, at a fraction of the cost of measuring, whether one may have enough in common with `print`. */
export function screenFor(print: Fingerprint): (other: Fingerprint) => boolean {
  const table = new ShingleTable(print.shingles)
  return (other) => {
    const level = Math.max(print.level, other.level)
    let shared = 0
    let ofOther = 0
    for (const hash of other.shingles) {
      if (!isSampled(hash, level)) continue
      ofOther++
      if (table.indexOf(hash) >= 0) shared++
    }
    let own = 0
    for (const hash of print.shingles) if (isSampled(hash, level)) own++
    return shared >= leastWorthMeasuring * Math.min(own, ofOther)
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
