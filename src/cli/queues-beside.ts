import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { describeError } from '../model/errors.ts'
import type { OpenQueues } from '../queue/queue-figures.ts'
import type { Settings } from '../runtime/settings.ts'
import { openDeliveries, openQueue } from './services.ts'

const againMs = 5000
/** A store that is away is not waited for. */
const closeWithinMs = 1000

/** Queues that open when their store is there. */
export interface QueuesBeside {
  /** `null` until then. */
  current(): OpenQueues | null
  close(): Promise<void>
}

/** Opens the queues of a process that only serves: operators steer crawls by it, and readers wait for nothing. */
export function openQueuesBeside(settings: Settings, database: Database, log: Logger): QueuesBeside {
  const stopping = new AbortController()
  let queues: OpenQueues | null = null
  const opening = (async (): Promise<void> => {
    while (!stopping.signal.aborted && !queues) {
      try {
        const queue = await openQueue(settings, database, log)
        queues = { queue, deliveries: await openDeliveries(settings, database, log) }
      } catch (error) {
        log.warn({ reason: describeError(error) }, 'queue.not-opened')
        await sleep(againMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  })()
  return {
    current: () => queues,
    close: async () => {
      stopping.abort()
      await Promise.race([opening, sleep(closeWithinMs, undefined, { ref: false })])
      await queues?.deliveries.close()
      await Promise.race([queues?.queue.close(), sleep(closeWithinMs, undefined, { ref: false })])
    },
  }
}
