import { prepare, type Queryable } from './database.ts'

/** What a listing answered last, for conditional requests. */
export interface ListingRecord {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly settingsKey: string
  readonly isComplete: boolean
  readonly savedAt: Date
  readonly freshUntil?: Date | null
  readonly skipHours?: readonly number[]
}

const listingQuery = prepare(
  'find-listing',
  `select etag, last_modified as "lastModified", settings_key as "settingsKey", is_complete as "isComplete",
       saved_at as "savedAt", fresh_until as "freshUntil", skip_hours as "skipHours"
     from listing_state where source_id = $1 and url = $2`,
)

/** What is kept of one listing of a source; `null` when it was never read. */
export async function findListing(db: Queryable, sourceId: string, url: string): Promise<ListingRecord | null> {
  const { rows } = await db.query<ListingRecord>(listingQuery, [sourceId, url])
  return rows[0] ?? null
}

const saveListingStatement = prepare(
  'save-listing',
  `insert into listing_state (source_id, url, etag, last_modified, settings_key, is_complete, saved_at, fresh_until,
       skip_hours)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (source_id, url) do update set
       etag = excluded.etag, last_modified = excluded.last_modified, settings_key = excluded.settings_key,
       is_complete = excluded.is_complete, saved_at = excluded.saved_at, fresh_until = excluded.fresh_until,
       skip_hours = excluded.skip_hours`,
)

/** Replaces what is kept of a listing. */
export async function saveListing(db: Queryable, sourceId: string, url: string, state: ListingRecord): Promise<void> {
  await db.query(saveListingStatement, [
    sourceId,
    url,
    state.etag,
    state.lastModified,
    state.settingsKey,
    state.isComplete,
    state.savedAt,
    state.freshUntil ?? null,
    state.skipHours ?? [],
  ])
}
