import { isTimeZone } from '../model/time-zone.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, made)
  return made
}

/** China has had no summer time since 15 September 1991: by far the most frequent zone needs no calendar. */
const chinaSince = Date.UTC(1991, 9, 1)

/** Milliseconds by which the zone's clocks are ahead of UTC at an instant. */
export function offsetAt(zone: string, instant: number): number {
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(zone)
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000
  if (zone === 'UTC') return 0
  if (zone === 'Asia/Shanghai' && instant >= chinaSince) return 8 * 3_600_000
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  )
  const value = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  )
  return local - Math.floor(instant / 1000) * 1000
}

/**
 * The instant of a wall-clock time in a zone (IANA name or `+08:00`).
 * @returns `null` for a day that does not exist, such as 31 February
 */
export function instantIn(
  zone: string,
  [year, month, day, hour, minute, second]: readonly [number, number, number, number, number, number],
): Date | null {
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  const check = new Date(local)
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day || check.getUTCHours() !== hour) return null
  const first = local - offsetAt(zone, local)
  // Once more at the instant found: on the day of a clock change the offset there is the right one.
  return new Date(local - offsetAt(zone, first))
}

const zones = new Map<string, boolean>()

/** Whether the name is an offset such as `+08:00` or a zone that the runtime knows. */
export function isZone(name: string): boolean {
  const known = zones.get(name)
  if (known !== undefined) return known
  const is = /^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(name) || isTimeZone(name)
  // Names come from configuration and from a fixed list of abbreviations: there are few.
  if (zones.size < 1000) zones.set(name, is)
  return is
}
