import type { Queryable } from './database.ts'

/** A robots.txt as it was answered last. */
export interface RobotsRecord {
  /** Empty when there is none; `null` when it could not be read. */
  readonly text: string | null
  /** In words: `status 503`. */
  readonly reason: string
  readonly expiresAt: Date
}

/** The robots.txt of an origin as it was answered last; `null` when it was never asked for. */
export async function findRobotsFile(db: Queryable, origin: string): Promise<RobotsRecord | null> {
  const { rows } = await db.query<RobotsRecord>(
    'select text, reason, expires_at as "expiresAt" from robots_file where origin = $1',
    [origin],
  )
  return rows[0] ?? null
}

/** Replaces what is kept of an origin's robots.txt. */
export async function saveRobotsFile(db: Queryable, origin: string, record: RobotsRecord): Promise<void> {
  await db.query(
    `insert into robots_file (origin, text, reason, expires_at) values ($1, $2, $3, $4)
     on conflict (origin) do update set
       text = excluded.text, reason = excluded.reason, expires_at = excluded.expires_at`,
    [origin, record.text, record.reason, record.expiresAt],
  )
}
