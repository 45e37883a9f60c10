import type { BackendFactory, IQueueBackend } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A backend whose worker, once it has found nothing, looks again after a while and not before. Where thousands of
 * sources are due one after the other it would otherwise look for each of them by itself, four questions to PostgreSQL
 * each time, woken by every schedule that moves on besides.
 */
export function gathering<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  waitMs: number,
): BackendFactory<B, C> {
  return (...given) => {
    const backend = factory(...given)
    const waitForJob = backend.waitForJob.bind(backend)
    backend.waitForJob = async (blockTimeout) => {
      await sleep(waitMs)
      return waitForJob(blockTimeout)
    }
    return backend
  }
}
