import type { Fingerprint } from './fingerprint.ts'
import { measureOverlap, type IsBoilerplate, type Overlap } from './overlap.ts'

export const reasons = [
  'same-text',
  'copy',
  'rewritten',
  'shortened',
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

/**
 * Bounds of the decision, in shares of a text and in characters of Chinese. Chosen where 4,226 labelled pairs leave a gap, and moved
 * towards keeping apart by templates of our own: a story that was missed is a second item, a false one hides an announcement.
 */
const bounds = {
  /** Under this, equal texts are forms (`详见附件`) unless their headlines are alike. */
  formWords: 60,
  /** Under this there is nothing to compare. */
  leastWords: 25,
  /** Under this a text has to be taken over word for word: names of people alone may tell two notices apart. */
  shortWords: 200,
  /** Under this one other name or subject is enough; heavily rewritten copies of longer texts swap names for synonyms. */
  nameWords: 300,
  /** A reprint puts a dateline (60 characters at most) or an editor's note before the text; a follow-up its own news. */
  datelineWords: 20,
  noteWords: 100,
  /** Share of a beginning in the other's lead: rewritten copies have 0.37 and more, texts with common background under 0.1. */
  leastLead: 0.2,
  noteLead: 0.35,
  summaryLead: 0.6,
  /** With so much of the longer text in the shorter one it does not matter where they begin. */
  nearlyAll: 0.75,
  half: 0.5,
  /** Rewritten copies have at least these shares: of the shorter text, and of the longer one. */
  rewritten: [0.55, 0.35],
  /** Rewritten copies have runs of their own up to 0.26 of the text, texts with a common boilerplate 0.32 and more. */
  ownPassage: 0.32,
  summary: 0.7,
  /** Titles of a summary and its text; round-ups have 0.3 of a member's in one case of fifty. */
  title: 0.3,
} as const

/** Decides whether two articles tell the same news. Symmetric, and independent of any other article but for `isBoilerplate`. */
export function compare(a: Fingerprint, b: Fingerprint, isBoilerplate: IsBoilerplate = () => false): Verdict {
  const isFirstShort = a.words === b.words ? (a.exact ?? '') <= (b.exact ?? '') : a.words < b.words
  const [short, long] = isFirstShort ? [a, b] : [b, a]
  const overlap = measureOverlap(short, long, isBoilerplate)
  if (isSameText(short, long, overlap)) return { same: true, reason: 'same-text', overlap }
  const objection = findObjection(short, long, overlap)
  if (objection) return { same: false, reason: objection, overlap }
  return { ...nameKinship(long, overlap), overlap }
}

function isSameText(short: Fingerprint, long: Fingerprint, o: Overlap): boolean {
  if (short.exact === null || short.exact !== long.exact) return false
  // A form that is filled in by its headline alone: `第 7 号公告`.
  if (o.otherTitleNumbers > 0) return short.numbers.values.length >= 3
  return short.words >= bounds.formWords || o.titles >= bounds.half
}

/** What speaks against one story, however much two texts have in common. */
function findObjection(short: Fingerprint, long: Fingerprint, o: Overlap): Reason | null {
  if (short.words < bounds.leastWords) return 'too-short'
  if (o.ofShort < leastShared(short.words)) return 'too-little-in-common'
  if (o.otherTitleNumbers > 0) return 'other-title-numbers'
  if (o.otherNumbers > tolerated(short.words) || hasOtherNumbers(short, o)) return 'other-numbers'
  if (short.words < bounds.nameWords && o.equalNumbers < 3 && (o.otherSubject || o.otherNames > 0))
    return 'other-subject'
  if (short.words < bounds.shortWords && !isVerbatim(short, o)) return 'too-short'
  if (isRoundUp(long) !== isRoundUp(short) && o.titles < bounds.half && o.ofLong < 0.7) return 'round-up'
  if (o.lead < bounds.leastLead) return 'other-beginning'
  const isAnchored =
    o.wordsBefore <= bounds.datelineWords || (o.wordsBefore <= bounds.noteWords && o.lead >= bounds.noteLead)
  if (!isAnchored && o.ofLong < bounds.nearlyAll) return 'other-beginning'
  // A rewritten copy has the other's words all over; releases with one boilerplate, and reports on what went before, in one place.
  if (o.ofShort < bounds.nearlyAll && o.ownPassage >= bounds.ownPassage) return 'own-passages'
  return null
}

/** What kind of copy it is, where nothing speaks against it. */
function nameKinship(long: Fingerprint, o: Overlap): { same: boolean; reason: Reason } {
  if (o.ofShort >= bounds.nearlyAll && o.ofLong >= bounds.half) return { same: true, reason: 'copy' }
  const isRewritten = o.ofShort >= bounds.rewritten[0] && o.ofLong >= bounds.rewritten[1]
  if (isRewritten && o.ofShort < bounds.nearlyAll) return { same: true, reason: 'rewritten' }
  if (!isRewritten && (o.ofShort < bounds.summary || o.lead < bounds.summaryLead))
    return { same: false, reason: 'too-little-in-common' }
  // The beginning of a release is the beginning of a round-up as well; the title knows which it is.
  const isTitleRight = o.titles >= bounds.title || o.titleInShort >= bounds.title || long.paragraphs.length < 2
  if (!isTitleRight) return { same: false, reason: 'round-up' }
  return { same: true, reason: isRewritten ? 'shortened' : 'summary' }
}

/** The shorter a text, the more of it a template or a phrase can be. */
function leastShared(words: number): number {
  if (words < 80) return 0.85
  return words < 150 ? 0.8 : 0.55
}

/**
 * A short text that was reworded cannot be told from another one of its template; one that was taken over word for word, or with
 * its headline, or with all the numbers that it consists of, can.
 */
function isVerbatim(short: Fingerprint, o: Overlap): boolean {
  if (o.sharedNumbers >= 0.9 && o.equalNumbers * 15 >= short.words) return true
  // A headline that the text does not speak of is a form's: `公告`.
  if (o.titleWithin >= 0.95 && o.titleInShort >= 0.2 && o.sharedNumbers >= 0.5) return true
  // Where one of two texts has what a reprint adds, the other has nothing of its own.
  return o.ofShort >= 0.95 && (o.ofLong < 0.85 || o.ownSubjects < 2)
}

/** Whether a text of many numbers has others than the other one; a text that is a number every other line has little else to be known by. */
function hasOtherNumbers(short: Fingerprint, o: Overlap): boolean {
  const count = short.numbers.values.length
  const isBulletin = count >= 4 && count * 25 > Math.min(short.words, 1000)
  // Ten equal numbers in equal places, and no other, are no accident.
  const isAlike = o.otherNumbers === 0 && o.equalNumbers >= 10
  return isBulletin && !isAlike && o.sharedNumbers < (short.words < bounds.shortWords ? 0.8 : 0.75) && o.ofShort < 0.9
}

/** Numbers that may differ: a long report is corrected; a bulletin is nothing but its numbers. */
function tolerated(words: number): number {
  return words < 500 ? 0 : Math.max(1, words / 1500)
}

/** Three separate items are a list of news; one or two are a report with headings. */
function isRoundUp(print: Fingerprint): boolean {
  return print.items >= 3
}
