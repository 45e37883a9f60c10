import type { Queryable } from '../archive/database.ts'
import {
  findCandidates,
  findCommonParagraphs,
  findFullest,
  type CandidateRecord,
  type FingerprintRecord,
} from '../archive/fingerprints.ts'
import { candidateKeys } from '../dedup/candidate-keys.ts'
import { chooseStory, type Compared } from '../dedup/choose-story.ts'
import { compare, type Verdict } from '../dedup/compare.ts'
import { decodeFingerprint, encodeFingerprint, fingerprintVersion } from '../dedup/fingerprint-bytes.ts'
import { fingerprint, type Fingerprint, type FingerprintSource } from '../dedup/fingerprint.ts'
import { boilerplateStories, candidateLimits } from '../dedup/story-limits.ts'

/** A fingerprint beside what the archive keeps of it. */
export type PrintedRecord = FingerprintRecord & { readonly print: Fingerprint }

/** A known article with its fingerprint as values. */
interface KnownPrint {
  readonly articleId: string
  readonly storyId: string
  readonly print: Fingerprint
}

/** An article's fingerprint as the archive keeps it. */
export function recordOf(article: FingerprintSource): PrintedRecord {
  const print = fingerprint(article)
  return {
    version: fingerprintVersion,
    words: print.words,
    publishedAt: article.publishedAt?.at ?? null,
    data: encodeFingerprint(print),
    keys: candidateKeys(print),
    paragraphs: print.paragraphs.map(({ hash }) => hash),
    print,
  }
}

/** Leaves out fingerprints of another version, which say nothing about this one. */
function decode(records: readonly CandidateRecord[]): KnownPrint[] {
  return records.flatMap(({ articleId, storyId, data }) => {
    const print = decodeFingerprint(data)
    return print ? [{ articleId, storyId, print }] : []
  })
}

async function boilerplateOf(client: Queryable, prints: readonly Fingerprint[]): Promise<(hash: number) => boolean> {
  const hashes = prints.flatMap((print) => print.paragraphs.map(({ hash }) => hash))
  const common = await findCommonParagraphs(client, hashes, boilerplateStories)
  return (hash) => common.has(hash)
}

/** Why two articles are, or are not, one story; `null` when a fingerprint is of an older program. */
export async function explainPair(client: Queryable, a: CandidateRecord, b: CandidateRecord): Promise<Verdict | null> {
  const [first, second] = decode([a, b])
  if (!first || !second) return null
  return compare(first.print, second.print, await boilerplateOf(client, [first.print, second.print]))
}

/** The story of a known article that this one is a copy of; `null` when it is news. */
export async function placeInStory(client: Queryable, record: PrintedRecord): Promise<string | null> {
  const candidates = decode(await findCandidates(client, record, candidateLimits(record.keys.length)))
  if (candidates.length === 0) return null
  const isBoilerplate = await boilerplateOf(client, [record.print, ...candidates.map(({ print }) => print)])
  const compareAll = (known: readonly KnownPrint[]): Compared[] =>
    known.map((other) => ({ ...other, verdict: compare(record.print, other.print, isBoilerplate) }))

  const compared = compareAll(candidates)
  const stories = new Set(compared.filter(({ verdict }) => verdict.same).map(({ storyId }) => storyId))
  if (stories.size === 0) return null
  const known = new Set(compared.map(({ articleId }) => articleId))
  const fullest = decode(await findFullest(client, [...stories])).filter(({ articleId }) => !known.has(articleId))
  return chooseStory(record.print, [...compared, ...compareAll(fullest)])?.storyId ?? null
}
