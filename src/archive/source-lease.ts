import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Logger } from 'pino'
import type { Database, Queryable } from './database.ts'
import { idleForMs, openLeaseSession } from './lease-session.ts'
import { listenerName } from './story-listener.ts'

/** Which sources this process is crawling; no two processes of one archive hold the same. */
export interface SourceLeases {
  /**
   * Takes a source.
   * @param onLost called when it is lost: its connection broke and somebody else took it meanwhile
   * @returns how to give it back; `null` when somebody has it
   */
  take(sourceId: string, onLost?: () => void): Promise<(() => Promise<void>) | null>
  /** Takes sources whose schedules are due, the longest waiting first. */
  takeDue(which: DueTaking): Promise<TakenSources>
  /** Gives back what `takeDue` has taken. */
  giveBack(sourceIds: readonly string[]): Promise<void>
  /** Whether this process has it. */
  has(sourceId: string): boolean
  /**
   * Whether this process was not stopped for so long that the server has ended its session and somebody else may have
   * it, of which it knows nothing when it goes on.
   */
  isSure(sourceId: string): boolean
  close(): Promise<void>
}

export interface DueTaking {
  readonly now: Date
  readonly limit: number
  /** Sources that are left alone. */
  readonly except: readonly string[]
  /** As of `take`. */
  readonly onLost: (sourceId: string) => void
}

export interface TakenSources {
  readonly taken: readonly string[]
  /** Somebody is at them, in this process or in another. */
  readonly busy: readonly string[]
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

/** As long as queries wait for a database that is away. */
const retakeForMs = 20_000
const retakeEachMs = 100

/** One taking of a source, told from a later one of the same source by its identity. */
interface Lease {
  readonly onLost: () => void
  /** The connection that its lock lives on; `null` while it is asked for. */
  on: Client | null
}

/** The lock of who crawls a source. @param id an expression in SQL */
export const sourceLock = (id: string): string => `hashtextextended('source ' || ${id}, 0)`
const lock = sourceLock('$1')
const takeQuery = `select pg_try_advisory_lock(${lock}) as taken`
const giveBackQuery = `select pg_advisory_unlock(${lock})`
const locks = sourceLock('id')
const takeDueQuery = `with due as materialized (
    select source_id as id from source_schedule
    where next_at <= $1 and job_id is null and source_id <> all($2) order by next_at limit $3
  )
  select id, case when id = any($4) then false else pg_try_advisory_lock(${locks}) end as taken from due`
const giveAllBackQuery = `select pg_advisory_unlock(${locks}) from unnest($1::text[]) as given (id)`
/** Asked for every crawl, so they are prepared by these names. */
const statements: ReadonlyMap<string, string> = new Map([
  [takeQuery, 'take-lease'],
  [giveBackQuery, 'give-lease-back'],
  [takeDueQuery, 'take-due-leases'],
  [giveAllBackQuery, 'give-leases-back'],
])
/** Less than the server waits, by what a request may be under way between here and a site. */
const sureForMs = idleForMs - 10_000

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
  const session = openLeaseSession(database.connectionString, { name: sessionNames[of], statements, log }, () => {
    retaking ??= retake().finally(() => (retaking = null))
  })

  const tryLock = async (client: Client, sourceId: string): Promise<boolean> => {
    const { rows } = await session.ask<{ taken: boolean }>(client, takeQuery, [sourceId])
    return rows[0]?.taken === true
  }
  const unlock = (client: Client, sourceId: string): Promise<unknown> =>
    session.ask(client, giveBackQuery, [sourceId]).catch(() => undefined)
  const unlockAll = (client: Client, sourceIds: readonly string[]): Promise<unknown> =>
    session.ask(client, giveAllBackQuery, [sourceIds]).catch(() => undefined)
  const drop = (sourceId: string, lease: Lease): void => {
    if (held.get(sourceId) !== lease) return
    held.delete(sourceId)
    lease.onLost()
  }
  const isSureOf = (lease: Lease | undefined): boolean =>
    lease?.on != null && performance.now() - session.heardAt(lease.on) < sureForMs
  /** The leases whose connection has gone. */
  const stranded = () => [...held].filter(([, { on }]) => on !== null && on !== session.current())
  const retakeOnce = async (): Promise<void> => {
    const client = await session.client()
    for (const [sourceId, lease] of stranded()) {
      // After a stop that was so long, somebody else may have had it and given it back.
      if (!isSureOf(lease) || !(await tryLock(client, sourceId))) drop(sourceId, lease)
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
    isSure: (sourceId) => isSureOf(held.get(sourceId)),
    takeDue: async ({ now, limit, except, onLost }) => {
      const client = await session.client()
      const values = [now, except, limit, [...held.keys()]]
      const { rows } = await session.ask<{ id: string; taken: boolean }>(client, takeDueQuery, values)
      // A session may lock one thing twice: what this process has taken by itself meanwhile stays there.
      const twice = rows.filter(({ id, taken }) => taken && held.has(id)).map(({ id }) => id)
      if (twice.length > 0) await unlockAll(client, twice)
      const taken = rows.filter((row) => row.taken && !held.has(row.id)).map(({ id }) => id)
      for (const id of taken) held.set(id, { onLost: () => onLost(id), on: client })
      return { taken, busy: rows.map(({ id }) => id).filter((id) => !taken.includes(id)) }
    },
    giveBack: async (sourceIds) => {
      const client = session.current()
      const given = sourceIds.filter((id) => held.get(id)?.on === client)
      for (const id of sourceIds) held.delete(id)
      if (client && given.length > 0) await unlockAll(client, given)
    },
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
