import type { CrawlRun } from '../model/crawl-run.ts'
import type { SourceHealth } from '../model/source-health.ts'
import { prepare, type Queryable } from './database.ts'
import type { ListingRecord } from './listings.ts'

/** When a source is due: every so many milliseconds from its anchor, or by cron fields in a zone, moved by a jitter. */
export interface SourceTiming {
  readonly everyMs: number | null
  readonly cron: string | null
  readonly timeZone: string | null
  readonly jitterMs: number
  readonly anchorAt: Date
}

/** The schedule of one source. */
export interface SourceSchedule extends SourceTiming {
  readonly sourceId: string
  readonly nextAt: Date
  /** The queue's job that reads it at this moment; `null`: none. */
  readonly jobId: string | null
  readonly jobAt: Date | null
}

const timing = `s.every_ms::float8 as "everyMs", s.cron, s.time_zone as "timeZone", s.jitter_ms as "jitterMs",
  s.anchor_at as "anchorAt"`
const columns = `s.source_id as "sourceId", ${timing}, s.next_at as "nextAt", s.job_id as "jobId", s.job_at as "jobAt"`

/** All schedules, the soonest due first. */
export async function findSchedules(db: Queryable): Promise<SourceSchedule[]> {
  const { rows } = await db.query<SourceSchedule>(`select ${columns} from source_schedule s order by s.next_at`)
  return rows
}

/** When each source is due next, by id. */
export async function findNextTimes(db: Queryable): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await db.query<{ id: string; at: Date }>(
    'select source_id as id, next_at as at from source_schedule',
  )
  return new Map(rows.map(({ id, at }) => [id, at]))
}

export async function countSchedules(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*)::int as count from source_schedule')
  return rows[0]?.count ?? 0
}

/** Adds or replaces schedules; jobs that are under way stay theirs. */
export async function saveSchedules(
  db: Queryable,
  schedules: readonly Omit<SourceSchedule, 'jobId' | 'jobAt'>[],
): Promise<void> {
  await db.query(
    `insert into source_schedule (source_id, every_ms, cron, time_zone, jitter_ms, anchor_at, next_at)
     select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[])
     on conflict (source_id) do update set
       every_ms = excluded.every_ms, cron = excluded.cron, time_zone = excluded.time_zone,
       jitter_ms = excluded.jitter_ms, anchor_at = excluded.anchor_at, next_at = excluded.next_at`,
    [
      schedules.map(({ sourceId }) => sourceId),
      schedules.map(({ everyMs }) => everyMs),
      schedules.map(({ cron }) => cron),
      schedules.map(({ timeZone }) => timeZone),
      schedules.map(({ jitterMs }) => jitterMs),
      schedules.map(({ anchorAt }) => anchorAt),
      schedules.map(({ nextAt }) => nextAt),
    ],
  )
}

export async function removeSchedules(db: Queryable, sourceIds: readonly string[]): Promise<void> {
  await db.query('delete from source_schedule where source_id = any($1)', [sourceIds])
}

/** A schedule whose time has come, with all that it takes to ask whether there is something new. */
export interface DueSource extends SourceTiming {
  readonly sourceId: string
  readonly nextAt: Date
  /** What is kept of its listings, by address. */
  readonly listings: ReadonlyMap<string, ListingRecord>
  /** `null`: never judged. */
  readonly health: Pick<SourceHealth, 'state'> | null
  /** Pages of it that failed, or are to be looked at again, are due as well. */
  readonly hasDuePages: boolean
}

interface DueRow extends SourceTiming {
  readonly sourceId: string
  readonly nextAt: Date
  readonly state: SourceHealth['state'] | null
  readonly hasDuePages: boolean
  readonly listings: (Omit<ListingRecord, 'savedAt' | 'freshUntil'> & {
    url: string
    savedAt: string
    freshUntil: string | null
  })[]
}

const dueQuery = prepare(
  'find-due-sources',
  `select s.source_id as "sourceId", ${timing}, s.next_at as "nextAt", h.state,
     exists (select from page p where p.source_id = s.source_id and p.next_try_at <= $2) as "hasDuePages",
     coalesce((select jsonb_agg(jsonb_build_object('url', l.url, 'etag', l.etag, 'lastModified', l.last_modified,
         'settingsKey', l.settings_key, 'isComplete', l.is_complete, 'savedAt', l.saved_at,
         'freshUntil', l.fresh_until, 'skipHours', l.skip_hours))
       from listing_state l where l.source_id = s.source_id), '[]') as listings
   from unnest($1::text[]) as wanted (id) join source_schedule s on s.source_id = wanted.id
     left join source_health h on h.source_id = s.source_id
   where s.next_at <= $2 and s.job_id is null`,
)

/** Those of the sources that are due. Asked when they are taken: somebody may have dealt with them until then. */
export async function findDueSources(db: Queryable, sourceIds: readonly string[], now: Date): Promise<DueSource[]> {
  const { rows } = await db.query<DueRow>(dueQuery, [sourceIds, now])
  return rows.map(({ state, ...row }) => ({
    ...row,
    health: state === null ? null : { state },
    listings: new Map(
      row.listings.map(({ url, savedAt, freshUntil, ...listing }) => [
        url,
        { ...listing, savedAt: new Date(savedAt), freshUntil: freshUntil === null ? null : new Date(freshUntil) },
      ]),
    ),
  }))
}

/** What became of a tick. */
export interface SettledTick {
  readonly sourceId: string
  /** The tick's moment. */
  readonly dueAt: Date
  readonly nextAt: Date
  /** The job that reads what is new; `null`: nothing is. */
  readonly jobId: string | null
  /** The run that found nothing new; `null`: none was needed, or the job makes it. */
  readonly run: CrawlRun | null
}

// Not waited for until it is on the disk: a tick that a server forgets when it dies is done again.
const settleStatement = prepare(
  'settle-ticks',
  `with soon as (select set_config('synchronous_commit', 'off', true) as is_set),
   run as (
     insert into crawl_run (id, source_id, started_at, finished_at, outcome, found, stored, revised, unchanged, failed,
         skipped, not_modified_listings, requests, bytes, errors, observed)
     select r.* from soon, jsonb_to_recordset($5) as r (id uuid, "sourceId" text, "startedAt" timestamptz,
       "finishedAt" timestamptz, outcome text, found int, stored int, revised int, unchanged int, failed int,
       skipped jsonb, "notModifiedListings" int, requests int, bytes bigint, errors text[], observed jsonb)
     where is_set is not null
     on conflict (id) do nothing
   )
   update source_schedule s set next_at = settled.next_at, job_id = settled.job_id,
     job_at = case when settled.job_id is not null then now() end
   from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[]) as settled (id, due_at, next_at, job_id)
   where s.source_id = settled.id and s.next_at = settled.due_at and s.job_id is null
   returning s.source_id as id`,
)

/**
 * Moves schedules on to their next ticks and keeps the runs. Settled already, or made anew meanwhile: it stays so.
 * @returns sources whose ticks were settled by this
 */
export async function settleTicks(db: Queryable, ticks: readonly SettledTick[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>(settleStatement, [
    ticks.map(({ sourceId }) => sourceId),
    ticks.map(({ dueAt }) => dueAt),
    ticks.map(({ nextAt }) => nextAt),
    ticks.map(({ jobId }) => jobId),
    JSON.stringify(ticks.flatMap(({ run }) => (run ? [run] : []))),
  ])
  return new Set(rows.map(({ id }) => id))
}

/** The job of a source's schedule is over. */
export async function endScheduledJob(db: Queryable, sourceId: string, jobId: string): Promise<void> {
  await db.query('update source_schedule set job_id = null, job_at = null where source_id = $1 and job_id = $2', [
    sourceId,
    jobId,
  ])
}

/** The job of a source's schedule was not done: the source is due again at that moment, or at its next tick if that is sooner. */
export async function repeatScheduledJob(db: Queryable, sourceId: string, jobId: string, at: Date): Promise<void> {
  await db.query(
    `update source_schedule set job_id = null, job_at = null, next_at = least(next_at, $3)
     where source_id = $1 and job_id = $2`,
    [sourceId, jobId, at],
  )
}

/**
 * Schedules with a job that was added so long ago, by the database's clock, which wrote that down; the oldest first. Or
 * as far in the future, which that clock said before it was set back.
 */
export async function findSchedulesWithJob(db: Queryable, ageMs: number, limit: number): Promise<SourceSchedule[]> {
  const { rows } = await db.query<SourceSchedule>(
    `select ${columns} from source_schedule s where s.job_id is not null
       and s.job_at not between now() - $1 * interval '1 ms' and now() + $1 * interval '1 ms'
     order by s.job_at limit $2`,
    [ageMs, limit],
  )
  return rows
}

/** Schedules that were due before and that nobody has taken, the latest first. */
export async function findOverdueSchedules(db: Queryable, before: Date, limit: number): Promise<SourceSchedule[]> {
  const { rows } = await db.query<SourceSchedule>(
    `select ${columns} from source_schedule s where s.job_id is null and s.next_at < $1 order by s.next_at limit $2`,
    [before, limit],
  )
  return rows
}
