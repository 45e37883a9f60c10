import type { Logger } from 'pino'
import { describeError } from '../model/errors.ts'
import type { KeptWorker } from '../queue/keep-working.ts'
import { leastFreeBytes } from '../runtime/disk-space.ts'

const checkMs = 5000
/** Goes on when there is this much more, so that it does not go on and off with each page. */
const marginBytes = 50 * 2 ** 20

/**
 * Starts no more crawls while the disk is nearly full: what is there is served on, and running crawls end. The rest
 * waits in the queue.
 * @returns how to stop watching
 */
export function guardDisk(options: {
  readonly worker: Pick<KeptWorker, 'pause' | 'resume'>
  /** @throws the folder cannot be looked at */
  readonly freeBytes: () => number
  readonly log: Logger
  readonly everyMs?: number
}): () => void {
  const { worker, log } = options
  let isHeld = false
  const check = (): void => {
    let free: number
    try {
      free = options.freeBytes()
    } catch (error) {
      log.debug({ reason: describeError(error) }, 'disk.not-measured')
      return
    }
    const freeMB = Math.round(free / 2 ** 20)
    if (!isHeld && free < leastFreeBytes) {
      isHeld = true
      worker.pause()
      log.error({ freeMB, leastMB: leastFreeBytes / 2 ** 20 }, 'crawling.paused')
    } else if (isHeld && free >= leastFreeBytes + marginBytes) {
      isHeld = false
      worker.resume()
      log.warn({ freeMB }, 'crawling.resumed')
    }
  }
  check()
  const timer = setInterval(check, options.everyMs ?? checkMs).unref()
  return () => clearInterval(timer)
}
