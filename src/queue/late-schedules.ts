import { CronExpressionParser } from 'cron-parser'
import type { Source } from '../model/source.ts'
import type { JobQueue, Repeat } from './job-queue.ts'
import { scheduleId } from './jobs.ts'
import { timingOf, type LearnedSchedules } from './schedules.ts'

/** Clocks of machines differ by seconds, and no schedule is that exact. */
const slackMs = 300_000

/** How far away the next tick may be. */
function latestTick(repeat: Repeat, now: Date): Date {
  return 'every' in repeat
    ? new Date(repeat.startDate.getTime() + repeat.every)
    : CronExpressionParser.parse(repeat.pattern, { tz: repeat.tz, currentDate: now }).next().toDate()
}

/**
 * Replaces schedules whose next tick is later than they can be: it was reckoned by a clock that was ahead, and set back
 * since. Left alone, they would rest until then.
 * @param known as they were read by the clock that holds now; those that were made since are asked for
 * @returns ids of their sources
 */
export async function replaceLateSchedules(
  queue: JobQueue,
  sources: readonly Source[],
  now: Date,
  { intervals = new Map(), known = new Map() }: LearnedSchedules = {},
): Promise<string[]> {
  const late: string[] = []
  for (const source of sources.filter(({ enabled }) => enabled)) {
    const id = scheduleId(source.id)
    const next = known.get(id)?.nextAt ?? (await queue.schedule(id))?.nextAt
    const { repeat, jitterMs } = timingOf(source, now, intervals)
    if (!next || next.getTime() <= latestTick(repeat, now).getTime() + slackMs) continue
    // A schedule that is there is replaced at the tick that it waits for.
    await queue.removeSchedule(id)
    await queue.upsertSchedule(id, repeat, { sourceId: source.id, jitterMs })
    late.push(source.id)
  }
  return late
}
