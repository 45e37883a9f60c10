import type { StatedTime } from '../../model/time.ts'

/** Making one takes longer than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string, hasTime: boolean): Intl.DateTimeFormat {
  const key = `${zone} ${hasTime}`
  const known = formatters.get(key)
  if (known) return known
  const day = { timeZone: zone, dateStyle: 'short' } as const
  const formatter = new Intl.DateTimeFormat('sv-SE', hasTime ? { ...day, timeStyle: 'short' } : day)
  formatters.set(key, formatter)
  return formatter
}

/** Minutes that an offset such as `+08:00` is ahead of UTC; `null` for the name of a zone. */
function offsetMinutes(zone: string): number | null {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  return hours === undefined ? null : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** As the publisher stated it, in the zone where it was: `2019-10-31 09:30`, or the day alone where that was stated. */
export function formatTime(time: StatedTime | null): string {
  if (!time) return ''
  const hasTime = time.precision === 'minute' || time.precision === 'second' || time.precision === 'hour'
  const at = Date.parse(time.at)
  // Offsets as names of zones came to Node after its version 20.
  const offset = offsetMinutes(time.zone)
  if (offset !== null) return formatterOf('UTC', hasTime).format(at + offset * 60_000)
  try {
    return formatterOf(time.zone, hasTime).format(at)
  } catch {
    return formatterOf('UTC', hasTime).format(at)
  }
}
