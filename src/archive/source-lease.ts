import { Client, type QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import type { Database, Queryable } from './database.ts'
import { listenerName } from './story-listener.ts'

/** Which sources this process is crawling; no two processes of one archive hold the same. */
export interface SourceLeases {
  /** Takes a source. @returns how to give it back; `null` when somebody has it */
  take(sourceId: string): Promise<(() => Promise<void>) | null>
  /** Whether this process has it, and has not lost it with its connection. */
  has(sourceId: string): boolean
  close(): Promise<void>
}

/** What the sessions are called in the server's own lists. `schedules`: of processes that go on, one each. */
const sessionNames = { crawls: 'newsfold-leases', schedules: 'newsfold-schedules' } as const

/** How many processes take jobs from the queue at this moment. */
export async function countWorkers(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = $1',
    [sessionNames.schedules],
  )
  return rows[0]?.count ?? 0
}

/** How many connections processes have that crawl or serve at this moment. */
export async function countProcesses(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = any($1)`,
    [[...Object.values(sessionNames), listenerName]],
  )
  return rows[0]?.count ?? 0
}

const heartbeatMs = 10_000

/**
 * Leases are PostgreSQL's session locks on one connection: they end with the process, however it ends. A process that
 * hangs stops its heartbeat, and the server ends its session after a minute.
 */
export function openSourceLeases(
  database: Database,
  log: Logger,
  of: keyof typeof sessionNames = 'crawls',
): SourceLeases {
  /** By source; the value tells a lease from a later one of the same source. */
  const held = new Map<string, symbol>()
  let connecting: Promise<Client> | null = null
  let timer: NodeJS.Timeout | null = null
  /** The driver takes one query at a time on a connection. */
  let last: Promise<unknown> = Promise.resolve()

  const ask = <Row extends QueryResultRow>(client: Client, text: string, values: string[] = []) => {
    const answer = last.then(() => client.query<Row>(text, values))
    last = answer.catch(() => undefined)
    return answer
  }
  const forget = (): void => {
    connecting = null
    held.clear()
    if (timer) clearInterval(timer)
    timer = null
  }
  const connect = async (): Promise<Client> => {
    const client = new Client({
      connectionString: database.connectionString,
      application_name: sessionNames[of],
      keepAlive: true,
      options: '-c idle_session_timeout=60s',
    })
    client.on('error', (error) => log.debug({ err: error }, 'leases.connection-lost'))
    client.on('end', forget)
    await client.connect()
    timer = setInterval(() => void ask(client, 'select 1').catch(() => undefined), heartbeatMs).unref()
    return client
  }
  let isClosed = false
  const session = (): Promise<Client> => {
    // A taker that comes after the end must not open a connection that nobody closes.
    if (isClosed) return Promise.reject(new Error('The leases of this process were given back'))
    connecting ??= connect().catch((error: unknown) => {
      connecting = null
      throw error
    })
    return connecting
  }
  const lock = `hashtextextended('source ' || $1, 0)`

  return {
    has: (sourceId) => held.has(sourceId),
    take: async (sourceId) => {
      if (held.has(sourceId)) return null
      // Before the answer comes, so that a second job of this process does not take the same session's lock again.
      const lease = Symbol(sourceId)
      held.set(sourceId, lease)
      try {
        const client = await session()
        const { rows } = await ask<{ taken: boolean }>(client, `select pg_try_advisory_lock(${lock}) as taken`, [
          sourceId,
        ])
        if (!rows[0]?.taken) {
          held.delete(sourceId)
          return null
        }
        return async () => {
          // Lost with its connection, and perhaps taken again since: then it is not ours to give back.
          if (held.get(sourceId) !== lease) return
          held.delete(sourceId)
          await ask(client, `select pg_advisory_unlock(${lock})`, [sourceId]).catch(() => undefined)
        }
      } catch (error) {
        held.delete(sourceId)
        throw error
      }
    },
    close: async () => {
      isClosed = true
      const client = await connecting?.catch(() => null)
      forget()
      await client?.end().catch(() => undefined)
    },
  }
}
