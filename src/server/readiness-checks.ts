import type { Database, Queryable } from '../archive/database.ts'
import { findMissingMigrations } from '../archive/migrate.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import type { ReadinessCheck } from './readiness.ts'

/** Asks without the archive's own patience: whoever looks wants to know how it is now. */
async function askOnce(database: Database, question: (client: Queryable) => Promise<void>): Promise<void> {
  const client = await database.connect()
  let broken: Error | undefined
  try {
    await question({ query: (text, values) => client.query(text, values ? [...values] : undefined) })
  } catch (error) {
    if (error instanceof Error) broken = error
    throw error
  } finally {
    client.release(broken)
  }
}

const databaseChecks = (database: Database): readonly ReadinessCheck[] => [
  {
    name: 'database',
    check: () =>
      askOnce(database, async (client) => {
        await client.query('select 1')
      }),
  },
  {
    name: 'migrations',
    check: () =>
      askOnce(database, async (client) => {
        const missing = await findMissingMigrations(client)
        if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}. Start Newsfold again.`)
      }),
  },
]

/**
 * What a process needs before it can do its work.
 * @param queue of a process that crawls: its queue, `null` as long as it is not open
 */
export function readinessChecks(database: Database, queue?: () => JobQueue | null): readonly ReadinessCheck[] {
  if (!queue) return databaseChecks(database)
  const check = async (): Promise<void> => {
    const open = queue()
    if (!open) throw new Error('not open yet')
    await open.isPaused()
  }
  return [...databaseChecks(database), { name: 'queue', check }]
}
