import type { SourceHealth } from '../model/source-health.ts'
import { prepare, type Queryable } from './database.ts'

const columns = `source_id as "sourceId", state, since, reason, checked_at as "checkedAt", last_new_at as "lastNewAt",
  per_week as "perWeek", interval_ms as "intervalMs"`

/** The health of every source that has been crawled. */
export async function findSourceHealth(db: Queryable): Promise<SourceHealth[]> {
  const { rows } = await db.query<SourceHealth>(`select ${columns} from source_health order by source_id`)
  return rows
}

const healthQuery = prepare('find-health', `select ${columns} from source_health where source_id = $1`)

/** The health of one source; `null` before its first run. */
export async function findHealthOf(db: Queryable, sourceId: string): Promise<SourceHealth | null> {
  const { rows } = await db.query<SourceHealth>(healthQuery, [sourceId])
  return rows[0] ?? null
}

/** A source's way from one state to another. */
export interface HealthChange {
  readonly at: Date
  readonly before: SourceHealth['state'] | null
  readonly after: SourceHealth['state']
  readonly reason: string | null
}

/** The last changes of a source's state, the newest first. */
export async function findHealthChanges(db: Queryable, sourceId: string, limit: number): Promise<HealthChange[]> {
  const { rows } = await db.query<HealthChange>(
    `select at, before, after, reason from source_health_change where source_id = $1 order by at desc limit $2`,
    [sourceId, limit],
  )
  return rows
}

/** Keeps what a run has taught, and the change of state where there was one. */
export async function saveHealth(
  db: Queryable,
  health: SourceHealth,
  before: SourceHealth['state'] | null,
): Promise<void> {
  await db.query(
    `with change as (
       insert into source_health_change (source_id, at, before, after, reason)
       select $1, $5, $9, $2, $4 where $9::text is distinct from $2
       on conflict do nothing
     )
     insert into source_health (source_id, state, since, reason, checked_at, last_new_at, per_week, interval_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (source_id) do update set
       state = excluded.state, since = excluded.since, reason = excluded.reason, checked_at = excluded.checked_at,
       last_new_at = excluded.last_new_at, per_week = excluded.per_week, interval_ms = excluded.interval_ms`,
    [
      health.sourceId,
      health.state,
      health.since,
      health.reason,
      health.checkedAt,
      health.lastNewAt,
      health.perWeek,
      health.intervalMs,
      before,
    ],
  )
}

/** When a source's articles were published, or found where they state no date, since then; at most 2,000. */
export async function findPublicationTimes(db: Queryable, sourceId: string, since: Date): Promise<Date[]> {
  const { rows } = await db.query<{ at: Date }>(
    `select least(coalesce(published_at, first_seen_at), first_seen_at) as at from article
     where source_id = $1 and first_seen_at > $2 and least(coalesce(published_at, first_seen_at), first_seen_at) > $2
     order by first_seen_at desc limit 2000`,
    [sourceId, since],
  )
  return rows.map(({ at }) => at)
}

/** When a source's newest article was published, or found where it states no date; `null` when it has none. */
export async function findLastNewAt(db: Queryable, sourceId: string): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select max(least(coalesce(published_at, first_seen_at), first_seen_at)) as at from article where source_id = $1`,
    [sourceId],
  )
  return rows[0]?.at ?? null
}

/** How many articles of a source came in one hour. */
export interface PublicationHour {
  /** Its beginning, in UTC. */
  readonly at: Date
  /** Whether their publisher says at what time of the day. */
  readonly isTimed: boolean
  readonly count: number
}

/** When a source's articles were published, or found where it states no date, since then, by the hour. */
export async function countPublicationsByHour(
  db: Queryable,
  sourceId: string,
  since: Date,
): Promise<PublicationHour[]> {
  const { rows } = await db.query<PublicationHour>(
    `select date_trunc('hour', at, 'UTC') as at, is_timed as "isTimed", count(*)::int as count from (
       select least(coalesce(published_at, first_seen_at), first_seen_at) as at,
         coalesce(published->>'precision' in ('second', 'minute', 'hour'), false) as is_timed
       from article where source_id = $1 and first_seen_at > $2
     ) as found where at > $2 group by 1, 2 order by 1`,
    [sourceId, since],
  )
  return rows
}
