import type { Queryable } from '../archive/database.ts'
import { endScheduledJob, findSchedulesWithJob, repeatScheduledJob } from '../archive/source-schedules.ts'
import type { JobQueue } from './job-queue.ts'

/** A job is added right after it was noted. */
const addedWithinMs = 2000
/** Each is a question to the queue. */
const mostAsked = 200

/**
 * Lets schedules go on whose job has ended without a word, and makes those due again whose job is nowhere: of a process
 * that died before it added it, of a queue that was emptied, of an archive that was restored.
 */
export async function mendScheduledJobs(db: Queryable, queue: Pick<JobQueue, 'stateOf'>, now: Date): Promise<void> {
  const noted = (await findSchedulesWithJob(db, addedWithinMs, mostAsked)).flatMap(({ sourceId, jobId }) =>
    jobId === null ? [] : [{ sourceId, jobId }],
  )
  const states = await Promise.all(noted.map(({ jobId }) => queue.stateOf(jobId)))
  for (const [index, { sourceId, jobId }] of noted.entries()) {
    const state = states[index]
    if (state === 'ended') await endScheduledJob(db, sourceId, jobId)
    else if (state === 'absent') await repeatScheduledJob(db, sourceId, jobId, now)
  }
}
