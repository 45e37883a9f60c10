import type { Queryable } from './database.ts'

/** The list page that a backfill has come to. */
export interface BackfillPlace {
  readonly settingsKey: string
  readonly pageUrl: string
  /** List pages before it. */
  readonly pagesBefore: number
}

/** Where a backfill of a listing goes on; `null` where it begins. */
export async function findBackfillPlace(db: Queryable, sourceId: string, url: string): Promise<BackfillPlace | null> {
  const { rows } = await db.query<BackfillPlace>(
    `select settings_key as "settingsKey", page_url as "pageUrl", pages_before as "pagesBefore"
     from backfill_place where source_id = $1 and url = $2`,
    [sourceId, url],
  )
  return rows[0] ?? null
}

/** Replaces where a backfill of a listing goes on. @param place `null`: it has come to its end */
export async function saveBackfillPlace(
  db: Queryable,
  of: { readonly sourceId: string; readonly url: string },
  place: BackfillPlace | null,
  now: Date,
): Promise<void> {
  if (place === null) {
    await db.query('delete from backfill_place where source_id = $1 and url = $2', [of.sourceId, of.url])
    return
  }
  await db.query(
    `insert into backfill_place (source_id, url, settings_key, page_url, pages_before, saved_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (source_id, url) do update set settings_key = excluded.settings_key, page_url = excluded.page_url,
       pages_before = excluded.pages_before, saved_at = excluded.saved_at`,
    [of.sourceId, of.url, place.settingsKey, place.pageUrl, place.pagesBefore, now],
  )
}
