import { Client, type QueryResult, type QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import { schema } from './database.ts'

const heartbeatMs = 10_000
/** The server ends a session that was silent for so long. */
export const idleForMs = 60_000
const silentMs = 30_000
const connectMs = 10_000

/** A connection of a process's own, opened when it is asked for, and again after it broke. */
export interface LeaseSession {
  /** @throws it cannot be opened, or was closed */
  client(): Promise<Client>
  /** What is open now; `null`: it broke, or was not asked for. */
  current(): Client | null
  ask<Row extends QueryResultRow>(client: Client, text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
  /** When the last question on a connection was asked that was answered, by `performance.now()`. */
  heardAt(client: Client): number
  close(): Promise<void>
}

/** @param onBroken what is locked on it is lost */
export function openLeaseSession(
  connectionString: string,
  { name, statements, log }: { name: string; statements: ReadonlyMap<string, string>; log: Logger },
  onBroken: () => void,
): LeaseSession {
  let connecting: Promise<Client> | null = null
  let current: Client | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  /** The driver takes one query at a time on a connection. */
  let last: Promise<unknown> = Promise.resolve()

  /** By connection: what was locked on one that broke is as old as its last answer, however soon the next one is there. */
  const heardAt = new WeakMap<Client, number>()
  let askedAt: number | null = null

  const askNow = async <Row extends QueryResultRow>(client: Client, text: string, values: readonly unknown[]) => {
    const now = performance.now()
    askedAt = now
    try {
      const answer = await client.query<Row>({ name: statements.get(text), text, values: [...values] })
      heardAt.set(client, now)
      return answer
    } finally {
      askedAt = null
    }
  }
  const ask: LeaseSession['ask'] = <Row extends QueryResultRow>(
    client: Client,
    text: string,
    values: readonly unknown[] = [],
  ) => {
    const answer = last.then(() => askNow<Row>(client, text, values))
    last = answer.catch(() => undefined)
    return answer
  }
  const disconnected = (): void => {
    connecting = null
    current = null
    if (timer) clearInterval(timer)
    timer = null
    onBroken()
  }
  const connect = async (): Promise<Client> => {
    const client = new Client({
      connectionString,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      options: `-c search_path=${schema},public -c idle_session_timeout=${idleForMs}ms`,
    })
    client.on('error', (error) => log.debug({ err: error }, 'leases.connection-lost'))
    let hasEnded = false
    client.on('end', () => {
      hasEnded = true
      if (client === current) disconnected()
    })
    await client.connect()
    // In the moment in which it began: nobody would hear of it again.
    if (hasEnded) throw new Error('The connection ended')
    current = client
    heardAt.set(client, performance.now())
    timer = setInterval(() => {
      // A connection may die without a word, and the system takes a quarter of an hour to notice.
      if (askedAt !== null && performance.now() - askedAt > silentMs) void client.end().catch(() => undefined)
      else void ask(client, 'select 1').catch(() => undefined)
    }, heartbeatMs).unref()
    return client
  }
  return {
    client: () => {
      // A taker that comes after the end must not open a connection that nobody closes.
      if (isClosed) return Promise.reject(new Error('The leases of this process were given back'))
      connecting ??= connect().catch((error: unknown) => {
        connecting = null
        throw error
      })
      return connecting
    },
    current: () => current,
    heardAt: (client) => heardAt.get(client) ?? Number.NEGATIVE_INFINITY,
    ask,
    close: async () => {
      isClosed = true
      const client = await connecting?.catch(() => null)
      if (timer) clearInterval(timer)
      await client?.end().catch(() => undefined)
    },
  }
}
