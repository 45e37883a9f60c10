/** How often a source publishes, learned from when its articles were published. */
export interface Rhythm {
  readonly lastAt: Date
  readonly perWeek: number
  /** The middle of the waits between two publications. */
  readonly usualGapMs: number
  /** A wait that nine of ten stay below: weekends are inside, holidays are not. */
  readonly longGapMs: number
  /** Silence for longer than this is unusual. */
  readonly unusualMs: number
}

/** Fewer waits teach nothing. */
const fewestGaps = 8
/** A long holiday (国庆, 春节) is eight days: what publishes on working days must not be called quiet for it. */
const longestHolidayMs = 9 * 86_400_000
const dayMs = 86_400_000
const windowMs = 90 * dayMs
/** Releases of one batch are one publication. */
const batchMs = 10 * 60_000

/** @param times when articles were published, in any order; of the last 90 days */
export function learnRhythm(times: readonly Date[], now: Date): Rhythm | null {
  const known = times.map((time) => time.getTime()).filter((time) => time <= now.getTime())
  const sorted = known.toSorted((a, b) => a - b)
  const last = sorted.at(-1)
  const recent = sorted.filter((time) => time > now.getTime() - windowMs)
  const gaps: number[] = []
  let from = sorted[0] ?? 0
  for (const time of sorted) {
    if (time - from < batchMs) continue
    gaps.push(time - from)
    from = time
  }
  if (last === undefined || gaps.length < fewestGaps) return null
  const ordered = gaps.toSorted((a, b) => a - b)
  const quantile = (share: number) => ordered[Math.floor((ordered.length - 1) * share)] ?? 0
  const longGapMs = quantile(0.9)
  const coveredMs = Math.min(windowMs, Math.max(dayMs, now.getTime() - (sorted[0] ?? 0)))
  return {
    lastAt: new Date(last),
    perWeek: (recent.length * 7 * dayMs) / coveredMs,
    usualGapMs: quantile(0.5),
    longGapMs,
    unusualMs: Math.max(3 * longGapMs, longestHolidayMs),
  }
}

const minute = 60_000
const hour = 3_600_000
/** Few steps, so that a schedule is replaced only when something has really changed. */
const steps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  20 * minute,
  30 * minute,
  45 * minute,
  hour,
  1.5 * hour,
  2 * hour,
  3 * hour,
  4 * hour,
  6 * hour,
  8 * hour,
  12 * hour,
  24 * hour,
] as const
/** So that an item is seen within a quarter of the time in which the next one comes. */
const looksPerGap = 4
/** A silence is looked at twenty times while it grows by its own length. */
const looksPerSilence = 20

/** How often to ask: often what publishes often, less what has been silent for long, within the operator's bounds. */
export function intervalOf(rhythm: Rhythm | null, bounds: { min: number; max: number }, now: Date): number {
  if (!rhythm) return Math.max(bounds.min, Math.min(bounds.max, 30 * minute))
  const silentMs = now.getTime() - rhythm.lastAt.getTime()
  const wanted = Math.max(rhythm.usualGapMs / looksPerGap, silentMs / looksPerSilence)
  const step = steps.findLast((step) => step <= wanted) ?? steps[0]
  return Math.max(bounds.min, Math.min(bounds.max, step))
}
