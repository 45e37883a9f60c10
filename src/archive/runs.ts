import type { CrawlRun } from '../model/crawl-run.ts'
import { prepare, type Queryable } from './database.ts'

const insertRunStatement = prepare(
  'insert-run',
  `insert into crawl_run (id, source_id, started_at, finished_at, outcome, found, stored, revised, unchanged, failed,
       skipped, not_modified_listings, requests, bytes, errors, observed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (id) do nothing`,
)

export async function insertRun(db: Queryable, run: CrawlRun): Promise<void> {
  await db.query(insertRunStatement, [
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
    run.observed ? JSON.stringify(run.observed) : null,
  ])
}

const columns = `id, source_id as "sourceId", started_at as "startedAt", finished_at as "finishedAt", outcome, found,
  stored, revised, unchanged, failed, skipped, not_modified_listings as "notModifiedListings", requests,
  bytes::float8 as bytes, errors, observed`

/** The last run of each source that has had one. */
export async function findLastRuns(db: Queryable): Promise<CrawlRun[]> {
  const { rows } = await db.query<CrawlRun>(
    `select distinct on (source_id) ${columns} from crawl_run order by source_id, finished_at desc`,
  )
  return rows
}

/** A source's last 10 runs, and its last 60 that read articles, the newest first. */
export async function findTellingRuns(db: Queryable, sourceId: string): Promise<CrawlRun[]> {
  const { rows } = await db.query<CrawlRun>(
    `with telling as (
       (select * from crawl_run where source_id = $1 order by finished_at desc limit 10)
       union
       (select * from crawl_run where source_id = $1 and stored + revised + failed > 0 order by finished_at desc limit 60)
     )
     select ${columns} from telling order by finished_at desc`,
    [sourceId],
  )
  return rows
}

/** A source's last runs, the newest first. */
export async function findRecentRuns(db: Queryable, sourceId: string, limit: number): Promise<CrawlRun[]> {
  const { rows } = await db.query<CrawlRun>(
    `select ${columns} from crawl_run where source_id = $1 order by finished_at desc limit $2`,
    [sourceId, limit],
  )
  return rows
}

/** The last runs of each of these sources, the newest first. */
export async function findRunsOf(
  db: Queryable,
  sourceIds: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly CrawlRun[]>> {
  const { rows } = await db.query<CrawlRun>(
    `select run.* from unnest($1::text[]) as wanted (id) cross join lateral (
       select ${columns} from crawl_run where source_id = wanted.id order by finished_at desc limit $2
     ) as run`,
    [sourceIds, limit],
  )
  const runs = new Map<string, CrawlRun[]>(sourceIds.map((id) => [id, []]))
  for (const run of rows) runs.get(run.sourceId)?.push(run)
  return runs
}
