import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable } from './database.ts'

/** Who listens looks at what there is by then, so that one word says all that happened in this time. */
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
 * after a commit, or finds the database away, has told nobody of it: a dispatcher finds it within seconds, and tells.
 */
export function createTeller(database: Queryable): Teller {
  const untold = new Set<string>()
  const closing = new AbortController()
  let running: Promise<void> | null = null

  const say = async (channels: readonly string[]): Promise<void> => {
    await database.query(`select pg_notify(channel, '') from unnest($1::text[]) as channel`, [channels])
  }
  const run = async (): Promise<void> => {
    while (untold.size > 0) {
      const channels = [...untold]
      untold.clear()
      await say(channels).catch(() => undefined)
      await sleep(gatherMs, undefined, { signal: closing.signal }).catch(() => undefined)
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
