import { createHash } from 'node:crypto'
import type { Source } from '../model/source.ts'
import type { JobQueue, Repeat, ScheduleRecord } from './job-queue.ts'
import { scheduleId, sourceIdOf } from './jobs.ts'
import { intervalOf } from './rhythm.ts'

interface Timing {
  readonly repeat: Repeat
  /** What each tick is put off by. */
  readonly jitterMs: number
}

const noBounds = { min: 0, max: Number.MAX_SAFE_INTEGER }

/** Jitter moves the first tick of an interval, and with it all later ones; each tick of a cron schedule by itself. */
function timingOf(source: Source, now: Date, intervals: ReadonlyMap<string, number>): Timing {
  const { schedule, timeZone } = source
  const jitter = jitterOf(source)
  if (schedule.cron !== undefined) {
    return { repeat: { pattern: schedule.cron, tz: schedule.timeZone ?? timeZone }, jitterMs: jitter }
  }
  const every = schedule.every ?? intervals.get(source.id) ?? intervalOf(null, schedule.adaptive ?? noBounds, now)
  return { repeat: { every, startDate: new Date(now.getTime() + every + jitter) }, jitterMs: 0 }
}

/** A share of the jitter that is the same for a source at every start. */
function jitterOf({ id, schedule }: Source): number {
  const share = createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
  return Math.floor(schedule.jitter * share)
}

function isSame(record: ScheduleRecord, repeat: Repeat, jitterMs: number): boolean {
  if (record.jitterMs !== jitterMs) return false
  return 'every' in repeat
    ? record.every === repeat.every
    : record.pattern === repeat.pattern && record.tz === repeat.tz
}

/** A change of the interval takes effect after the tick that is due: changed ever again, a source is crawled all the same. */
function notLater(repeat: Repeat, nextAt: Date | null): Repeat {
  return nextAt && 'every' in repeat && nextAt < repeat.startDate ? { ...repeat, startDate: nextAt } : repeat
}

/** What a reconciliation did, by ids of sources. */
export interface ScheduleChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/**
 * Makes the queue's schedules those of the sources: adds, replaces and removes. The sources are what counts, so a
 * queue that lost everything is filled again. What is right already is left alone, so that no tick is lost or doubled.
 * @param intervals by id, in milliseconds: what adaptive schedules have learned
 */
export async function reconcileSchedules(
  queue: JobQueue,
  sources: readonly Source[],
  now: Date,
  intervals: ReadonlyMap<string, number> = new Map(),
): Promise<ScheduleChanges> {
  const existing = new Map((await queue.schedules()).map((record) => [record.id, record]))
  const [added, changed, removed]: [string[], string[], string[]] = [[], [], []]
  for (const source of sources.filter((source) => source.enabled)) {
    const id = scheduleId(source.id)
    const record = existing.get(id)
    existing.delete(id)
    const { repeat, jitterMs } = timingOf(source, now, intervals)
    if (record && isSame(record, repeat, jitterMs)) continue
    await queue.upsertSchedule(id, notLater(repeat, record?.nextAt ?? null), { sourceId: source.id, jitterMs })
    // A new source is looked at now, not at its first tick.
    if (!record) await queue.addCrawl(source.id)
    if (record) changed.push(source.id)
    else added.push(source.id)
  }
  for (const id of existing.keys()) {
    await queue.removeSchedule(id)
    removed.push(sourceIdOf(id))
  }
  return { added, changed, removed }
}
