import { CronExpressionParser } from 'cron-parser'
import { findSchedulePauses, type SchedulePauses } from '../archive/schedule-pauses.ts'
import type { Queryable } from '../archive/database.ts'
import type { Source } from '../model/source.ts'
import { shareOf } from './schedules.ts'

/** What becomes of a tick whose time has come. */
export type TickFate =
  | { readonly kind: 'crawl' }
  /** Its schedule is held; what it misses is found when the schedule goes on. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'quiet'; readonly until: Date }

/** Minutes since midnight of `23:00`. */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function minutesInZone(now: Date, timeZone: string): number {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return minutesOf(time.format(now))
}

/** When a source's quiet hours end; `null` outside of them. */
export function quietUntil({ schedule, timeZone }: Source, now: Date): Date | null {
  if (!schedule.quiet) return null
  const tz = schedule.timeZone ?? timeZone
  const [from, to] = [minutesOf(schedule.quiet.from), minutesOf(schedule.quiet.to)]
  const minute = minutesInZone(now, tz)
  const isQuiet = from < to ? from <= minute && minute < to : from <= minute || minute < to
  if (!isQuiet) return null
  // By the clock of the zone: on days that change to or from summer time the night is an hour shorter or longer.
  return CronExpressionParser.parse(`${to % 60} ${Math.floor(to / 60)} * * *`, { tz, currentDate: now })
    .next()
    .toDate()
}

export function isPaused({ id, tags }: Source, pauses: SchedulePauses): boolean {
  return pauses.sources.has(id) || tags.some((tag) => pauses.tags.has(tag))
}

/** Pauses and quiet hours hold schedules. */
export function fateOf(source: Source, pauses: SchedulePauses, now: Date): TickFate {
  if (isPaused(source, pauses)) return { kind: 'paused' }
  const until = quietUntil(source, now)
  return until ? { kind: 'quiet', until: new Date(until.getTime() + lateness(source)) } : { kind: 'crawl' }
}

/** Ten thousand that wake together are asked at 33 a second, half of what two cores do (docs/operations.md). */
const wakeWithinMs = 300_000

/** How long after its quiet hours a source is due, since others end at the same second. */
function lateness(source: Source): number {
  const { jitter, every, adaptive } = source.schedule
  const withinMs = jitter > 0 ? jitter : wakeWithinMs
  return Math.floor(shareOf(source) * Math.min(withinMs, every ?? adaptive?.min ?? withinMs))
}

const pausesForMs = 1000

/** The pauses as they were at most a second ago: a thousand sources that are due at one moment ask once. */
export function recentPauses(db: Queryable): () => Promise<SchedulePauses> {
  let asked: { readonly at: number; readonly answer: Promise<SchedulePauses> } | null = null
  return () => {
    if (!asked || performance.now() - asked.at > pausesForMs) {
      const answer = findSchedulePauses(db)
      asked = { at: performance.now(), answer }
      answer.catch(() => (asked = null))
    }
    return asked.answer
  }
}
