import type { QueueTiming } from '../../src/queue/job-queue.ts'

/** So that tests do not wait for what takes a minute in life. */
export const quickTiming: QueueTiming = {
  lockDurationMs: 1500,
  stalledIntervalMs: 500,
  retryMs: 200,
  readyMs: 10_000,
  archiveAwayMs: 50,
}
