import type { StatedTime } from '../model/time.ts'
import { coreText } from './core-text.ts'
import { detailList, namesOf, numbersOf, type DetailList } from './details.ts'
import { exactKey, foldCharacters } from './normalize-text.ts'
import { joinTokens, mix, shingleHashes, tokenize, type Tokens } from './shingles.ts'
import { subjectSet, subjectsOf } from './subjects.ts'

/** What is compared of an article. */
export interface FingerprintSource {
  readonly title: string
  /** Paragraphs joined by `\n`. */
  readonly bodyText: string
  readonly publishedAt: StatedTime | null
}

/** A paragraph of a fingerprint: which of the shingles begin in it, and a hash of its words. */
export interface ParagraphMark {
  readonly hash: number
  readonly start: number
  readonly end: number
}

/** An article in under 2 KB: enough to tell whether another one is a copy of it, and why. */
export interface Fingerprint {
  /** Of the whole announcement, folded; `null` when it has no words. */
  readonly exact: string | null
  /** Of the folded title; `null` when there is none. */
  readonly titleKey: number | null
  /** What the title speaks of. */
  readonly titleSubjects: Uint16Array
  /** What the lead speaks of, as a set. */
  readonly leadSubjects: Uint8Array
  /** Length of the announcement in characters of Chinese; a word of English counts two. */
  readonly words: number
  /** Shingles beyond the lead whose hash has this many zero bits in front are kept. */
  readonly level: number
  /** How many of `shingles` are of the lead, which is sampled more densely. */
  readonly leadCount: number
  /** Sampled shingles in the order of the text. */
  readonly shingles: Uint32Array
  /** Longer paragraphs, to leave out what a publisher puts under every release. */
  readonly paragraphs: readonly ParagraphMark[]
  /** Numbers with their surroundings, by context; the same contexts are kept of any two texts. */
  readonly numbers: DetailList
  /** Names of places, people and organisations likewise. */
  readonly names: DetailList
  /** Numbers of the title likewise. */
  readonly titleNumbers: DetailList
  /** Separate items that the text looks like; 3 and more may be a round-up. */
  readonly items: number
  /** Milliseconds since 1970; `null` when the publisher does not say. */
  readonly publishedAt: number | null
}

/** The lead: longer than any summary that portals cut (measured: 97 to 205 characters). */
export const leadWords = 240
/** Half of the lead's shingles: a summary of 100 characters still has fifty. */
export const leadLevel = 1
/** With the lead's 120 under 1.2 KB. A share measured on 160 samples is right within 4 points. */
const maxBodyShingles = 160
const maxNumbers = 40
const maxNames = 12
const maxTitleNumbers = 8
const maxTitleWords = 64
/** Standing paragraphs are at the ends of a text: the first and the last five are marked. */
const maxParagraphs = 6
/** A shorter paragraph is a heading, which releases of different companies share. */
const minParagraphWords = 20

/** The fingerprint of an article: what `compare` and `candidateKeys` need, and nothing else of it. */
export function fingerprint(article: FingerprintSource): Fingerprint {
  const core = coreText(article.bodyText)
  const text = core.paragraphs.join('\n')
  const title = foldCharacters(article.title)
  const titleTokens = tokenize(title)
  return {
    exact: exactKey(text),
    titleKey: titleTokens.hashes.length === 0 ? null : titleTokens.hashes.reduce((key, hash) => mix(key ^ hash), 0),
    titleSubjects: Uint16Array.from(new Set(subjectsOf(titleTokens, maxTitleWords))),
    ...sketch(core.paragraphs),
    numbers: detailList(numbersOf(text), maxNumbers),
    names: detailList(namesOf(text), maxNames),
    titleNumbers: detailList(numbersOf(title), maxTitleNumbers),
    items: core.items,
    publishedAt: article.publishedAt ? Date.parse(article.publishedAt.at) : null,
  }
}

function sketch(paragraphs: readonly string[]) {
  const parts = paragraphs.map((paragraph) => tokenize(paragraph))
  // Shingles run on over the ends of paragraphs: a copy may join or split them.
  const tokens = joinTokens(parts)
  const shingles = shingleHashes(tokens)
  const level = levelFor(shingles.length)
  const kept = new Uint32Array(shingles.length)
  // How many shingles were kept before each word.
  const keptBefore = new Uint32Array(tokens.weights.length + 1)
  let count = 0
  let words = 0
  let leadCount = 0
  for (let i = 0; i < tokens.weights.length; i++) {
    keptBefore[i] = count
    const isLead = words < leadWords
    words += tokens.weights[i] ?? 0
    const hash = shingles[i]
    if (hash === undefined || !isSampled(hash, isLead ? Math.min(level, leadLevel) : level)) continue
    kept[count++] = hash
    if (isLead) leadCount = count
  }
  keptBefore[tokens.weights.length] = count
  return {
    leadSubjects: subjectSet(subjectsOf(tokens, leadWords)),
    words,
    level,
    leadCount,
    shingles: kept.slice(0, count),
    paragraphs: markParagraphs(parts, keptBefore),
  }
}

function markParagraphs(parts: readonly Tokens[], keptBefore: Uint32Array): ParagraphMark[] {
  const marks: ParagraphMark[] = []
  let from = 0
  for (const { hashes } of parts) {
    const to = from + hashes.length
    if (hashes.length >= minParagraphWords) {
      let hash = hashes.length
      for (const token of hashes) hash = mix(hash ^ token)
      marks.push({ hash, start: keptBefore[from] ?? 0, end: keptBefore[to] ?? 0 })
    }
    from = to
  }
  return marks.length <= maxParagraphs ? marks : [...marks.slice(0, 1), ...marks.slice(1 - maxParagraphs)]
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
