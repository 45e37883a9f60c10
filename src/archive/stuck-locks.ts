import type { Queryable } from './database.ts'

/** Clocks that are in order differ by less, and no lock holds for as long. */
const farOffMs = 60_000
/** A worker that lives renews its locks, and looks for stalled jobs, many times in this. */
const renewedWithinMs = 30_000

/** A time that BullMQ keeps on PostgreSQL: until when a job is locked, or, without a job, when stalled ones were looked for. */
interface KeptTime {
  readonly queue: string
  readonly jobId: string | null
  readonly at: string
}

const farOffQuery = `select queue, id as "jobId", locked_until_ms::text as at from bullmq.job
    where state = 'active' and locked_until_ms > $1
  union all select queue, null, value from bullmq.meta where field = 'stalled-check' and value::bigint > $1`

/** What has changed meanwhile is somebody's who lives. */
const endLock = 'update bullmq.job set locked_until_ms = 0 where queue = $1 and id = $2 and locked_until_ms = $3'
const forgetLook = `delete from bullmq.meta where queue = $1 and field = 'stalled-check' and value = $2`

/**
 * BullMQ 6.7 on PostgreSQL writes when locks end, and when it last looked for those that have ended, by the clocks of its
 * workers. After a clock that was ahead no job of a dead worker would start again until all clocks are there too.
 * @returns looks for such times, and takes back those that nobody renews; how many. To be called again and again
 */
export function stuckLocks(db: Queryable, patience = { renewedWithinMs }): (now: Date) => Promise<number> {
  /** Since when each time stands still, by `performance.now()`. */
  let still: ReadonlyMap<string, number> = new Map()
  return async (now) => {
    const { rows } = await db.query<KeptTime>(farOffQuery, [now.getTime() + farOffMs])
    const asked = performance.now()
    const before = still
    const sinceOf = (time: KeptTime): number => before.get(JSON.stringify(time)) ?? asked
    still = new Map(rows.map((time) => [JSON.stringify(time), sinceOf(time)]))
    const stuck = rows.filter((time) => asked - sinceOf(time) >= patience.renewedWithinMs)
    for (const { queue, jobId, at } of stuck) {
      if (jobId === null) await db.query(forgetLook, [queue, at])
      else await db.query(endLock, [queue, jobId, at])
    }
    return stuck.length
  }
}
