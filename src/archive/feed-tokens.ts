import type { Queryable } from './database.ts'

/** Who may read a private feed. */
export interface FeedToken {
  /** Names it to people: it opens nothing. */
  readonly id: string
  readonly feedId: string
  /** Whose it is. */
  readonly name: string
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

/** Keeps a token by its hash. */
export async function insertFeedToken(
  db: Queryable,
  token: Pick<FeedToken, 'id' | 'feedId' | 'name' | 'createdAt'> & { readonly hash: string },
): Promise<void> {
  await db.query('insert into feed_token (id, feed_id, name, token_hash, created_at) values ($1, $2, $3, $4, $5)', [
    token.id,
    token.feedId,
    token.name,
    token.hash,
    token.createdAt,
  ])
}

/** All tokens, by feed and time. */
export async function listFeedTokens(db: Queryable): Promise<FeedToken[]> {
  const { rows } = await db.query<FeedToken>(
    `select id, feed_id as "feedId", name, created_at as "createdAt", revoked_at as "revokedAt"
     from feed_token order by feed_id, created_at, id`,
  )
  return rows
}

/** Closes what a token opened. @returns whether there was such a token, open until now */
export async function revokeFeedToken(db: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query('update feed_token set revoked_at = $2 where id = $1 and revoked_at is null', [
    id,
    now,
  ])
  return (rowCount ?? 0) > 0
}

/** The feed that a token opens, by the token's hash; `null`: none. */
export async function findTokenFeed(db: Queryable, hash: string): Promise<string | null> {
  const { rows } = await db.query<{ feedId: string }>(
    'select feed_id as "feedId" from feed_token where token_hash = $1 and revoked_at is null',
    [hash],
  )
  return rows[0]?.feedId ?? null
}
