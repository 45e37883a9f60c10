import type { Database, Queryable } from './database.ts'

/** One trouble as it is remembered. */
export interface AlertRecord {
  readonly key: string
  readonly says: string
  readonly since: Date
  readonly toldAt: Date | null
  readonly overAt: Date | null
  readonly isMuted: boolean
}

/** What is remembered of trouble, the longest lasting first. */
export async function findAlerts(db: Queryable, now: Date): Promise<AlertRecord[]> {
  const { rows } = await db.query<AlertRecord>(
    `select a.key, a.says, a.since, a.told_at as "toldAt", a.over_at as "overAt",
       exists (select from alert_mute m where m.key = a.key and (m.until is null or m.until > $1)) as "isMuted"
     from alert a order by a.since, a.key`,
    [now],
  )
  return rows
}

/** Keeps what is to be remembered, and forgets the rest. */
export async function replaceAlerts(database: Database, alerts: readonly AlertRecord[]): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('delete from alert where not key = any($1)', [alerts.map(({ key }) => key)])
    for (const { key, says, since, toldAt, overAt } of alerts) {
      await client.query(
        `insert into alert (key, says, since, told_at, over_at) values ($1, $2, $3, $4, $5)
         on conflict (key) do update set says = excluded.says, since = excluded.since, told_at = excluded.told_at,
           over_at = excluded.over_at`,
        [key, says, since, toldAt, overAt],
      )
    }
  })
}

/** Tells nobody of this, until then. @param until `null`: until it is taken back */
export async function muteAlert(db: Queryable, key: string, until: Date | null): Promise<void> {
  await db.query(
    'insert into alert_mute (key, until) values ($1, $2) on conflict (key) do update set until = excluded.until',
    [key, until],
  )
}

/** @returns whether it was muted */
export async function unmuteAlert(db: Queryable, key: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from alert_mute where key = $1', [key])
  return (rowCount ?? 0) > 0
}

/** How many deliveries to webhooks and hubs were given up since a moment. */
export async function countDeadDeliveries(db: Queryable, since: Date): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*)::int as count from delivery where died_at > $1', [
    since,
  ])
  return rows[0]?.count ?? 0
}

/** Deliveries on their way and given up, by channel. */
export async function countDeliveries(
  db: Queryable,
): Promise<{ channel: 'webhook' | 'hub'; waiting: number; dead: number }[]> {
  const { rows } = await db.query<{ channel: 'webhook' | 'hub'; waiting: number; dead: number }>(
    `select channel, count(id) filter (where died_at is null)::int as waiting,
       count(*) filter (where died_at is not null)::int as dead
     from unnest(array['webhook', 'hub']) as channel left join delivery using (channel) group by channel`,
  )
  return rows
}
