import type { Database, Queryable } from './database.ts'

/** Whether the index of migration 0010 is there and complete; an expression in SQL. */
export const hasSearchIndex = `exists (select from pg_index
  where indexrelid = to_regclass('story_search_windows') and indisvalid)`

/** Any constant will do; all versions of Newsfold must use the same. */
const indexLock = 7_301_934_403

/** The definition of migration 0010, which makes it where there is no story yet. */
const createIndex = `create index concurrently story_search_windows on story_search
  using gin (lexemes, sequences, slots, source_ids, languages) with (fastupdate = off)`

async function isTrue(client: Queryable, expression: string): Promise<boolean> {
  return (await client.query<{ is: boolean }>(`select ${expression} as is`)).rows[0]?.is === true
}

async function make(client: Queryable): Promise<boolean> {
  await client.query('set statement_timeout = 0')
  const isThere = await isTrue(client, hasSearchIndex)
  if (!isThere) {
    await client.query('drop index concurrently if exists story_search_windows')
    await client.query(createIndex)
  }
  await client.query('drop index concurrently if exists story_search_lexemes')
  return !isThere
}

/**
 * Makes the index that searches go back in time by, where the archive was filled before there was one; nobody waits for
 * it but this process. One that was broken off is made anew.
 * @param signal breaks it off
 * @returns whether it was made now; `false` too while another process makes it
 */
export async function makeSearchIndex(database: Database, signal?: AbortSignal): Promise<boolean> {
  const client = await database.connect()
  try {
    if (!(await isTrue(client, `pg_try_advisory_lock(${indexLock})`))) return false
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    // The server does not notice that a connection has ended before the index is there.
    const cancel = () => void database.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      signal?.throwIfAborted()
      return await make(client)
    } finally {
      signal?.removeEventListener('abort', cancel)
      await client.query(`select pg_advisory_unlock(${indexLock})`).catch(() => undefined)
    }
  } finally {
    // Not used again: its session has a timeout of its own.
    client.release(true)
  }
}
