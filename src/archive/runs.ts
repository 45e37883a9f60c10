import type { CrawlRun } from '../model/crawl-run.ts'
import type { Queryable } from './database.ts'

export async function insertRun(db: Queryable, run: CrawlRun): Promise<void> {
  await db.query(
    `insert into crawl_run (id, source_id, started_at, finished_at, outcome, found, stored, revised, unchanged, failed,
       skipped, not_modified_listings, requests, bytes, errors)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing`,
    [
      run.id,
      run.sourceId,
      run.startedAt,
      run.finishedAt,
      run.outcome,
      run.found,
      run.stored,
      run.revised,
      run.unchanged,
      run.failed,
      JSON.stringify(run.skipped),
      run.notModifiedListings,
      run.requests,
      run.bytes,
      run.errors,
    ],
  )
}

const columns = `id, source_id as "sourceId", started_at as "startedAt", finished_at as "finishedAt", outcome, found,
  stored, revised, unchanged, failed, skipped, not_modified_listings as "notModifiedListings", requests,
  bytes::float8 as bytes, errors`

/** The last run of each source that has had one. */
export async function findLastRuns(db: Queryable): Promise<CrawlRun[]> {
  const { rows } = await db.query<CrawlRun>(
    `select distinct on (source_id) ${columns} from crawl_run order by source_id, finished_at desc`,
  )
  return rows
}
