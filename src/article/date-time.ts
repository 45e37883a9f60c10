import type { StatedTime, TimePrecision } from '../model/time.ts'
import type { TimeContext } from './published-time.ts'
import { instantIn } from './zone.ts'

const pattern =
  /(?<!\d)((?:19|20)\d{2})\s*(?:年|[-/.])\s*(0?[1-9]|1[0-2])\s*(?:月|[-/.])\s*(0?[1-9]|[12]\d|3[01])(?!\d)\s*日?(?:T|\s|[(（][^()（）]{1,6}[)）]|,)*(?:(上午|下午|晚上?|凌晨|中午)\s*)?(?:([01]?\d|2[0-4])[:：时]([0-5]\d)分?(?:[:：]([0-5]\d)秒?)?)?(?:\.\d{1,6})?\s*(Z|[+-]\d{2}:?\d{2})?/

/** The first date of the text, with its time of day when one follows. */
export function readDateTime(text: string, context: TimeContext, from: string): StatedTime | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [, year, month, day, half, hour, minute, second, offset] = match
  const hours =
    hour === undefined
      ? 0
      : (Number(hour) % 24) + ((half === '下午' || half?.startsWith('晚')) && Number(hour) < 12 ? 12 : 0)
  const precision: TimePrecision = hour === undefined ? 'day' : second === undefined ? 'minute' : 'second'
  const zone =
    offset === undefined ? context.zone : offset === 'Z' ? '+00:00' : offset.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2')
  const at = instantIn(zone, [
    Number(year),
    Number(month),
    Number(day),
    hours,
    Number(minute ?? 0),
    Number(second ?? 0),
  ])
  return at === null ? null : { at: at.toISOString(), precision, zone, from }
}
