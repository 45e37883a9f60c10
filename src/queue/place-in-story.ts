import { deserialize, serialize } from 'node:v8'
import { z } from 'zod'
import type { Queryable } from '../archive/database.ts'
import { findCandidates, findFullest, type CandidateRecord, type FingerprintRecord } from '../archive/fingerprints.ts'
import { candidateKeys } from '../dedup/candidate-keys.ts'
import { chooseStory, type Compared } from '../dedup/choose-story.ts'
import { compare, type Verdict } from '../dedup/compare.ts'
import { fingerprint, type Fingerprint, type FingerprintSource } from '../dedup/fingerprint.ts'

/** Raised with every change of `dedup/fingerprint.ts` that makes old fingerprints incomparable. */
export const fingerprintVersion = 1

/**
 * How far apart two articles of one story may be published. Reprints follow within days; a text that comes again
 * after a month (the yearly notice, the quarterly report) is news again.
 */
export const storyWindowDays = 30

/** The archive gives back what `recordOf` put in; anything else is a damaged row. */
const printSchema = z.custom<Fingerprint>(
  (value) =>
    typeof value === 'object' && value !== null && 'shingles' in value && value.shingles instanceof Uint32Array,
)

/** An article's fingerprint as the archive keeps it. */
export function recordOf(article: FingerprintSource): FingerprintRecord & { readonly print: Fingerprint } {
  const print = fingerprint(article)
  return {
    version: fingerprintVersion,
    words: print.words,
    publishedAt: article.publishedAt?.at ?? null,
    data: serialize(print),
    keys: candidateKeys(print),
    print,
  }
}

function printOf(candidate: CandidateRecord): Fingerprint {
  return printSchema.parse(deserialize(candidate.data))
}

/** Why two articles are, or are not, one story. */
export function explainPair(a: CandidateRecord, b: CandidateRecord): Verdict {
  return compare(printOf(a), printOf(b))
}

function compareWith(print: Fingerprint, candidate: CandidateRecord): Compared {
  const other = printOf(candidate)
  return { articleId: candidate.articleId, storyId: candidate.storyId, print: other, verdict: compare(print, other) }
}

/** The story of a known article that this one is a copy of; `null` when it is news. */
export async function placeInStory(
  client: Queryable,
  record: FingerprintRecord & { readonly print: Fingerprint },
): Promise<string | null> {
  const candidates = await findCandidates(client, record, storyWindowDays)
  const compared = candidates.map((candidate) => compareWith(record.print, candidate))
  const stories = new Set(compared.filter(({ verdict }) => verdict.same).map(({ storyId }) => storyId))
  if (stories.size === 0) return null
  const known = new Set(compared.map(({ articleId }) => articleId))
  const fullest = await findFullest(client, [...stories], record.version)
  const added = fullest
    .filter(({ articleId }) => !known.has(articleId))
    .map((other) => compareWith(record.print, other))
  return chooseStory(record.print, [...compared, ...added])?.storyId ?? null
}
