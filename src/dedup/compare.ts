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

/** Decides whether two articles tell the same news. Symmetric, and independent of any other article but for `isBoilerplate`. */
export function compare(a: Fingerprint, b: Fingerprint, isBoilerplate: IsBoilerplate = () => false): Verdict {
  const [short, long] = a.words <= b.words ? [a, b] : [b, a]
  const overlap = measureOverlap(short, long, isBoilerplate)
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
  if (short.words < 200 && !isVerbatim(short, o)) return no('too-short')
  if (isRoundUp(long) !== isRoundUp(short) && o.titles < 0.5 && o.ofLong < 0.7) return no('round-up')
  if (o.lead < 0.2) return no('other-beginning')
  const isAnchored = o.wordsBefore <= 20 || (o.wordsBefore <= 100 && o.lead >= 0.35)
  if (!isAnchored && o.ofLong < 0.75) return no('other-beginning')
  if (o.ofShort >= 0.75 && o.ofLong >= 0.5) return yes('copy')
  // A rewritten copy has the other's words all over; releases with one boilerplate, and reports on what went before, in one place.
  if (o.ofShort < 0.75 && o.ownPassage >= 0.32) return no('own-passages')
  const isRewritten = o.ofShort >= 0.55 && o.ofLong >= 0.35
  if (isRewritten && o.ofShort < 0.75) return yes('rewritten')
  if (!isRewritten && (o.ofShort < 0.7 || o.lead < 0.6)) return no('too-little-in-common')
  // The beginning of a release is the beginning of a round-up as well; the title knows which it is.
  const isTitleRight = o.titles >= 0.3 || o.titleInShort >= 0.3 || long.paragraphs.length < 2
  if (!isTitleRight) return no('round-up')
  return yes(isRewritten ? 'shortened' : 'summary')
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

function isRoundUp(print: Fingerprint): boolean {
  return print.items >= 3
}
