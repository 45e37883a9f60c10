import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type QueryResult, type QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import type { Database, Queryable } from './database.ts'
import { listenerName } from './story-listener.ts'

/** Which sources this process is crawling; no two processes of one archive hold the same. */
export interface SourceLeases {
  /**
   * Takes a source.
   * @param onLost called when it is lost: its connection broke and somebody else took it meanwhile
   * @returns how to give it back; `null` when somebody has it
   */
  take(sourceId: string, onLost?: () => void): Promise<(() => Promise<void>) | null>
  /** Whether this process has it. */
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
/** As long as queries wait for a database that is away. */
const retakeForMs = 20_000
const retakeEachMs = 100

/** One taking of a source, told from a later one of the same source by its identity. */
interface Lease {
  readonly onLost: () => void
  /** The connection that its lock lives on; `null` while it is asked for. */
  on: Client | null
}

const lock = `hashtextextended('source ' || $1, 0)`
const takeQuery = `select pg_try_advisory_lock(${lock}) as taken`
const giveBackQuery = `select pg_advisory_unlock(${lock})`
/** Asked for every crawl, so they are prepared by these names. */
const statements: ReadonlyMap<string, string> = new Map([
  [takeQuery, 'take-lease'],
  [giveBackQuery, 'give-lease-back'],
])

/** A connection of a process's own, opened when it is asked for, and again after it broke. */
interface Session {
  /** @throws it cannot be opened, or was closed */
  client(): Promise<Client>
  /** What is open now; `null`: it broke, or was not asked for. */
  current(): Client | null
  ask<Row extends QueryResultRow>(client: Client, text: string, values?: string[]): Promise<QueryResult<Row>>
  close(): Promise<void>
}

function openSession(connectionString: string, name: string, log: Logger, onBroken: () => void): Session {
  let connecting: Promise<Client> | null = null
  let current: Client | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  /** The driver takes one query at a time on a connection. */
  let last: Promise<unknown> = Promise.resolve()

  const ask: Session['ask'] = <Row extends QueryResultRow>(client: Client, text: string, values: string[] = []) => {
    const answer = last.then(() => client.query<Row>({ name: statements.get(text), text, values }))
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
      options: '-c idle_session_timeout=60s',
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
    timer = setInterval(() => void ask(client, 'select 1').catch(() => undefined), heartbeatMs).unref()
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
    ask,
    close: async () => {
      isClosed = true
      const client = await connecting?.catch(() => null)
      if (timer) clearInterval(timer)
      await client?.end().catch(() => undefined)
    },
  }
}

/**
 * Leases are PostgreSQL's session locks on one connection: they end with the process, however it ends. A process that
 * hangs stops its heartbeat, and the server ends its session after a minute. A connection that breaks, as at a restart
 * of the server, takes them with it: they are taken again as soon as it is back.
 */
export function openSourceLeases(
  database: Database,
  log: Logger,
  of: keyof typeof sessionNames = 'crawls',
): SourceLeases {
  const held = new Map<string, Lease>()
  let retaking: Promise<void> | null = null
  const session = openSession(database.connectionString, sessionNames[of], log, () => {
    retaking ??= retake().finally(() => (retaking = null))
  })

  const tryLock = async (client: Client, sourceId: string): Promise<boolean> => {
    const { rows } = await session.ask<{ taken: boolean }>(client, takeQuery, [sourceId])
    return rows[0]?.taken === true
  }
  const unlock = (client: Client, sourceId: string): Promise<unknown> =>
    session.ask(client, giveBackQuery, [sourceId]).catch(() => undefined)
  const drop = (sourceId: string, lease: Lease): void => {
    if (held.get(sourceId) !== lease) return
    held.delete(sourceId)
    lease.onLost()
  }
  /** The leases whose connection has gone. */
  const stranded = () => [...held].filter(([, { on }]) => on !== null && on !== session.current())
  const retakeOnce = async (): Promise<void> => {
    const client = await session.client()
    for (const [sourceId, lease] of stranded()) {
      if (!(await tryLock(client, sourceId))) drop(sourceId, lease)
      else if (held.get(sourceId) === lease) lease.on = client
      else await unlock(client, sourceId)
    }
  }
  const retake = async (): Promise<void> => {
    const giveUpAt = performance.now() + retakeForMs
    while (stranded().length > 0) {
      if (performance.now() > giveUpAt) return stranded().forEach(([sourceId, lease]) => drop(sourceId, lease))
      await retakeOnce().catch(() => sleep(retakeEachMs))
    }
  }
  return {
    has: (sourceId) => held.has(sourceId),
    take: async (sourceId, onLost = () => undefined) => {
      if (held.has(sourceId)) return null
      // Before the answer comes, so that a second job of this process does not take the same session's lock again.
      const lease: Lease = { onLost, on: null }
      held.set(sourceId, lease)
      try {
        const client = await session.client()
        if (!(await tryLock(client, sourceId))) {
          held.delete(sourceId)
          return null
        }
        lease.on = client
        return async () => {
          // Lost with its connection, and perhaps taken again since: then it is not ours to give back.
          if (held.get(sourceId) !== lease) return
          held.delete(sourceId)
          if (lease.on) await unlock(lease.on, sourceId)
        }
      } catch (error) {
        held.delete(sourceId)
        throw error
      }
    },
    close: async () => {
      held.clear()
      await session.close()
      await retaking
    },
  }
}
