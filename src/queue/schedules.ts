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

/**
 * The first tick of an interval, and with it all later ones, is at a moment that differs by source: thousands that are
 * added at once would otherwise be due at once for ever. A new source is crawled at once, so the first tick may come
 * soon after half of the interval. Jitter moves each tick of a cron schedule by itself.
 */
export function timingOf(source: Source, now: Date, intervals: ReadonlyMap<string, number>): Timing {
  const { schedule, timeZone } = source
  const share = shareOf(source)
  const jitter = Math.floor(schedule.jitter * share)
  if (schedule.cron !== undefined) {
    return { repeat: { pattern: schedule.cron, tz: schedule.timeZone ?? timeZone }, jitterMs: jitter }
  }
  const every = schedule.every ?? intervals.get(source.id) ?? intervalOf(null, schedule.adaptive ?? noBounds, now)
  const firstMs = Math.floor(every * (0.5 + share)) + jitter
  return { repeat: { every, startDate: new Date(now.getTime() + firstMs) }, jitterMs: 0 }
}

/** From 0 to 1, the same for a source at every start. */
function shareOf({ id }: Source): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
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

/** Schedules as they were made or read last, by id: reading thousands takes seconds. */
export type KnownSchedules = Map<string, ScheduleRecord>

export interface LearnedSchedules {
  /** By id, in milliseconds: what adaptive schedules have learned. */
  readonly intervals?: ReadonlyMap<string, number>
  /** From the call before. */
  readonly known?: KnownSchedules
}

async function refresh(queue: JobQueue, known: KnownSchedules): Promise<void> {
  if (known.size > 0 && known.size === (await queue.countSchedules())) return
  known.clear()
  for (const record of await queue.schedules()) known.set(record.id, record)
}

/**
 * Makes the queue's schedules those of the sources: adds, replaces and removes. The sources are what counts, so a
 * queue that lost everything is filled again. What is right already is left alone, so that no tick is lost or doubled.
 * @param known believed as long as the queue has as many
 */
export async function reconcileSchedules(
  queue: JobQueue,
  sources: readonly Source[],
  now: Date,
  { intervals = new Map(), known = new Map() }: LearnedSchedules = {},
): Promise<ScheduleChanges> {
  await refresh(queue, known)
  const left = new Set(known.keys())
  const [added, changed, removed]: [string[], string[], string[]] = [[], [], []]
  for (const source of sources.filter((source) => source.enabled)) {
    const id = scheduleId(source.id)
    const record = known.get(id)
    left.delete(id)
    const timing = timingOf(source, now, intervals)
    const { repeat, jitterMs } = timing
    if (record && isSame(record, repeat, jitterMs)) continue
    // A new source is looked at now, not at its first tick; before it has a schedule, so that a failure is made good.
    if (!record) await queue.addCrawl(source.id)
    const nextAt = record ? ((await queue.schedule(id))?.nextAt ?? null) : null
    await queue.upsertSchedule(id, notLater(repeat, nextAt), { sourceId: source.id, jitterMs })
    known.set(id, recordOf(id, timing))
    if (record) changed.push(source.id)
    else added.push(source.id)
  }
  for (const id of left) {
    await queue.removeSchedule(id)
    known.delete(id)
    removed.push(sourceIdOf(id))
  }
  return { added, changed, removed }
}

function recordOf(id: string, { repeat, jitterMs }: Timing): ScheduleRecord {
  return 'every' in repeat
    ? { id, every: repeat.every, pattern: null, tz: null, jitterMs, nextAt: null }
    : { id, every: null, pattern: repeat.pattern, tz: repeat.tz, jitterMs, nextAt: null }
}
