import type { Queryable } from './database.ts'

/** What is kept of an article for finding its copies. */
export interface FingerprintRecord {
  /** Of the program that made it: one of another version is not comparable. */
  readonly version: number
  readonly words: number
  /** ISO 8601; `null` when the publisher does not say. */
  readonly publishedAt: string | null
  readonly data: Uint8Array
  /** Whole numbers from 0 to 2³²−1; two copies share some. */
  readonly keys: readonly number[]
}

/** An article that may tell the same news as a new one. */
export interface CandidateRecord {
  readonly articleId: string
  readonly storyId: string
  readonly version: number
  readonly data: Buffer
}

/** Articles looked at under one key, the newest. What more share is a phrase of the trade, and a copy is near its original in time. */
const maxPerKey = 64
/** Articles compared with a new one, those with the most keys in common. */
const maxCompared = 24

/**
 * Makes other transactions with a key in common wait until this one ends. Always in one order, so that no two wait for
 * each other.
 */
export async function lockCandidates(client: Queryable, keys: readonly number[]): Promise<void> {
  await client.query(
    // A class of its own beside the other locks, which are hashes of 64 bits.
    `select count(pg_advisory_xact_lock(1, key)) from
       (select ((k::bigint - 2147483648)::int) as key from unnest($1::bigint[]) as k order by 1) as keys`,
    [keys],
  )
}

/** Keeps or replaces the fingerprint of an article. */
export async function saveFingerprint(client: Queryable, articleId: string, print: FingerprintRecord): Promise<void> {
  await client.query(
    `insert into article_fingerprint (article_id, version, words, published_at, data) values ($1, $2, $3, $4, $5)
     on conflict (article_id) do update set version = excluded.version, words = excluded.words,
       published_at = excluded.published_at, data = excluded.data`,
    [articleId, print.version, print.words, print.publishedAt, Buffer.from(print.data)],
  )
  await client.query('delete from story_candidate where article_id = $1', [articleId])
  await client.query('insert into story_candidate (key, article_id) select unnest($1::bigint[]), $2', [
    print.keys,
    articleId,
  ])
}

const columns = 'f.article_id as "articleId", a.story_id as "storyId", f.version, f.data'

/** Articles with the most keys in common, published within the window where both say when. */
export async function findCandidates(
  client: Queryable,
  print: FingerprintRecord,
  windowDays: number,
): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(
    `select ${columns}
     from (
       select c.article_id, count(*) as shared
       from unnest($1::bigint[]) as k (key)
       cross join lateral (
         select article_id from story_candidate where key = k.key order by seen desc limit ${maxPerKey}
       ) as c
       group by c.article_id
     ) as s
     join article_fingerprint f using (article_id)
     join article a on a.id = f.article_id
     where f.version = $4 and ($2::timestamptz is null or f.published_at is null
       or f.published_at between $2::timestamptz - $3 * interval '1 day' and $2::timestamptz + $3 * interval '1 day')
     order by s.shared desc, f.article_id limit ${maxCompared}`,
    [print.keys, print.publishedAt, windowDays, print.version],
  )
  return rows
}

/** The fullest article of each story. */
export async function findFullest(
  client: Queryable,
  storyIds: readonly string[],
  version: number,
): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(
    `select distinct on (a.story_id) ${columns}
     from article a join article_fingerprint f on f.article_id = a.id
     where a.story_id = any($1) and f.version = $2 order by a.story_id, f.words desc, a.first_seen_at`,
    [storyIds, version],
  )
  return rows
}

/** Fingerprints of some articles, in the order asked for; what is not there is left out. */
export async function findFingerprints(client: Queryable, articleIds: readonly string[]): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(
    `select ${columns} from article a join article_fingerprint f on f.article_id = a.id
     where a.id = any($1::uuid[]) order by array_position($1::uuid[], a.id)`,
    [articleIds],
  )
  return rows
}
