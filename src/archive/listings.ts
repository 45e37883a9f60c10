import type { Queryable } from './database.ts'

/** What a listing answered last, for conditional requests. */
export interface ListingRecord {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly fetchedAt: Date
}

export async function findListing(db: Queryable, sourceId: string, url: string): Promise<ListingRecord | null> {
  const { rows } = await db.query<ListingRecord>(
    `select etag, last_modified as "lastModified", fetched_at as "fetchedAt"
     from listing_state where source_id = $1 and url = $2`,
    [sourceId, url],
  )
  return rows[0] ?? null
}

export async function saveListing(db: Queryable, sourceId: string, url: string, state: ListingRecord): Promise<void> {
  await db.query(
    `insert into listing_state (source_id, url, etag, last_modified, fetched_at) values ($1, $2, $3, $4, $5)
     on conflict (source_id, url) do update set
       etag = excluded.etag, last_modified = excluded.last_modified, fetched_at = excluded.fetched_at`,
    [sourceId, url, state.etag, state.lastModified, state.fetchedAt],
  )
}
