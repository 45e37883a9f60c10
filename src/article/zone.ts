import { isTimeZone } from '../model/time-zone.ts'
import { zoneOffsetMs } from '../text/zone.ts'

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
  const first = local - zoneOffsetMs(local, zone)
  // Once more at the instant found: on the day of a clock change the offset there is the right one.
  return new Date(local - zoneOffsetMs(first, zone))
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
