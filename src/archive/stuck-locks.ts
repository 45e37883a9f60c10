import type { Queryable } from './database.ts'
import { sourceLock } from './source-lease.ts'

/** Clocks that are in order differ by less, and no lock of ours holds for as long. */
const farOffMs = 60_000
/** Longer than a worker whose clock goes on evenly takes to renew what it writes. */
const renewedWithinMs = 45_000

/** A time that BullMQ keeps on PostgreSQL: until when a job is locked, or, without a job, when stalled ones were looked for. */
interface KeptTime {
  readonly queue: string
  readonly jobId: string | null
  readonly at: string
}

const farOffQuery = `select queue, id as "jobId", locked_until_ms::text as at from bullmq.job
    where queue = any($2) and state = 'active' and locked_until_ms > $1
  union all select queue, null, value from bullmq.meta
    where queue = any($2) and field = 'stalled-check' and value::bigint > $1`

// What has changed meanwhile is somebody's who lives. So is a source that somebody has: a worker whose clock is set back
// renews no lock until it is there again, and crawls all the same.
const endLock = `update bullmq.job set locked_until_ms = 0 where queue = $1 and id = $2 and locked_until_ms = $3
  and (data->>'sourceId' is null
    or pg_try_advisory_xact_lock(${sourceLock(`(data->>'sourceId')`)}))`
const forgetLook = `delete from bullmq.meta where queue = $1 and field = 'stalled-check' and value = $2`

/**
 * BullMQ 6.7 on PostgreSQL writes when locks end, and when it last looked for those that have ended, by the clocks of its
 * workers. After a clock that was ahead no job of a dead worker would start again until all clocks are there too.
 * @param queues ours; the schema is every program's that uses BullMQ on this database
 * @returns looks for such times, and takes back those that nobody renews; how many. To be called again and again
 */
export function stuckLocks(
  db: Queryable,
  queues: readonly string[],
  patience = { renewedWithinMs },
): (now: Date) => Promise<number> {
  /** Since when each time stands still, by `performance.now()`. */
  let still: ReadonlyMap<string, number> = new Map()
  return async (now) => {
    const { rows } = await db.query<KeptTime>(farOffQuery, [now.getTime() + farOffMs, queues])
    const asked = performance.now()
    const before = still
    const sinceOf = (time: KeptTime): number => before.get(JSON.stringify(time)) ?? asked
    still = new Map(rows.map((time) => [JSON.stringify(time), sinceOf(time)]))
    let ended = 0
    for (const time of rows.filter((time) => asked - sinceOf(time) >= patience.renewedWithinMs)) {
      const { queue, jobId, at } = time
      const { rowCount } =
        jobId === null ? await db.query(forgetLook, [queue, at]) : await db.query(endLock, [queue, jobId, at])
      ended += rowCount ?? 0
    }
    return ended
  }
}

/** What time it is by the database's clock, which all processes share. */
export async function serverTime(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date(0)
}
