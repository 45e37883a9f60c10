import type { Logger } from 'pino'
import { describeError } from '../model/errors.ts'
import type { CrawlService } from './crawl-service.ts'
import type { JobQueue } from './job-queue.ts'

const defaultLookMs = 3000
/** Where there is always something else, long crawls have their turn as well. */
const mostWaitMs = 600_000

export interface GivingWay {
  readonly service: Pick<CrawlService, 'underWay' | 'giveWay'>
  readonly queue: Pick<JobQueue, 'isPaused' | 'countNews' | 'hastenLong'>
  /** Jobs that this process does at the same time. */
  readonly places: number
  readonly log: Logger
  /** Default 3 s. */
  readonly lookMs?: number
}

/** Lets long crawls make room, where all places are taken, for sources that are read in a moment. @returns how to stop */
export function giveWay({ service, queue, places, log, lookMs = defaultLookMs }: GivingWay): () => void {
  let isLooking = false
  const look = async (): Promise<void> => {
    isLooking = true
    try {
      if (service.underWay() < places || (await queue.isPaused())) return
      service.giveWay(await queue.countNews())
      await queue.hastenLong(new Date(Date.now() - mostWaitMs))
    } catch (error) {
      log.debug({ reason: describeError(error) }, 'turns.not-checked')
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => {
    // A queue that is away does not answer.
    if (!isLooking) void look()
  }, lookMs).unref()
  return () => clearInterval(timer)
}
