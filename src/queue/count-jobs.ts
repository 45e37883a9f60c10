import { priorities } from './jobs.ts'

/** How many jobs of a queue are in which state. */
export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'completed', number>>

/** What of a BullMQ queue is asked. */
export interface Countable {
  getJobCounts(...states: ('active' | 'delayed' | 'failed' | 'completed')[]): Promise<Record<string, number>>
  getCountsPerPriority(priorities: number[]): Promise<Record<string, number>>
}

/** Counts the jobs of a queue, which may be paused. */
export async function countJobs(queue: Countable): Promise<JobCounts> {
  const counts = await queue.getJobCounts('active', 'delayed', 'failed', 'completed')
  // By priority: on PostgreSQL the count by state says 0 for a queue that is paused.
  const waiting = await queue.getCountsPerPriority(Object.values(priorities))
  const of = (state: string) => counts[state] ?? 0
  return {
    waiting: Object.values(waiting).reduce((sum, count) => sum + count, 0),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
    completed: of('completed'),
  }
}
