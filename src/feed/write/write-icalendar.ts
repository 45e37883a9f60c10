import { ICalCalendar, ICalEventTransparency } from 'ical-generator'
import type { AnnouncedEvent } from '../../model/article.ts'
import type { FeedDocument } from '../../model/feed-document.ts'
import type { StatedTime } from '../../model/time.ts'
import { plainText } from '../plain-text.ts'
import { zoneOffsetMs } from '../../text/zone.ts'
import { nameUuid } from './item-uri.ts'
import { toUri } from './uri.ts'
import { dateOf, ttlOf, writtenItems, type WrittenItem } from './written-item.ts'

const DAY_MS = 86_400_000

/** RFC 5545 demands a DTSTAMP; when nothing says when an event was announced, this says that it is not known. */
const UNKNOWN_TIME = new Date('1990-01-01T00:00:00.000Z')

/** The day that a stated time is in, where it was stated, as midnight in UTC. */
function localDay(time: StatedTime): number {
  const instant = Date.parse(time.at)
  const local = instant + zoneOffsetMs(instant, time.zone)
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS)
}

/** The first day after a stated day, month or year. */
function dayAfter(time: StatedTime): number {
  const day = new Date(localDay(time))
  if (time.precision === 'year') return Date.UTC(day.getUTCFullYear() + 1, 0, 1)
  if (time.precision === 'month') return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1)
  return day.getTime() + DAY_MS
}

function hasClock(time: StatedTime): boolean {
  return time.precision === 'hour' || time.precision === 'minute' || time.precision === 'second'
}

interface EventTimes {
  readonly allDay: boolean
  readonly start: Date
  /** Exclusive, as RFC 5545 has it. */
  readonly end: Date | null
}

/** DTSTART and DTEND of one kind, as RFC 5545 §3.6.1 asks; `null` for an event whose start is no date. */
function timesOf(event: AnnouncedEvent): EventTimes | null {
  const start = Date.parse(event.start.at)
  if (Number.isNaN(start)) return null
  const end = event.end && Date.parse(event.end.at) >= start ? event.end : null
  if (!hasClock(event.start)) {
    return { allDay: true, start: new Date(localDay(event.start)), end: new Date(dayAfter(end ?? event.start)) }
  }
  if (!end) return { allDay: false, start: new Date(start), end: null }
  if (hasClock(end)) {
    const instant = Date.parse(end.at)
    return { allDay: false, start: new Date(start), end: instant > start ? new Date(instant) : null }
  }
  // A day as the end of a time of day: the event lasts until that day is over.
  const midnight = dayAfter(end)
  return { allDay: false, start: new Date(start), end: new Date(midnight - zoneOffsetMs(midnight, end.zone)) }
}

/** Keeps an event's UID when its date is corrected: by item and title, counted where a title occurs more than once. */
function uidsOf(item: WrittenItem): string[] {
  const counts = new Map<string, number>()
  return item.events.map(({ title }) => {
    const count = (counts.get(title) ?? 0) + 1
    counts.set(title, count)
    return nameUuid(`${item.id}\n${title}\n${count}`)
  })
}

function addEvents(calendar: ICalCalendar, item: WrittenItem, feedTime: Date): void {
  const uids = uidsOf(item)
  const stamp = item.updated ?? item.published ?? feedTime
  for (const [index, event] of item.events.entries()) {
    const times = timesOf(event)
    const uid = uids[index]
    if (!times || uid === undefined) continue
    const place = plainText(event.place ?? '')
    const description = [item.title, item.summary, item.url ?? ''].filter(
      (part, at, all) => part !== '' && all.indexOf(part) === at,
    )
    calendar.createEvent({
      ...times,
      id: uid,
      stamp,
      summary: plainText(event.title) || item.title,
      description: description.join('\n'),
      location: place === '' ? null : place,
      url: item.url,
      // A reader's own time is not taken by what a ministry announces.
      transparency: ICalEventTransparency.TRANSPARENT,
      categories: item.categories.map((name) => ({ name })),
    })
  }
}

/**
 * The announced events of a feed's items as iCalendar (RFC 5545). Times of day are UTC, days are dates without a zone:
 * the same under any TZ. DTSTAMP is when the announcement was last changed, so equal feeds give equal text.
 */
export function writeICalendar(feed: FeedDocument): string {
  const selfUrl = toUri(feed.selfUrl)
  const ttlMinutes = ttlOf(feed)
  const calendar = new ICalCalendar({
    name: plainText(feed.title ?? '') || 'Newsfold',
    description: plainText(feed.description ?? '') || null,
    prodId: { company: 'Newsfold', product: 'Newsfold', language: 'EN' },
    url: toUri(feed.homeUrl, feed.selfUrl),
    source: selfUrl,
    ttl: ttlMinutes === null ? null : ttlMinutes * 60,
  })
  const feedTime = dateOf(feed.updatedAt) ?? UNKNOWN_TIME
  for (const item of writtenItems(feed)) addEvents(calendar, item, feedTime)
  return `${calendar.toString()}\r\n`
}
