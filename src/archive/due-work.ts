import type { Queryable } from './database.ts'

/** Tables that hold something due, by what has to be done about a row. */
const tables = { content: 'subscription', confirm: 'subscription_request', delivery: 'delivery' } as const
export type DueKind = keyof typeof tables
const kinds = ['confirm', 'content', 'delivery'] as const satisfies readonly DueKind[]

/**
 * Nothing is put off for longer by a clock that is right: a try by an hour, a server's `Retry-After` by a day, and an
 * hour by which clocks differ. What is due later was put off by one that was ahead, and is due.
 */
const mostPutOffMs = 25 * 3_600_000
const latestAt = (now: Date) => new Date(now.getTime() + mostPutOffMs)

export interface DueRow {
  readonly kind: DueKind
  readonly id: string
  /** Moves with each job that ended, so that a job's id names one try. */
  readonly version: number
}

/**
 * Takes what is due, so that jobs can be made of it, each row of each kind once. Rows that were taken more than
 * `lostAfterMs` ago are taken again: their jobs were lost. So are those that were taken as far in the future, by a clock
 * that was ahead; what it has put off is due.
 */
export async function takeDue(
  db: Queryable,
  { now, lostAfterMs, limit }: { readonly now: Date; readonly lostAfterMs: number; readonly limit: number },
): Promise<DueRow[]> {
  const due: DueRow[] = []
  const at = now.getTime()
  const values = [now, new Date(at - lostAfterMs), new Date(at + lostAfterMs), limit, latestAt(now)]
  for (const kind of kinds) {
    const { rows } = await db.query<{ id: string; version: number }>(
      `update ${tables[kind]} set queued_at = $1 where id in (
         select id from ${tables[kind]}
         where (next_at <= $1 or next_at > $5) and (queued_at is null or queued_at < $2 or queued_at > $3) order by next_at limit $4
         for update skip locked)
       returning id, version`,
      values,
    )
    due.push(...rows.map((row) => ({ kind, ...row })))
  }
  return due
}

/** When something is due next that no job is on its way for; `null` when nothing is. */
export async function nextDueAt(db: Queryable, now: Date): Promise<Date | null> {
  const waiting = 'queued_at is null and next_at is not null'
  const { rows } = await db.query<{ at: Date | null }>(
    `select min(at) as at from (${kinds
      .map(
        (kind) => `select min(next_at) as at from ${tables[kind]} where ${waiting}
          union all (select $1::timestamptz from ${tables[kind]} where ${waiting} and next_at > $2 limit 1)`,
      )
      .join(' union all ')}) as due`,
    [now, latestAt(now)],
  )
  return rows[0]?.at ?? null
}
