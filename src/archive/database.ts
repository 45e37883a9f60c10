import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import { createTeller, type Teller } from './teller.ts'

/** What a query needs: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
}

/** One connection inside a transaction. */
export interface Transaction extends Queryable {
  /** A statement whose answer nobody needs: it goes out with the next one, and the transaction fails with it. */
  send(text: string, values?: readonly unknown[]): void
  /** Wakes who listens to a channel when this is committed; not part of it: see `createTeller`. */
  tell(channel: string): void
}

/** A pool of connections to the archive's schema. */
export interface Database extends Queryable {
  readonly connectionString: string
  /**
   * Runs `work` in one transaction. A lost connection starts it anew for up to 20 s, so `work` must change nothing
   * but the database, and must be fit to run twice (every write of the archive is: a commit whose answer was lost
   * finds its own rows). Statements that are asked at once go out together and are answered in order.
   */
  transaction<T>(work: (client: Transaction) => Promise<T>): Promise<T>
  /** A connection of its own, outside the pool, for locks and LISTEN that live as long as it does. */
  connect(): Promise<PoolClient>
  close(): Promise<void>
}

/** Everything of ours lives in this schema, so that a shared database stays tidy. */
export const schema = 'newsfold'

/** PostgreSQL restarts within 2–3 s after a kill; a failover of a hosted one takes longer. */
const retryForMs = 20_000

/** What listeners are told of is not waited for as long: those that have lost their connection look by themselves. */
const tellForMs = 5000

/** Connection lost, server starting or shutting down; serialisation failures and deadlocks are worth a try too. */
const transientCodes = /^(08|57P0|40001|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)/

/** Whether the same query may work in a moment. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string') return transientCodes.test(error.code)
  // The driver gives no code when a connection ends under a query, or none can be had in time.
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/.test(error.message)
}

/** Runs `work` again while it fails for passing reasons, waiting longer each time. */
export async function withRetry<T>(work: () => Promise<T>, forMs = retryForMs): Promise<T> {
  const giveUpAt = performance.now() + forMs
  for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
    try {
      return await work()
    } catch (error) {
      if (!isTransient(error) || performance.now() + wait > giveUpAt) throw error
      await sleep(wait)
    }
  }
}

/** Sends what is written at the same moment at once: each write wakes the server, which costs more than what it says. */
class GatheringSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => super.uncork())
  }
}

const prepared = new Map<string, string>()

/**
 * A statement that connections keep prepared, since it is asked so often that planning it costs more than doing it. Its
 * text must be always the same, its columns named, and its best plan the same for all values.
 * @param name unique
 */
export function prepare(name: string, text: string): string {
  prepared.set(text, name)
  return text
}

const escaped = /["\\]/

/** An array as PostgreSQL reads it. The driver does it as well, by several steps an element. */
function asParameter(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const elements: readonly unknown[] = value
  if (elements.every((element) => typeof element === 'number')) return `{${elements.join(',')}}`
  // What has to be escaped is left to the driver.
  const isPlain = elements.every((element) => typeof element === 'string' && !escaped.test(element))
  return isPlain ? `{"${elements.join('","')}"}` : value
}

function ask<Row extends QueryResultRow>(
  to: Pool | PoolClient,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<QueryResult<Row>> {
  const name = prepared.get(text)
  return to.query<Row>({
    text,
    ...(name !== undefined && { name }),
    ...(values && { values: values.map(asParameter) }),
  })
}

async function inTransaction<T>(pool: Pool, work: (client: Transaction) => Promise<T>, teller: Teller): Promise<T> {
  const client = await pool.connect()
  const channels = new Set<string>()
  let broken: Error | undefined
  let failure: unknown = null
  const send = (text: string, values?: readonly unknown[]): void => {
    ask(client, text, values).catch((error: unknown) => (failure ??= error))
  }
  let isCommitted = false
  try {
    send('begin')
    const result = await work({
      query: (text, values) => ask(client, text, values),
      send,
      tell: (channel) => channels.add(channel),
    })
    const { command } = await client.query('commit')
    // The server's answer where a statement has failed that nobody waited for is that it has undone all of it.
    if (failure !== null || command === 'ROLLBACK') throw failure
    isCommitted = true
    return result
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => (broken = lost))
    // What failed first is the reason why all that came behind it did.
    throw failure ?? error
  } finally {
    client.release(broken)
    // By a connection that is free again.
    if (isCommitted) teller.tell(channels)
  }
}

/** Opens a pool. Nothing is connected until the first query. */
export function openDatabase(
  connectionString: string,
  log: Logger,
  options: { readonly max?: number; readonly retryForMs?: number } = {},
): Database {
  const pool = new Pool({
    connectionString,
    max: options.max ?? 10,
    // Kept while nothing is asked: a reader's first request after a pause need not wait for a connection.
    min: 2,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    pipeline: true,
    stream: () => new GatheringSocket(),
    application_name: 'newsfold',
    options: `-c search_path=${schema},public -c statement_timeout=60s`,
  })
  // A connection that breaks is replaced by the pool. Without listeners it would end the process: the pool's own for
  // idle connections, one on each for those that are in a transaction.
  const onLost = (error: Error): void => log.debug({ err: error }, 'database.connection-lost')
  pool.on('error', onLost)
  pool.on('connect', (client) => client.on('error', onLost))
  const query: Database['query'] = (text, values) => withRetry(() => ask(pool, text, values), options.retryForMs)
  const teller = createTeller({ query: (text, values) => withRetry(() => ask(pool, text, values), tellForMs) })
  return {
    connectionString,
    query,
    transaction: (work) => withRetry(() => inTransaction(pool, work, teller), options.retryForMs),
    connect: () => pool.connect(),
    close: async () => {
      await teller.close()
      await pool.end()
    },
  }
}
