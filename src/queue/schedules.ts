import { createHash } from 'node:crypto'
import { CronExpressionParser } from 'cron-parser'
import type { Database } from '../archive/database.ts'
import {
  findSchedules,
  removeSchedules,
  saveSchedules,
  type SourceSchedule,
  type SourceTiming,
} from '../archive/source-schedules.ts'
import type { Source } from '../model/source.ts'
import { intervalOf } from './rhythm.ts'

const noBounds = { min: 0, max: Number.MAX_SAFE_INTEGER }

/**
 * The first tick of an interval, and with it all later ones, is at a moment that differs by source: thousands that are
 * added at once would otherwise be due at once for ever. A new source is looked at at once, so the first tick may come
 * soon after half of the interval. Ticks of cron fields are at one moment for all, unless jitter moves them.
 */
export function timingOf(source: Source, now: Date, intervals: ReadonlyMap<string, number>): SourceTiming {
  const { schedule, timeZone } = source
  const share = shareOf(source)
  if (schedule.cron !== undefined) {
    const zone = schedule.timeZone ?? timeZone
    const jitterMs = Math.floor(schedule.jitter * share)
    return { everyMs: null, cron: schedule.cron, timeZone: zone, jitterMs, anchorAt: now }
  }
  const everyMs = schedule.every ?? intervals.get(source.id) ?? intervalOf(null, schedule.adaptive ?? noBounds, now)
  const anchorAt = new Date(now.getTime() + Math.floor(everyMs * (0.5 + share)))
  return { everyMs, cron: null, timeZone: null, jitterMs: 0, anchorAt }
}

/** From 0 to 1, the same for a source at every start. */
export function shareOf({ id }: Source): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}

/** The first moment after `now` at which a source is due. */
export function nextTick({ everyMs, cron, timeZone, jitterMs, anchorAt }: SourceTiming, now: Date): Date {
  if (everyMs === null) {
    const currentDate = new Date(now.getTime() - jitterMs)
    const tick = CronExpressionParser.parse(cron ?? '', { tz: timeZone ?? 'UTC', currentDate }).next()
    return new Date(tick.getTime() + jitterMs)
  }
  const passed = Math.floor((now.getTime() - anchorAt.getTime()) / everyMs)
  return new Date(anchorAt.getTime() + Math.max(0, passed + 1) * everyMs)
}

function isSame(a: SourceTiming, b: SourceTiming): boolean {
  return a.everyMs === b.everyMs && a.cron === b.cron && a.timeZone === b.timeZone && a.jitterMs === b.jitterMs
}

/** Clocks of machines differ by seconds, and no schedule is that exact. */
const slackMs = 300_000

const dayMs = 86_400_000

/** Whether a tick is later than it can be: it was reckoned by a clock that was ahead, and was set back since. */
function isLate({ nextAt }: SourceSchedule, timing: SourceTiming, source: Source, now: Date): boolean {
  const latest = timing.everyMs === null ? nextTick(timing, now) : timing.anchorAt.getTime() + timing.everyMs
  // Quiet hours may put one off for longer than an interval.
  return nextAt.getTime() > Number(latest) + (source.schedule.quiet ? dayMs : slackMs)
}

type NewSchedule = Omit<SourceSchedule, 'jobId' | 'jobAt'>

/** A change of the interval takes effect after the tick that is due: changed ever again, a source is crawled all the same. */
function changedSchedule(sourceId: string, timing: SourceTiming, nextAt: Date, now: Date): NewSchedule {
  const first = nextTick(timing, now)
  const next = nextAt < first ? nextAt : first
  return { ...timing, anchorAt: timing.everyMs === null ? now : next, sourceId, nextAt: next }
}

/** What a reconciliation did, by ids of sources. */
export interface ScheduleChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  /** Those that waited for a tick which a clock had set that was ahead. */
  readonly late: readonly string[]
}

/**
 * Makes the schedules those of the sources: adds, replaces and removes. What is right already is left alone, so that no
 * tick is lost or doubled.
 * @param intervals in milliseconds by source: what adaptive schedules have learned
 */
export async function reconcileSchedules(
  database: Database,
  sources: readonly Source[],
  now: Date,
  intervals: ReadonlyMap<string, number> = new Map(),
): Promise<ScheduleChanges> {
  const known = new Map((await findSchedules(database)).map((schedule) => [schedule.sourceId, schedule]))
  const [added, changed, late]: [NewSchedule[], NewSchedule[], NewSchedule[]] = [[], [], []]
  for (const source of sources.filter(({ enabled }) => enabled)) {
    const { id } = source
    const schedule = known.get(id)
    known.delete(id)
    const timing = timingOf(source, now, intervals)
    // A new source is looked at now, not at its first tick.
    if (!schedule) added.push({ ...timing, sourceId: id, nextAt: now })
    else if (!isSame(schedule, timing)) changed.push(changedSchedule(id, timing, schedule.nextAt, now))
    else if (isLate(schedule, timing, source, now))
      late.push({ ...timing, sourceId: id, nextAt: nextTick(timing, now) })
  }
  const removed = [...known.keys()]
  const saved = [...added, ...changed, ...late]
  if (saved.length > 0) await saveSchedules(database, saved)
  if (removed.length > 0) await removeSchedules(database, removed)
  const idsOf = (schedules: readonly NewSchedule[]) => schedules.map(({ sourceId }) => sourceId)
  return { added: idsOf(added), changed: idsOf(changed), removed, late: idsOf(late) }
}
