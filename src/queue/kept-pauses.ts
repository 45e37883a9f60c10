import type { Queryable } from '../archive/database.ts'
import { findPausedQueues, type QueueName } from '../archive/schedule-pauses.ts'
import type { CrawlJobs } from './crawl-jobs.ts'

type PausableQueue = Pick<CrawlJobs, 'isPaused' | 'pause' | 'resume'>

/**
 * Puts pauses back that a queue has lost: one that was emptied, of an archive that was restored or has moved.
 * @returns the queues that are paused again
 */
export async function keepPauses(
  db: Queryable,
  queues: Readonly<Record<QueueName, PausableQueue>>,
): Promise<QueueName[]> {
  const open: QueueName[] = []
  for (const name of ['crawls', 'deliveries'] as const) if (!(await queues[name].isPaused())) open.push(name)
  if (open.length === 0) return []
  // After the queues were asked: whoever lets one go takes it out of the archive first.
  const kept = await findPausedQueues(db)
  const lost = open.filter((name) => kept.has(name))
  for (const name of lost) await queues[name].pause()
  if (lost.length === 0) return []
  // Somebody may have let it go in between, and must not find it paused.
  const still = await findPausedQueues(db)
  for (const name of lost) if (!still.has(name)) await queues[name].resume()
  return lost.filter((name) => still.has(name))
}
