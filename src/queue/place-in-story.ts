import type { Queryable } from '../archive/database.ts'
import {
  findCandidates,
  findCommonParagraphs,
  findFullest,
  type CandidateRecord,
  type FingerprintRecord,
} from '../archive/fingerprints.ts'
import { candidateKeys } from '../dedup/candidate-keys.ts'
import { compare, type Verdict } from '../dedup/compare.ts'
import {
  datedByStory,
  decideStory,
  leastSharedKeys,
  maxCandidates,
  maxPerKey,
  type KnownArticle,
} from '../dedup/decide-story.ts'
import { decodeFingerprint, encodeFingerprint, fingerprintVersion } from '../dedup/fingerprint-bytes.ts'
import { fingerprint, type Fingerprint, type FingerprintSource } from '../dedup/fingerprint.ts'
import { boilerplateStories, storyWindowDays } from '../dedup/story-index.ts'

const dayMs = 86_400_000

/** A fingerprint beside what the archive keeps of it. */
export type PrintedRecord = FingerprintRecord & { readonly print: Fingerprint }

function recordOfPrint(print: Fingerprint): PrintedRecord {
  return {
    version: fingerprintVersion,
    words: print.words,
    publishedAt: print.publishedAt === null ? null : new Date(print.publishedAt).toISOString(),
    data: encodeFingerprint(print),
    keys: candidateKeys(print),
    paragraphs: print.paragraphs.map(({ hash }) => hash),
    print,
  }
}

/** An article's fingerprint as the archive keeps it. */
export function recordOf(article: FingerprintSource): PrintedRecord {
  return recordOfPrint(fingerprint(article))
}

/** Leaves out fingerprints of another version, which say nothing about this one. */
function decode(records: readonly CandidateRecord[]): KnownArticle[] {
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

/**
 * The story of a known article that this one is a copy of; `null` when it is news. The record is the one to keep: an
 * article without a time has its story's.
 */
export async function placeInStory(
  client: Queryable,
  record: PrintedRecord,
): Promise<{ readonly storyId: string | null; readonly fingerprint: FingerprintRecord }> {
  const limits = {
    perKey: maxPerKey,
    compared: maxCandidates,
    sharedKeys: leastSharedKeys(record.keys),
    windowDays: storyWindowDays,
  }
  const candidates = decode(await findCandidates(client, record, limits))
  if (candidates.length === 0) return { storyId: null, fingerprint: record }
  const fullest = decode(await findFullest(client, [...new Set(candidates.map(({ storyId }) => storyId))]))
  const fullestOf = new Map(fullest.map((known) => [known.storyId, known]))
  const choice = decideStory(record.print, {
    candidates,
    fullestOf: (storyId) => fullestOf.get(storyId) ?? null,
    windowMs: storyWindowDays * dayMs,
    isBoilerplate: await boilerplateOf(client, [
      record.print,
      ...[...candidates, ...fullest].map(({ print }) => print),
    ]),
  })
  const kept = recordOfPrint(datedByStory(record.print, choice))
  return { storyId: choice?.storyId ?? null, fingerprint: kept }
}
