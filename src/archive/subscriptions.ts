import { randomUUID } from 'node:crypto'
import type { Database, Queryable } from './database.ts'
import { wakeDispatchers } from './outbox.ts'

/** What a subscriber asked a hub of ours for, to be confirmed, or what it is to be told. */
export interface SubscriptionRequest {
  readonly mode: 'subscribe' | 'unsubscribe' | 'denied'
  readonly topic: string
  readonly callback: string
  /** `host:port`, for bounds. */
  readonly callbackHost: string
  readonly secret: string | null
  readonly leaseSeconds: number
  /** Why it is denied. */
  readonly reason: string | null
}

export type PendingRequest = SubscriptionRequest & { readonly id: string; readonly attempts: number }

export interface Subscription {
  readonly id: string
  readonly topic: string
  readonly callback: string
  readonly secret: string | null
  readonly expiresAt: Date
  /** Of the content that is to be delivered; `null` when nothing is. */
  readonly dueHash: string | null
  readonly attempts: number
}

/** How much the hub has taken on. */
export interface HubLoad {
  readonly subscriptions: number
  readonly requests: number
  readonly requestsOfHost: number
  /** Topics that somebody is subscribed to, or wants to be, the one asked about aside. */
  readonly otherTopics: number
}

/** How much the hub has to do, and how much of it for one host. */
export async function hubLoad(
  db: Queryable,
  { callbackHost, topic }: Pick<SubscriptionRequest, 'callbackHost' | 'topic'>,
): Promise<HubLoad> {
  const { rows } = await db.query<HubLoad>(
    `select (select count(*)::int from subscription) as subscriptions,
       (select count(*)::int from subscription_request) as requests,
       (select count(*)::int from subscription_request where callback_host = $1) as "requestsOfHost",
       (select count(*)::int from (select topic from subscription union select topic from subscription_request
          where mode = 'subscribe') t where topic <> $2) as "otherTopics"`,
    [callbackHost, topic],
  )
  return rows[0] ?? { subscriptions: 0, requests: 0, requestsOfHost: 0, otherTopics: 0 }
}

/** Keeps a request until its subscriber has answered. A later one of the same subscriber for the same topic replaces it. */
export async function saveRequest(db: Database, request: SubscriptionRequest, now: Date): Promise<void> {
  const { mode, topic, callback, callbackHost, secret, leaseSeconds, reason } = request
  await db.query(
    `insert into subscription_request
       (id, mode, topic, callback, callback_host, secret, lease_seconds, reason, next_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (topic, callback) do update set id = excluded.id, mode = excluded.mode, secret = excluded.secret,
       lease_seconds = excluded.lease_seconds, reason = excluded.reason, next_at = excluded.next_at, queued_at = null,
       attempts = 0, version = 0`,
    [randomUUID(), mode, topic, callback, callbackHost, secret, leaseSeconds, reason, now],
  )
  await wakeDispatchers(db)
}

/** A request that is still the latest of its subscriber; `null` when it is not. */
export async function findRequest(db: Queryable, id: string): Promise<PendingRequest | null> {
  const { rows } = await db.query<PendingRequest>(
    `select id, mode, topic, callback, callback_host as "callbackHost", secret, lease_seconds as "leaseSeconds",
       reason, attempts
     from subscription_request where id = $1`,
    [id],
  )
  return rows[0] ?? null
}

/** Ends a request without effect. */
export async function dropRequest(db: Queryable, id: string): Promise<void> {
  await db.query('delete from subscription_request where id = $1', [id])
}

/** Ends requests that were due before an instant and still are. */
export async function pruneRequests(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from subscription_request where next_at < $1', [before])
}

/** Tries a request again later. */
export async function postponeRequest(db: Queryable, id: string, nextAt: Date): Promise<void> {
  await db.query(
    `update subscription_request set attempts = attempts + 1, version = version + 1, next_at = $2, queued_at = null
     where id = $1`,
    [id, nextAt],
  )
}

/**
 * Makes a confirmed request a subscription, or renews it.
 * @param hash of the topic's content before the subscriber was asked: what comes later is delivered
 */
export async function activateSubscription(
  database: Database,
  request: PendingRequest,
  lease: { readonly now: Date; readonly expiresAt: Date; readonly hash: string },
): Promise<void> {
  await database.transaction(async (client) => {
    await dropRequest(client, request.id)
    await client.query(
      `insert into subscription (id, topic, callback, secret, expires_at, sent_hash, created_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (topic, callback) do update set secret = excluded.secret, expires_at = excluded.expires_at`,
      [randomUUID(), request.topic, request.callback, request.secret, lease.expiresAt, lease.hash, lease.now],
    )
  })
}

/** Ends the subscription of a callback to a topic, and the request that asked for it. */
export async function endSubscription(
  database: Database,
  { topic, callback }: Pick<Subscription, 'topic' | 'callback'>,
  requestId: string | null,
): Promise<void> {
  await database.transaction(async (client) => {
    if (requestId !== null) await dropRequest(client, requestId)
    await client.query('delete from subscription where topic = $1 and callback = $2', [topic, callback])
  })
}

/** Removes subscriptions whose lease is over. @returns how many */
export async function endExpiredSubscriptions(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query('delete from subscription where expires_at <= $1', [now])
  return rowCount ?? 0
}

/** Every topic that somebody is subscribed to. */
export async function subscribedTopics(db: Queryable, now: Date): Promise<readonly string[]> {
  const { rows } = await db.query<{ topic: string }>(
    'select distinct topic from subscription where expires_at > $1 order by topic',
    [now],
  )
  return rows.map(({ topic }) => topic)
}

/** Makes content due to every subscriber of a topic that has not got it. One that fails keeps the time of its next try. */
export async function markTopicContent(db: Queryable, topic: string, hash: string, now: Date): Promise<void> {
  await db.query(
    `update subscription set due_hash = $2, next_at = coalesce(next_at, $3)
     where topic = $1 and expires_at > $3 and coalesce(due_hash, sent_hash) is distinct from $2`,
    [topic, hash, now],
  )
}

/** Ends all subscriptions to a topic that is no more, and tells their subscribers. */
export async function denyTopic(database: Database, topic: string, reason: string, now: Date): Promise<void> {
  const { rows } = await database.query<{ callback: string }>(
    'delete from subscription where topic = $1 returning callback',
    [topic],
  )
  for (const { callback } of rows) {
    const callbackHost = new URL(callback).host
    await saveRequest(
      database,
      { mode: 'denied', topic, callback, callbackHost, secret: null, leaseSeconds: 0, reason },
      now,
    )
  }
}

/** Subscriptions by their ids, in order; `null` for one that ended. */
export async function findSubscriptions(
  db: Queryable,
  ids: readonly string[],
  now: Date,
): Promise<readonly (Subscription | null)[]> {
  const { rows } = await db.query<Subscription>(
    `select id, topic, callback, secret, expires_at as "expiresAt", due_hash as "dueHash", attempts
     from subscription where id = any($1::uuid[]) and expires_at > $2`,
    [ids, now],
  )
  const found = new Map(rows.map((subscription) => [subscription.id, subscription]))
  return ids.map((id) => found.get(id) ?? null)
}

/** What a subscriber has taken. */
export interface SentContent {
  readonly id: string
  readonly hash: string
}

/** Contents were taken by their subscribers. What came up meanwhile is due at once. */
export async function markContentsSent(db: Queryable, sent: readonly SentContent[], now: Date): Promise<void> {
  const { rows } = await db.query<{ isDue: boolean }>(
    `update subscription s set sent_hash = e.hash, attempts = 0, version = version + 1, queued_at = null,
       last_error = null, due_hash = nullif(due_hash, e.hash),
       next_at = case when nullif(due_hash, e.hash) is null then null else $3::timestamptz end
     from unnest($1::uuid[], $2::text[]) as e (id, hash)
     where s.id = e.id returning due_hash is not null as "isDue"`,
    [sent.map(({ id }) => id), sent.map(({ hash }) => hash), now],
  )
  if (rows.some(({ isDue }) => isDue)) await wakeDispatchers(db)
}

/** Content was not taken: again later. */
export async function markContentFailed(db: Queryable, id: string, error: string, nextAt: Date): Promise<void> {
  await db.query(
    `update subscription set attempts = attempts + 1, version = version + 1, next_at = $2, queued_at = null,
       last_error = $3
     where id = $1`,
    [id, nextAt, error],
  )
}
