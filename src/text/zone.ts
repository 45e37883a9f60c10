/** A wall-clock reading: what a calendar and a clock on the wall show. `month` is 1 to 12. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const dayMs = 86_400_000
const quarterHourMs = 900_000

/** Creating a formatter takes about 50 µs, asking it 2 µs: pages ask for the same zone hundreds of times. */
const formatters = new Map<string, Intl.DateTimeFormat | null>()
/** Offsets move on quarter hours only, so one answer holds for its quarter hour. */
const offsets = new Map<string, number>()
/** Bounds the cache: a long-lived process reads dates of decades. */
const maxCachedOffsets = 20_000

function formatterOf(zone: string): Intl.DateTimeFormat | null {
  const cached = formatters.get(zone)
  if (cached !== undefined) return cached
  let formatter: Intl.DateTimeFormat | null = null
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    // An unknown name is read as UTC: a wrong setting must not make a page unreadable.
  }
  formatters.set(zone, formatter)
  return formatter
}

/** Milliseconds of `+08:00`, `-0330`, `Z`; `null` when `zone` is a name. */
function fixedOffsetMs(zone: string): number | null {
  if (zone === 'UTC' || zone === 'Z') return 0
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)
  if (!match) return null
  const size = (Number(match[2]) * 60 + Number(match[3])) * 60_000
  return match[1] === '-' ? -size : size
}

function measureOffsetMs(instantMs: number, formatter: Intl.DateTimeFormat): number {
  const parts = new Map(formatter.formatToParts(instantMs).map((part) => [part.type, part.value]))
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
  const year = parts.get('era') === 'BC' ? 1 - read('year') : read('year')
  const local = utcMs({
    year,
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  })
  return local - Math.floor(instantMs / 1000) * 1000
}

/** China has had no summer time since 15 September 1991: by far the most frequent zone needs no calendar. */
const chinaSince = Date.UTC(1991, 9, 1)
const chinaOffsetMs = 8 * 3_600_000

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
export function zoneOffsetMs(instantMs: number, zone: string): number {
  const fixed = fixedOffsetMs(zone)
  if (fixed !== null) return fixed
  if (zone === 'Asia/Shanghai' && instantMs >= chinaSince) return chinaOffsetMs
  const formatter = formatterOf(zone)
  if (formatter === null || !Number.isFinite(instantMs)) return 0
  const key = `${zone} ${Math.floor(instantMs / quarterHourMs)}`
  const cached = offsets.get(key)
  if (cached !== undefined) return cached
  const offset = measureOffsetMs(instantMs, formatter)
  if (offsets.size >= maxCachedOffsets) offsets.clear()
  offsets.set(key, offset)
  return offset
}

/** The instant that a UTC clock with these hands shows; fields out of range carry over. */
export function utcMs(time: LocalTime): number {
  // Date.UTC takes years 0 to 99 for 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(time.year, time.month - 1, time.day)
  date.setUTCHours(time.hour, time.minute, time.second)
  return date.getTime()
}

/** What the clocks of `zone` show at an instant. */
export function localTimeOf(instantMs: number, zone: string): LocalTime {
  return fieldsOf(instantMs + zoneOffsetMs(instantMs, zone))
}

/** Year to second of an instant in UTC. */
export function fieldsOf(ms: number): LocalTime {
  const date = new Date(ms)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

/**
 * The instant at which the clocks of `zone` show `local`. A reading that clocks skip (spring) is taken with the offset
 * before the change, one that they show twice (autumn) is the first: as `Temporal` does with `compatible`.
 */
export function instantMs(local: LocalTime, zone: string): number {
  const wall = utcMs(local)
  if (!Number.isFinite(wall)) return Number.NaN
  const before = zoneOffsetMs(wall - dayMs, zone)
  const after = zoneOffsetMs(wall + dayMs, zone)
  if (before === after && zoneOffsetMs(wall - before, zone) === before) return wall - before
  const found = [before, after].map((offset) => wall - offset).filter((ms) => ms + zoneOffsetMs(ms, zone) === wall)
  return found.length > 0 ? Math.min(...found) : wall - before
}

/** Days of a month; `month` may be out of 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return fieldsOf(utcMs({ year, month: month + 1, day: 0, hour: 0, minute: 0, second: 0 })).day
}

/** Whether such a day exists: 29 February in leap years only. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}
