import type { Database, Queryable } from './database.ts'

/** Whether the index of migration 0010 is there and complete; an expression in SQL. */
export const hasSearchIndex = `exists (select from pg_index
  where indexrelid = to_regclass('story_search_windows') and indisvalid)`

/** Any constant will do; all versions of Newsfold must use the same. */
const indexLock = 7_301_934_404

/** As migrations 0010 and 0012 have it, which make it where there is no story yet. */
const createIndex = `create index concurrently story_search_windows on story_search
  using gin (lexemes, sequences, slots, source_ids, languages) with (fastupdate = on, gin_pending_list_limit = 32768)`

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

/**
 * Stories at the index's end, which each look into the index reads one by one. Over 200,000 stories a search takes 16 ms
 * with none of them there, 30 ms with so many; moving 64 takes 1.2 s, moving 512 takes 1.6 s.
 */
const mostWaiting = 512
/** Where fewer come. */
const longestWaitMs = 60_000
/** Where more come: a move costs by different keys, of which a large crawl's stories share the more, the more they are. */
const restMs = 5000

/** Sees to it that stories do not wait at the end of the index of searches for long. */
export interface IndexTidying {
  /** To be told of each new story. */
  noted(): void
}

const moveWaiting = `select gin_clean_pending_list('story_search_windows') where ${hasSearchIndex}`

/**
 * Moves the keys of new stories from the end of the index to their places, those of many stories at once. Searches find
 * them before as well, so that nothing depends on it: who dies before leaves them to PostgreSQL or the next process.
 */
export function tidySearchIndex(
  database: Queryable,
  limits = { most: mostWaiting, waitMs: longestWaitMs, restMs },
): IndexTidying {
  let waiting = 0
  let timer: NodeJS.Timeout | null = null
  let isBusy = false

  const move = async (): Promise<void> => {
    if (timer) clearTimeout(timer)
    timer = null
    if (isBusy) return
    isBusy = true
    const moved = waiting
    waiting = 0
    // The next time is as good.
    await database.query(moveWaiting).catch(() => (waiting += moved))
    setTimeout(() => {
      isBusy = false
      begin()
    }, limits.restMs).unref()
  }
  const begin = (): void => {
    if (waiting >= limits.most) void move()
    else if (waiting > 0) timer ??= setTimeout(() => void move(), limits.waitMs).unref()
  }
  return {
    noted: () => {
      waiting += 1
      begin()
    },
  }
}
