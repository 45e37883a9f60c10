import { prepare, type Queryable } from './database.ts'

/** What is kept of an article for finding its copies. */
export interface FingerprintRecord {
  /** Of the program that made it: one of another version is not comparable. */
  readonly version: number
  readonly words: number
  /** ISO 8601; `null` when the publisher does not say. */
  readonly publishedAt: string | null
  readonly data: Uint8Array
  /** Different whole numbers from 0 to 2³²−1; two copies share some. */
  readonly keys: readonly number[]
  /** Hashes of its longer paragraphs, for telling what a publisher puts under every release. */
  readonly paragraphs: readonly number[]
}

/** An article that may tell the same news as a new one. */
export interface CandidateRecord {
  readonly articleId: string
  readonly storyId: string
  readonly data: Buffer
}

/** How far candidates are looked for. */
export interface CandidateLimits {
  /** Articles looked at under one key, the newest. */
  readonly perKey: number
  /** Articles returned, those with the most keys in common. */
  readonly compared: number
  /** Keys that an article must have in common. */
  readonly sharedKeys: number
  /** How far apart two articles may be published, where both say when. */
  readonly windowDays: number
}

// A class of its own beside the other locks, which are hashes of 64 bits.
const lockQuery = prepare(
  'lock-candidates',
  `select count(pg_advisory_xact_lock(1, key)) from
       (select ((k::bigint - 2147483648)::int) as key from unnest($1::bigint[]) as k order by 1) as keys`,
)

/**
 * Makes other transactions with a key in common wait until this one ends. Always in one order, so that no two wait for
 * each other.
 */
export async function lockCandidates(client: Queryable, keys: readonly number[]): Promise<void> {
  await client.query(lockQuery, [keys])
}

/** Keeps or replaces the fingerprint of an article. */
export async function saveFingerprint(
  client: Queryable,
  article: { readonly id: string; readonly storyId: string },
  print: FingerprintRecord,
): Promise<void> {
  await client.query(
    `insert into article_fingerprint (article_id, version, words, data) values ($1, $2, $3, $4)
     on conflict (article_id) do update set version = excluded.version, words = excluded.words, data = excluded.data`,
    [article.id, print.version, print.words, Buffer.from(print.data)],
  )
  await client.query('delete from story_candidate where article_id = $1', [article.id])
  await client.query(
    'insert into story_candidate (key, article_id, published_at) select unnest($1::bigint[]), $2, $3',
    [print.keys, article.id, print.publishedAt],
  )
  await client.query(
    `insert into paragraph_use as p (hash, stories, last_story_id)
     select distinct h, 1, $2::uuid from unnest($1::bigint[]) as h order by 1
     on conflict (hash) do update set stories = p.stories + 1, last_story_id = excluded.last_story_id
       where p.last_story_id <> excluded.last_story_id`,
    [print.paragraphs, article.storyId],
  )
}

// Counted and cut before anything is joined: what is looked up afterwards is bounded, whatever the planner thinks.
const candidatesQuery = prepare(
  'find-candidates',
  `with shared as materialized (
       select c.article_id, count(*) as keys
       from unnest($1::bigint[]) as k (key)
       cross join lateral (
         select article_id, published_at from story_candidate where key = k.key order by seen desc limit $4
       ) as c
       where $2::timestamptz is null or c.published_at is null
         or c.published_at between $2::timestamptz - $3 * interval '1 day' and $2::timestamptz + $3 * interval '1 day'
       group by c.article_id having count(*) >= $5
       order by keys desc, c.article_id limit $6
     )
     select f.article_id as "articleId", a.story_id as "storyId", f.data
     from shared s
     cross join lateral (select * from article_fingerprint f where f.article_id = s.article_id offset 0) as f
     cross join lateral (select story_id from article a where a.id = s.article_id offset 0) as a
     order by s.keys desc, s.article_id`,
)

/** Articles that may tell the same news, those with the most keys in common first. */
export async function findCandidates(
  client: Queryable,
  print: FingerprintRecord,
  limits: CandidateLimits,
): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(candidatesQuery, [
    print.keys,
    print.publishedAt,
    limits.windowDays,
    limits.perKey,
    limits.sharedKeys,
    limits.compared,
  ])
  return rows
}

/** The fullest article of each story. */
export async function findFullest(client: Queryable, storyIds: readonly string[]): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(
    `select distinct on (a.story_id) f.article_id as "articleId", a.story_id as "storyId", f.data
     from article a join article_fingerprint f on f.article_id = a.id
     where a.story_id = any($1) order by a.story_id, f.words desc, a.first_seen_at`,
    [storyIds],
  )
  return rows
}

/** Those of the paragraphs that stand in at least so many stories. */
export async function findCommonParagraphs(
  client: Queryable,
  hashes: readonly number[],
  stories: number,
): Promise<Set<number>> {
  const { rows } = await client.query<{ hash: number }>(
    'select hash::float8 as hash from paragraph_use where hash = any($1::bigint[]) and stories >= $2',
    [hashes, stories],
  )
  return new Set(rows.map(({ hash }) => hash))
}

/** Fingerprints of some articles, in the order asked for; what is not there is left out. */
export async function findFingerprints(client: Queryable, articleIds: readonly string[]): Promise<CandidateRecord[]> {
  const { rows } = await client.query<CandidateRecord>(
    `select f.article_id as "articleId", a.story_id as "storyId", f.data
     from article a join article_fingerprint f on f.article_id = a.id
     where a.id = any($1::uuid[]) order by array_position($1::uuid[], a.id)`,
    [articleIds],
  )
  return rows
}
