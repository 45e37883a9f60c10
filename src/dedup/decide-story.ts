import { compare, type Verdict } from './compare.ts'
import type { Fingerprint } from './fingerprint.ts'
import { screenFor, type IsBoilerplate } from './overlap.ts'

/** An article that a store holds. */
export interface KnownArticle {
  readonly articleId: string
  readonly storyId: string
  readonly print: Fingerprint
}

/** A known article that the new one was compared with. */
export interface Compared extends KnownArticle {
  readonly verdict: Verdict
}

/** The story that a new article belongs to, and the member that it was recognised by. */
export interface Choice {
  readonly storyId: string
  readonly because: Compared
}

/** What a decision rests on beside the article itself; the same whether a store is in memory or in a database. */
export interface Surroundings {
  /** Known articles that share keys with the new one, those with the most first. */
  readonly candidates: Iterable<KnownArticle>
  /** The member of a story with the most words. */
  readonly fullestOf: (storyId: string) => KnownArticle | null
  /** How far apart two articles of one story may be published. */
  readonly windowMs: number
  readonly isBoilerplate?: IsBoilerplate
}

/** Articles looked at under one key, the newest first. What more share is a phrase of the trade, and a copy is near its original in time. */
export const maxPerKey = 64
/** Articles compared with a new one. */
export const maxCandidates = 24

/** Members of one story that are asked: a story with a hundred copies must not keep the others from being looked at. */
const maxPerStory = 6

/** How many keys a candidate has to share: one in common is a phrase, but a short text has few to share. */
export function leastSharedKeys(keys: readonly number[]): number {
  return keys.length < 12 ? 1 : 2
}

/** Which story a new article belongs to; `null` when it begins one of its own. */
export function decideStory(print: Fingerprint, from: Surroundings): Choice | null {
  const compared = new Map<string, Compared>()
  const asked = new Map<string, number>()
  const mayBeSame = screenFor(print)
  const look = (known: KnownArticle | null): Verdict | null => {
    if (!known || compared.has(known.articleId) || !isInWindow(print, known.print, from.windowMs)) return null
    const verdict = compare(print, known.print, from.isBoilerplate)
    compared.set(known.articleId, { ...known, verdict })
    asked.set(known.storyId, (asked.get(known.storyId) ?? 0) + 1)
    return verdict
  }
  for (const candidate of from.candidates) {
    if ((asked.get(candidate.storyId) ?? 0) >= maxPerStory || !mayBeSame(candidate.print)) continue
    const verdict = look(candidate)
    // A summary fits into a round-up as well as into its own release: the whole release has to be asked.
    if (verdict?.same) look(from.fullestOf(candidate.storyId))
    if (verdict && isBeyondDoubt(verdict)) break
  }
  return choose(print, [...compared.values()])
}

/**
 * The fingerprint as it is to be kept: an article without a time has that of the member it was recognised by.
 * Otherwise it would hold this year's notice and last year's together, being near to both.
 */
export function datedByStory(print: Fingerprint, choice: Choice | null): Fingerprint {
  return { ...print, publishedAt: print.publishedAt ?? choice?.because.print.publishedAt ?? null }
}

function isBeyondDoubt({ same, reason, overlap }: Verdict): boolean {
  return same && (reason === 'same-text' || (overlap.ofShort >= 0.95 && overlap.ofLong >= 0.95))
}

function isInWindow(a: Fingerprint, b: Fingerprint, windowMs: number): boolean {
  if (a.publishedAt === null || b.publishedAt === null) return true
  return Math.abs(a.publishedAt - b.publishedAt) <= windowMs
}

function choose(print: Fingerprint, compared: readonly Compared[]): Choice | null {
  const choices: Choice[] = []
  let summarised = 0
  for (const [storyId, members] of groupByStory(compared)) {
    const because = members.filter((member) => member.verdict.same).toSorted((a, b) => strength(b) - strength(a))[0]
    if (!because) continue
    const isSummary = because.verdict.reason === 'summary'
    const fullest = members.reduce((a, b) => (b.print.words > a.print.words ? b : a))
    if (isSummary && !fullest.verdict.same) continue
    if (isSummary && because.print.words < print.words) summarised++
    choices.push({ storyId, because })
  }
  // A text that has the beginnings of several stories is a round-up of them.
  const eligible = summarised > 1 ? choices.filter((choice) => choice.because.verdict.reason !== 'summary') : choices
  return eligible.toSorted((a, b) => strength(b.because) - strength(a.because))[0] ?? null
}

function strength({ verdict: { overlap } }: Compared): number {
  return overlap.ofShort + overlap.ofLong + overlap.titles / 2
}

function groupByStory(compared: readonly Compared[]): Map<string, Compared[]> {
  const stories = new Map<string, Compared[]>()
  for (const member of compared) {
    const members = stories.get(member.storyId)
    if (members) members.push(member)
    else stories.set(member.storyId, [member])
  }
  return stories
}
