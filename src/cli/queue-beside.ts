import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { describeError } from '../model/errors.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import type { Settings } from '../runtime/settings.ts'
import { openQueue } from './services.ts'

const againMs = 5000

/** A queue that opens when its store is there. */
export interface QueueBeside {
  /** `null` until then. */
  current(): JobQueue | null
  close(): Promise<void>
}

/** Opens the queue of a process that only serves: operators steer crawls by it, and readers wait for nothing. */
export function openQueueBeside(settings: Settings, database: Database, log: Logger): QueueBeside {
  const stopping = new AbortController()
  let queue: JobQueue | null = null
  const opening = (async (): Promise<void> => {
    while (!stopping.signal.aborted && !queue) {
      try {
        queue = await openQueue(settings, database, log)
      } catch (error) {
        log.warn({ reason: describeError(error) }, 'queue.not-opened')
        await sleep(againMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  })()
  return {
    current: () => queue,
    close: async () => {
      stopping.abort()
      // A store that is away is not waited for.
      await Promise.race([opening, sleep(1000, undefined, { ref: false })])
      await queue?.close()
    },
  }
}
