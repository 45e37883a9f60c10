import { prepare, type Queryable, type Transaction } from './database.ts'

/** What is known of one address of a source. */
export interface PageRecord {
  readonly canonicalUrl: string
  readonly url: string
  readonly status: 'stored' | 'failed' | 'gone'
  readonly etag: string | null
  readonly lastModified: string | null
  readonly listedTitle: string | null
  readonly listedAt: Date | null
  readonly fetchedAt: Date
  readonly attempts: number
  readonly nextTryAt: Date | null
  readonly errorCode: string | null
}

const columns = `canonical_url as "canonicalUrl", url, status, etag, last_modified as "lastModified",
  listed_title as "listedTitle", listed_at as "listedAt", fetched_at as "fetchedAt", attempts,
  next_try_at as "nextTryAt", error_code as "errorCode"`

const pagesQuery = prepare('find-pages', `select ${columns} from page where source_id = $1 and canonical_url = any($2)`)

/** Those of the addresses that the source has had before. */
export async function findPages(
  db: Queryable,
  sourceId: string,
  canonicalUrls: readonly string[],
): Promise<PageRecord[]> {
  const { rows } = await db.query<PageRecord>(pagesQuery, [sourceId, canonicalUrls])
  return rows
}

const duePagesQuery = prepare(
  'find-due-pages',
  `select ${columns} from page where source_id = $1 and next_try_at <= $2 order by next_try_at limit $3`,
)

/** Pages whose next try is due, the longest waiting first. */
export async function findDuePages(db: Queryable, sourceId: string, now: Date, limit: number): Promise<PageRecord[]> {
  const { rows } = await db.query<PageRecord>(duePagesQuery, [sourceId, now, limit])
  return rows
}

/**
 * Makes pages due whose next try was reckoned from a time that has not come yet, by a clock that was ahead.
 * @param slackMs clocks that are in order differ by less
 * @returns how many
 */
export async function hastenPages(db: Queryable, now: Date, slackMs: number): Promise<number> {
  const { rowCount } = await db.query('update page set next_try_at = $1 where next_try_at > $1 and fetched_at > $2', [
    now,
    new Date(now.getTime() + slackMs),
  ])
  return rowCount ?? 0
}

/** A page that was read and whose article was kept. */
export interface StoredPage {
  readonly sourceId: string
  readonly canonicalUrl: string
  readonly url: string
  readonly etag: string | null
  readonly lastModified: string | null
  readonly listedTitle: string | null
  readonly listedAt: Date | null
  readonly fetchedAt: Date
  /** Whether its article is new or was revised: then it is looked at again soon. */
  readonly isChanged: boolean
  /** Waits between looks that find no change; after the last one there is none. */
  readonly looksMs: readonly number[]
}

const storedStatement = prepare(
  'mark-page-stored',
  `insert into page (source_id, canonical_url, url, status, etag, last_modified, listed_title, listed_at, fetched_at,
       attempts, next_try_at, error_code, error_message)
     values ($1, $2, $3, 'stored', $4, $5, $6, $7, $8, 0, $8::timestamptz + ($10::float8[])[1] * interval '1 ms', null, null)
     on conflict (source_id, canonical_url) do update set
       url = excluded.url, status = 'stored', etag = excluded.etag, last_modified = excluded.last_modified,
       listed_title = coalesce(excluded.listed_title, page.listed_title),
       listed_at = coalesce(excluded.listed_at, page.listed_at),
       fetched_at = excluded.fetched_at,
       attempts = 0,
       looks = case when $9 or page.status <> 'stored' then 0 else page.looks + 1 end,
       next_try_at = excluded.fetched_at + ($10::float8[])[
         case when $9 or page.status <> 'stored' then 1 else page.looks + 2 end] * interval '1 ms',
       error_code = null, error_message = null`,
)

/** Remembers that a page was read, and when to look at it again. */
export function markPageStored(client: Transaction, page: StoredPage): void {
  client.send(storedStatement, [
    page.sourceId,
    page.canonicalUrl,
    page.url,
    page.etag,
    page.lastModified,
    page.listedTitle,
    page.listedAt,
    page.fetchedAt,
    page.isChanged,
    page.looksMs,
  ])
}

/** A page that could not be read, and when to try it again. */
export interface PageFailure {
  readonly sourceId: string
  readonly canonicalUrl: string
  readonly url: string
  readonly status: 'failed' | 'gone'
  readonly errorCode: string
  readonly errorMessage: string
  readonly at: Date
  /** Wait before the first new try; it doubles with each failure, up to `maxDelayMs`. `null`: never again. */
  readonly delayMs: number | null
  readonly maxDelayMs: number
}

/** Remembers that a page failed, so that later runs try it again although it may have left the listing. */
export async function markPageFailed(db: Queryable, failure: PageFailure): Promise<void> {
  await db.query(
    `insert into page (source_id, canonical_url, url, status, fetched_at, attempts, next_try_at, error_code, error_message)
     values ($1, $2, $3, $4, $7, 1, $7::timestamptz + $8 * interval '1 ms', $5, $6)
     on conflict (source_id, canonical_url) do update set
       -- An article that was stored stays so when a later look at its page fails.
       status = case when page.status = 'stored' then 'stored' else excluded.status end,
       attempts = page.attempts + 1,
       -- No delay means never again; least() alone would take the longest one instead.
       next_try_at = case when $8::float8 is not null then
         $7::timestamptz + least($8 * power(2, least(page.attempts, 20)), $9) * interval '1 ms' end,
       error_code = excluded.error_code, error_message = excluded.error_message`,
    [
      failure.sourceId,
      failure.canonicalUrl,
      failure.url,
      failure.status,
      failure.errorCode,
      failure.errorMessage,
      failure.at,
      failure.delayMs,
      failure.maxDelayMs,
    ],
  )
}

/** Remembers that a page was asked for again and is as it was; what the listing says now is kept with it. */
export async function markPageUnchanged(
  db: Queryable,
  page: Pick<StoredPage, 'sourceId' | 'canonicalUrl' | 'looksMs'> & {
    readonly seen: { readonly title: string | null; readonly statedAt: string | null } | null
    readonly now: Date
  },
): Promise<void> {
  await db.query(
    `update page set fetched_at = $3, attempts = 0, looks = looks + 1, error_code = null, error_message = null,
       next_try_at = $3::timestamptz + ($6::float8[])[looks + 2] * interval '1 ms',
       listed_title = coalesce($4, listed_title), listed_at = coalesce($5, listed_at)
     where source_id = $1 and canonical_url = $2`,
    [page.sourceId, page.canonicalUrl, page.now, page.seen?.title ?? null, page.seen?.statedAt ?? null, page.looksMs],
  )
}
