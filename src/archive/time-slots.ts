/** The index tells times by slots of a day, and of eight times more each: 8 days, 64 days, to 11 years. */
const dayMs = 86_400_000
const levels = 5
const width = 8

/** By what a story stands in time: when it was published, as feeds sort it, or when it was seen first. */
export type SlotKind = 'published' | 'seen'

/** Days are counted from here, the year 970, so that no number is below 0: publishers do not date further back. */
const firstDay = -365_250
/** Above all numbers of days, so that slots of each level are numbers of their own. */
const levelStep = 2 ** 24

/** The number of the day that an instant is in. */
export function dayOf(atMs: number): number {
  return Math.min(levelStep - 1, Math.max(0, Math.floor(atMs / dayMs) - firstDay))
}

/** The first instant of a day, in milliseconds. */
export function startOfDay(day: number): number {
  return (day + firstDay) * dayMs
}

/** Fits PostgreSQL's integer. */
function slotOf(kind: SlotKind, level: number, day: number): number {
  const slot = level * levelStep + Math.floor(day / width ** level)
  return kind === 'published' ? slot : -1 - slot
}

function levelsOf(kind: SlotKind, at: Date): number[] {
  return Array.from({ length: levels }, (_, level) => slotOf(kind, level, dayOf(at.getTime())))
}

/** All slots that a story is in. */
export function slotsOf(sortAt: Date, firstSeenAt: Date): number[] {
  return [...levelsOf('published', sortAt), ...levelsOf('seen', firstSeenAt)]
}

/** A stretch of whole days: `from` its first one, `to` the one behind its last, as numbers of days. */
export interface DayRange {
  readonly from: number
  readonly to: number
}

/** The fewest slots of which everything in the range is in exactly one, and nothing outside of it in any. */
export function coverOf(kind: SlotKind, { from, to }: DayRange): number[] {
  const slots: number[] = []
  for (let at = from; at < to;) {
    let level = 0
    while (level + 1 < levels && at % width ** (level + 1) === 0 && at + width ** (level + 1) <= to) level++
    slots.push(slotOf(kind, level, at))
    at += width ** level
  }
  return slots
}
