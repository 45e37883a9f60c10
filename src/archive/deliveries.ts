import { randomUUID } from 'node:crypto'
import type { Database, Queryable } from './database.ts'
import { wakeDispatchers, type StoryChange } from './outbox.ts'

/** An item for a webhook, or a ping for a hub of others. */
export interface Delivery {
  readonly id: string
  readonly channel: 'webhook' | 'hub'
  readonly target: string
  readonly feedId: string
  /** The story's id, or the topic's address. */
  readonly subject: string
  readonly kind: StoryChange
  readonly attempts: number
  /** How often its subject has changed since it became due. */
  readonly changes: number
}

export type NewDelivery = Pick<Delivery, 'channel' | 'target' | 'feedId' | 'subject' | 'kind'>

/** Makes deliveries due. What is due already, or dead, is sent once, as it is by then. */
export async function addDeliveries(db: Queryable, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  const column = (name: keyof NewDelivery) => deliveries.map((delivery) => delivery[name])
  if (deliveries.length === 0) return
  await db.query(
    `insert into delivery (id, channel, target, feed_id, subject, kind, next_at, created_at)
     select e.*, $7, $7 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as e
     on conflict (channel, target, subject) do update set changes = delivery.changes + 1,
       next_at = coalesce(delivery.next_at, excluded.next_at),
       attempts = case when delivery.died_at is null then delivery.attempts else 0 end, died_at = null`,
    [
      deliveries.map(() => randomUUID()),
      column('channel'),
      column('target'),
      column('feedId'),
      column('subject'),
      column('kind'),
      now,
    ],
  )
}

const columns = `id, channel, target, feed_id as "feedId", subject, kind, attempts, changes`

/** A delivery that is due; `null` when it was made or given up. */
export async function findDelivery(db: Queryable, id: string): Promise<Delivery | null> {
  const { rows } = await db.query<Delivery>(`select ${columns} from delivery where id = $1 and next_at is not null`, [
    id,
  ])
  return rows[0] ?? null
}

/** A delivery was made. It stays due when its subject has changed meanwhile. */
export async function markDelivered(db: Queryable, { id, changes }: Delivery, now: Date): Promise<void> {
  const { rowCount } = await db.query('delete from delivery where id = $1 and changes = $2', [id, changes])
  if (rowCount) return
  await db.query(
    `update delivery set version = version + 1, attempts = 0, queued_at = null, next_at = $2, kind = 'changed'
     where id = $1`,
    [id, now],
  )
  await wakeDispatchers(db)
}

/** A delivery failed. @param nextAt when it is tried again; `null`: never, it goes to the dead-letter list */
export async function markDeliveryFailed(
  db: Queryable,
  id: string,
  failure: { readonly error: string; readonly nextAt: Date | null; readonly now: Date },
): Promise<void> {
  await db.query(
    `update delivery set attempts = attempts + 1, version = version + 1, queued_at = null, last_error = $2,
       next_at = $3, died_at = case when $3::timestamptz is null then $4::timestamptz end
     where id = $1`,
    [id, failure.error, failure.nextAt, failure.now],
  )
}

/** Takes a delivery away that nobody wants any more. */
export async function dropDelivery(db: Queryable, id: string): Promise<void> {
  await db.query('delete from delivery where id = $1', [id])
}

/** What was given up. */
export type DeadLetter = Delivery & { readonly lastError: string; readonly diedAt: Date; readonly title: string | null }

/** The dead-letter list, the latest first. */
export async function listDeadLetters(db: Queryable, limit: number): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `select d.id, d.channel, d.target, d.feed_id as "feedId", d.subject, d.kind, d.attempts, d.changes,
       coalesce(d.last_error, '') as "lastError", d.died_at as "diedAt",
       (select a.title from story s join article a on a.id = s.lead_article_id
        where d.channel = 'webhook' and s.id::text = d.subject) as title
     from delivery d where d.died_at is not null order by d.died_at desc, d.id limit $1`,
    [limit],
  )
  return rows
}

/** Makes dead letters due again. @param ids `null`: all of them @returns how many */
export async function retryDeadLetters(db: Database, ids: readonly string[] | null, now: Date): Promise<number> {
  const { rowCount } = await db.query(
    `update delivery set attempts = 0, died_at = null, next_at = $2
     where died_at is not null and ($1::text[] is null or id::text = any($1))`,
    [ids, now],
  )
  await wakeDispatchers(db)
  return rowCount ?? 0
}

/** Forgets dead letters from before an instant. */
export async function pruneDeadLetters(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from delivery where died_at < $1', [before])
}

/** What a hub of others was told of a topic last. */
export async function findPings(db: Queryable, hub: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ topic: string; hash: string }>('select topic, hash from hub_ping where hub = $1', [
    hub,
  ])
  return new Map(rows.map(({ topic, hash }) => [topic, hash]))
}

/** Remembers which content a hub of others is told of. */
export async function savePing(db: Queryable, hub: string, topic: string, hash: string): Promise<void> {
  await db.query(
    `insert into hub_ping (hub, topic, hash) values ($1, $2, $3)
     on conflict (hub, topic) do update set hash = excluded.hash`,
    [hub, topic, hash],
  )
}
