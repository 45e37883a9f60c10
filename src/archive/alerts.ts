import type { DeliveryChannel } from '../model/delivery-channel.ts'
import type { Database, Queryable } from './database.ts'

/** One trouble as it is remembered. */
export interface AlertRecord {
  readonly key: string
  readonly says: string
  readonly since: Date
  /** When it was told last; `null`: nobody has been told. */
  readonly toldAt: Date | null
  /** What was said then; `null` also where a program told that did not keep it. */
  readonly toldSays: string | null
  /** Since when it is worse than that; `null`: it is not. */
  readonly worseSince: Date | null
  readonly overAt: Date | null
  readonly isMuted: boolean
}

/** By what trouble is told; what the log says is what there is. */
export type AlertChannel = 'log' | 'webhook' | 'mail'

/** What is remembered of trouble, as far as a channel has been told of it; the longest lasting first. */
export async function findAlerts(db: Queryable, channel: AlertChannel, now: Date): Promise<AlertRecord[]> {
  const { rows } = await db.query<AlertRecord>(
    `select a.key, a.says, a.since, a.told_at as "toldAt", a.told_says as "toldSays",
       a.worse_since as "worseSince", a.over_at as "overAt",
       exists (select from alert_mute m where m.key = a.key and (m.until is null or m.until > $1)) as "isMuted"
     from alert_channel a where a.channel = $2 order by a.since, a.key`,
    [now, channel],
  )
  return rows
}

/** Keeps what is to be remembered of a channel, and forgets the rest of it. */
export async function replaceAlerts(
  database: Database,
  channel: AlertChannel,
  alerts: readonly AlertRecord[],
): Promise<void> {
  await database.transaction(async (client) => {
    const keys = alerts.map(({ key }) => key)
    await client.query('delete from alert_channel where channel = $1 and not key = any($2)', [channel, keys])
    for (const { key, says, since, toldAt, toldSays, worseSince, overAt } of alerts) {
      await client.query(
        `insert into alert_channel (channel, key, says, since, told_at, told_says, worse_since, over_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (channel, key) do update set says = excluded.says, since = excluded.since,
           told_at = excluded.told_at, told_says = excluded.told_says, worse_since = excluded.worse_since,
           over_at = excluded.over_at`,
        [channel, key, says, since, toldAt, toldSays, worseSince, overAt],
      )
    }
  })
}

/** Forgets channels that nobody is told by any more: their end would be told when they come back. */
export async function forgetChannels(db: Queryable, kept: readonly AlertChannel[]): Promise<void> {
  await db.query('delete from alert_channel where not channel = any($1)', [kept])
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

/** Deliveries on their way and given up, by channel. What goes to WebSub subscribers is never given up before their lease ends. */
export async function countDeliveries(
  db: Queryable,
): Promise<{ channel: DeliveryChannel; waiting: number; dead: number }[]> {
  const { rows } = await db.query<{ channel: DeliveryChannel; waiting: number; dead: number }>(
    `select 'websub' as channel, count(*)::int as waiting, 0 as dead from subscription where next_at is not null
     union all
     (select channel, count(id) filter (where died_at is null)::int, count(*) filter (where died_at is not null)::int
      from unnest(array['webhook', 'hub']) as channel left join delivery using (channel)
      group by channel order by channel desc)`,
  )
  return rows
}

/** Deliveries that were due before a moment and were not made since, those that wait for another try aside. */
export interface LateDeliveries {
  readonly channel: DeliveryChannel
  readonly count: number
  /** Since when the first of them is due. */
  readonly since: Date
}

/** Late deliveries by channel, the latest first. */
export async function findLateDeliveries(db: Queryable, before: Date, now: Date): Promise<LateDeliveries[]> {
  const { rows } = await db.query<LateDeliveries>(
    `select channel, count(*)::int as count, min(next_at) as since from (
       select channel, next_at from delivery where next_at < $1
       union all select 'websub', next_at from subscription where next_at < $1 and expires_at > $2
       union all select 'websub', next_at from subscription_request where next_at < $1
     ) as late group by channel order by since, channel`,
    [before, now],
  )
  return rows
}

/** WebSub subscribers that have refused so many tries in a row. @returns how many, and the address of the first */
export async function findDeafSubscribers(
  db: Queryable,
  tries: number,
  now: Date,
): Promise<{ readonly count: number; readonly callback: string | null }> {
  const { rows } = await db.query<{ count: number; callback: string | null }>(
    `select count(*)::int as count, min(callback) as callback from subscription
     where next_at is not null and attempts >= $1 and expires_at > $2`,
    [tries, now],
  )
  return rows[0] ?? { count: 0, callback: null }
}
