import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { hastenPages } from '../archive/pages.ts'
import { serverTime, stuckLocks } from '../archive/stuck-locks.ts'
import { describeError } from '../model/errors.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { deliveryQueueName, queueName } from '../queue/jobs.ts'

/** Less is a clock that is being put right bit by bit. */
const setBackMs = 60_000

/** @returns whether the clock was set back since this was asked last; at first it may have been, as far as is known */
export function clockWatch(): () => boolean {
  let ahead = Number.POSITIVE_INFINITY
  return () => {
    const before = ahead
    // The second clock goes on evenly, whatever the first one is set to.
    ahead = Date.now() - performance.now()
    return ahead < before - setBackMs
  }
}

interface Mending {
  readonly queue: Pick<JobQueue, 'backend' | 'startFarOff'>
  readonly database: Database
  readonly log: Logger
}

/**
 * Takes back what clocks that were ahead have put off: jobs, the locks of jobs, and, after this process's own was set
 * back, looks at pages.
 * @returns begins to look; to be called again and again. Schedules do not wait for it: a queue that is away does not answer
 */
export function mendClocks({ queue, database, log }: Mending): (hasGoneBack: boolean) => void {
  const endLocks =
    queue.backend === 'postgres' ? stuckLocks(database, [queueName, deliveryQueueName]) : () => Promise.resolve(0)
  let arePagesDue = false
  let isLooking = false

  const look = async (): Promise<void> => {
    isLooking = true
    try {
      // The later of the two: a clock that is behind must not take what others have put off for far off.
      const now = new Date(Math.max(Date.now(), (await serverTime(database)).getTime()))
      const [putOff, locked] = [await queue.startFarOff(now), await endLocks(now)]
      if (putOff + locked > 0) log.warn({ putOff, locked }, 'queue.clock-was-ahead')
      if (!arePagesDue) return
      const pages = await hastenPages(database, new Date(), setBackMs)
      if (pages > 0) log.warn({ pages }, 'pages.clock-was-ahead')
      arePagesDue = false
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'clocks.not-checked')
    } finally {
      isLooking = false
    }
  }
  return (hasGoneBack) => {
    arePagesDue ||= hasGoneBack
    if (!isLooking) void look()
  }
}
