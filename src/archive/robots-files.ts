import type { Queryable } from './database.ts'

/** A robots.txt as it was answered last. */
export interface RobotsRecord {
  /** `null`: the server says there is none, so everything is allowed. */
  readonly body: string | null
  readonly fetchedAt: Date
}

export async function findRobotsFile(db: Queryable, origin: string): Promise<RobotsRecord | null> {
  const { rows } = await db.query<RobotsRecord>(
    'select body, fetched_at as "fetchedAt" from robots_file where origin = $1',
    [origin],
  )
  return rows[0] ?? null
}

export async function saveRobotsFile(db: Queryable, origin: string, record: RobotsRecord): Promise<void> {
  await db.query(
    `insert into robots_file (origin, body, fetched_at) values ($1, $2, $3)
     on conflict (origin) do update set body = excluded.body, fetched_at = excluded.fetched_at`,
    [origin, record.body, record.fetchedAt],
  )
}
