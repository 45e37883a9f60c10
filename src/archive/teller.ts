import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable } from './database.ts'

/** Those who listen look at what there is by then, so that one word says all that happened in this time. */
const gatherMs = 50

/** Wakes who listens to channels of the database. */
export interface Teller {
  /** At once, or together with what is told in the next moment. */
  tell(channels: Iterable<string>): void
  /** Ends when all is told. */
  close(): Promise<void>
}

/**
 * Tells of what was committed, and what happens in quick succession once. PostgreSQL lets transactions that notify
 * commit one after the other only, each with a write to the disk of its own, and wakes every listener for each. Who dies
 * after a commit has told nobody of it, so that listeners must come to see it by themselves as well.
 */
export function createTeller(database: Queryable): Teller {
  const untold = new Set<string>()
  const closing = new AbortController()
  let running: Promise<void> | null = null

  const run = async (): Promise<void> => {
    while (untold.size > 0) {
      const channels = [...untold]
      untold.clear()
      // The same holds where it fails: who listens has lost its connection too, and looks when it has a new one.
      await database
        .query(`select pg_notify(channel, '') from unnest($1::text[]) as channel`, [channels])
        .catch(() => null)
      await sleep(gatherMs, undefined, { signal: closing.signal }).catch(() => null)
    }
    running = null
  }
  return {
    tell: (channels) => {
      for (const channel of channels) untold.add(channel)
      if (untold.size > 0) running ??= run()
    },
    close: async () => {
      closing.abort()
      await running
    },
  }
}
