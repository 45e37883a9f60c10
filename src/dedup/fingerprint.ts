import type { StatedTime } from '../model/time.ts'
import { coreText } from './core-text.ts'
import { exactKey, foldCharacters, normalizeText } from './normalize-text.ts'
import { numberSlots, type NumberSlot } from './number-slots.ts'
import { mix, shingleHashes, tokenize } from './shingles.ts'

/** What is compared of an article. */
export interface FingerprintSource {
  readonly title: string
  /** Paragraphs joined by `\n`. */
  readonly bodyText: string
  readonly publishedAt: StatedTime | null
}

/** An article in under 2 KB: enough to tell whether another one is a copy of it, and why. */
export interface Fingerprint {
  /** Of the whole announcement, folded; `null` when it has no words. */
  readonly exact: string | null
  /** Folded, without spaces and punctuation, at most 64 characters. */
  readonly title: string
  /** Words of the announcement. */
  readonly words: number
  /** Shingles beyond the lead whose hash has this many zero bits in front are kept. */
  readonly level: number
  /** How many of `shingles` are of the lead, which is sampled more densely. */
  readonly leadCount: number
  /** Sampled shingles in the order of the text. */
  readonly shingles: Uint32Array
  /** Where each paragraph ends in `shingles`, and a hash of its words: to leave out what a publisher puts under every release. */
  readonly paragraphs: readonly { readonly hash: number; readonly end: number }[]
  /** Numbers with their surroundings, by context; the same contexts are kept of any two texts. */
  readonly numbers: readonly NumberSlot[]
  /** Numbers of the title alike. */
  readonly titleNumbers: readonly NumberSlot[]
  /** Which pairs of characters the lead has: 1024 bits. */
  readonly leadPairs: Uint8Array
  /** Separate items that the text looks like; 3 and more may be a round-up. */
  readonly items: number
  readonly isCut: boolean
  /** Milliseconds since 1970; `null` when the publisher does not say. */
  readonly publishedAt: number | null
}

/** The lead: longer than any summary that portals cut (measured: 97 to 205 characters). */
const leadWords = 240
/** Half of the lead's shingles: a summary of 100 characters still has fifty. */
export const leadLevel = 1
/** With the lead's 120 under 1.2 KB. A share measured on 160 samples is right within 4 points. */
const maxBodyShingles = 160
const maxNumbers = 48
const maxParagraphs = 24
const maxTitle = 64
const titleSalt = 0x7469746c

/** The fingerprint of an article: what `compare` and `candidateKeys` need, and nothing else of it. */
export function fingerprint(article: FingerprintSource): Fingerprint {
  const core = coreText(article.bodyText)
  const text = core.paragraphs.join('\n')
  return {
    exact: exactKey(text),
    title: normalizeText(article.title).slice(0, maxTitle),
    ...sketch(core.paragraphs),
    numbers: lowest(numberSlots(text, 0)),
    titleNumbers: numberSlots(foldCharacters(article.title), titleSalt).slice(0, 8),
    leadPairs: pairsOf(normalizeText(text.slice(0, leadWords * 2)).slice(0, leadWords)),
    items: core.items,
    isCut: core.isCut,
    publishedAt: article.publishedAt ? Date.parse(article.publishedAt.at) : null,
  }
}

function sketch(paragraphs: readonly string[]) {
  const shingled = paragraphs.map((paragraph) => {
    const tokens = tokenize(paragraph)
    return { words: tokens.hashes.length, shingles: shingleHashes(tokens) }
  })
  const level = levelFor(shingled.reduce((sum, { shingles }) => sum + shingles.length, 0))
  const kept: number[] = []
  const ends: { hash: number; end: number }[] = []
  let words = 0
  let leadCount = 0
  for (const paragraph of shingled) {
    let whole = 0
    for (let i = 0; i < paragraph.shingles.length; i++) {
      const hash = paragraph.shingles[i] ?? 0
      const isLead = words + i < leadWords
      if (isSampled(hash, isLead ? Math.min(level, leadLevel) : level)) {
        kept.push(hash)
        if (isLead) leadCount = kept.length
      }
      whole = Math.imul(whole ^ hash, 0x01000193)
    }
    words += paragraph.words
    if (ends.length < maxParagraphs) ends.push({ hash: mix(whole), end: kept.length })
  }
  return { words, level, leadCount, shingles: Uint32Array.from(kept), paragraphs: ends }
}

function levelFor(shingles: number): number {
  let level = 0
  while (shingles / 2 ** level > maxBodyShingles) level++
  return level
}

/** Whether a shingle is in the sample of a level: every sample holds the samples of higher levels. */
export function isSampled(hash: number, level: number): boolean {
  return level === 0 || hash >>> (32 - level) === 0
}

function lowest(slots: readonly NumberSlot[]): NumberSlot[] {
  return slots.toSorted((a, b) => a.context - b.context).slice(0, maxNumbers)
}

/** A set of character pairs as bits. */
function pairsOf(text: string): Uint8Array {
  const bits = new Uint8Array(128)
  for (const bit of pairBits(text)) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
  return bits
}

/** The bits of a normalised text's character pairs in a set of 1024. */
export function pairBits(text: string): number[] {
  const bits: number[] = []
  for (let i = 0; i + 1 < text.length; i++) bits.push(mix((text.charCodeAt(i) << 16) | text.charCodeAt(i + 1)) >>> 22)
  return bits
}
