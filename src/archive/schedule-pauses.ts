import type { Queryable } from './database.ts'

/** Whose schedules are held. */
export interface SchedulePauses {
  readonly sources: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
}

export interface PauseTarget {
  readonly kind: 'source' | 'tag'
  readonly name: string
}

/** The queues that can be paused as a whole. */
export type QueueName = 'crawls' | 'deliveries'

export async function findSchedulePauses(db: Queryable): Promise<SchedulePauses> {
  const { rows } = await db.query<PauseTarget & Record<string, unknown>>(
    'select kind, name from schedule_pause order by kind, name',
  )
  const namesOf = (kind: PauseTarget['kind']) =>
    new Set(rows.filter((row) => row.kind === kind).map(({ name }) => name))
  return { sources: namesOf('source'), tags: namesOf('tag') }
}

/** Holds the schedules of these, in all processes, within a second. Held already: nothing changes. */
export async function pauseSchedules(db: Queryable, targets: readonly PauseTarget[], now: Date): Promise<void> {
  for (const { kind, name } of targets) {
    await db.query('insert into schedule_pause (kind, name, since) values ($1, $2, $3) on conflict do nothing', [
      kind,
      name,
      now,
    ])
  }
}

/** @returns those that were held until now */
export async function resumeSchedules(db: Queryable, targets: readonly PauseTarget[]): Promise<PauseTarget[]> {
  const resumed: PauseTarget[] = []
  for (const target of targets) {
    const { rowCount } = await db.query('delete from schedule_pause where kind = $1 and name = $2', [
      target.kind,
      target.name,
    ])
    if (rowCount) resumed.push(target)
  }
  return resumed
}

/** Queues that somebody has paused as a whole, whatever their store says: it may have been emptied. */
export async function findPausedQueues(db: Queryable): Promise<ReadonlySet<QueueName>> {
  const { rows } = await db.query<{ name: QueueName }>(`select name from schedule_pause where kind = 'queue'`)
  return new Set(rows.map(({ name }) => name))
}

/** Keeps that queues are paused. To be done before they are. */
export async function keepQueuesPaused(db: Queryable, names: readonly QueueName[], now: Date): Promise<void> {
  await db.query(
    `insert into schedule_pause (kind, name, since) select 'queue', name, $2 from unnest($1::text[]) as name
     on conflict do nothing`,
    [names, now],
  )
}

/** Forgets that queues are paused. To be done before they go on: what is kept here would be put back. */
export async function forgetQueuesPaused(db: Queryable, names: readonly QueueName[]): Promise<void> {
  await db.query(`delete from schedule_pause where kind = 'queue' and name = any($1)`, [names])
}
