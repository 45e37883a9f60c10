import type { Dateline } from '../../model/article.ts'
import type { StatedTime } from '../../model/time.ts'
import { zoneOffsetMs } from '../../text/zone.ts'
import { instantIn } from '../zone.ts'

const chinese =
  /^[\s（(【]*((?:[\u4e00-\u9fff]{2,10}?(?:社|网|報|报|台|通讯社|客户端)|本报|本网|本台)[·、\s]?)?([\u4e00-\u9fff]{2,12}?)?(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:电|電|讯|訊|消息|专电)/
const english =
  /^([A-Z][A-Z\u00c0-\u00de .'’-]{2,40}(?:,\s[A-Z][\w.]+)?),?\s(?:(Jan|Feb|March|Mar|April|Apr|May|June|July|Aug|Sept|Sep|Oct|Nov|Dec)[a-z]*\.?\s(\d{1,2})(?:,\s(\d{4}))?\s?)?(?:[([]([\w .&]{2,30})[)\]])?\s?(?:--|—|–|-|:)\s/
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** A date without its year is the last such day not after the day of publication. */
function dateOf(year: string | undefined, month: number, day: number, published: StatedTime | null): StatedTime | null {
  if (published === null && year === undefined) return null
  const zone = published?.zone ?? 'Asia/Shanghai'
  const instant = published ? Date.parse(published.at) : 0
  const latest = instant + 36 * 3_600_000
  const current = new Date(instant + zoneOffsetMs(instant, zone)).getUTCFullYear()
  for (const candidate of year === undefined ? [current + 1, current, current - 1] : [Number(year)]) {
    const at = instantIn(zone, [candidate, month, day, 0, 0, 0])
    if (at && (year !== undefined || at.getTime() <= latest))
      return { at: at.toISOString(), precision: 'day', zone, from: 'text:dateline' }
  }
  return null
}

/** Where and when a report was filed, from the words before its first sentence: 新华社北京10月31日电. */
export function readDateline(bodyText: string, published: StatedTime | null): Dateline | null {
  for (const paragraph of bodyText.split('\n').slice(0, 3)) {
    const zh = chinese.exec(paragraph)
    if (zh) {
      const [, agency, place, year, month, day] = zh
      return {
        agency: agency?.trim() ?? null,
        place: place ?? null,
        date: dateOf(year, Number(month), Number(day), published),
      }
    }
    const en = english.exec(paragraph)
    if (en && (en[5] !== undefined || en[2] !== undefined)) {
      const [, place, month, day, year, agency] = en
      const at =
        month === undefined
          ? null
          : dateOf(year, months.indexOf(month.slice(0, 3).toLowerCase()) + 1, Number(day), published)
      return { agency: agency ?? null, place: place?.trim() ?? null, date: at }
    }
  }
  return null
}
