import type { AnnouncedEvent } from '../../model/article.ts'
import { foldEvents } from './announced.ts'
import { readChineseEvents } from './chinese-event.ts'
import { readEnglishEvents } from './english-event.ts'
import { readNoticeEvents } from './notice-event.ts'
import type { TimeReference } from './read-time.ts'

/** Longer sentences are tables or lists; nothing in them can be told to belong together. */
const maxSentence = 300
/** An event is called by its full name in the title or the lead. */
const maxContext = 2000
/** A release announces one event, a programme a dozen; more are a calendar page read as prose. */
const maxEvents = 20
/** Announcements come early; the rest of a very long text is not searched. */
const maxText = 50_000

const chineseEnd = /[。！？!?；;\n]/
const englishEnd = /(?<=[.!?])\s+(?=[A-Z"“])|\n/

/**
 * What an announcement says will happen: events with a start that is still ahead of the reference, in the order of the
 * text, each once. Rather none than a wrong one: deadlines, events that are over and sentences without a name of an
 * event give nothing.
 */
export function readEvents(
  article: { readonly title: string | null; readonly bodyText: string },
  from: TimeReference,
): AnnouncedEvent[] {
  const text = `${article.title ?? ''}\n${article.bodyText.slice(0, maxText)}`
  const events: AnnouncedEvent[] = []
  let read = 0
  for (const sentence of text.split(chineseEnd)) {
    if (events.length >= maxEvents) break
    const context = text.slice(0, Math.min(read, maxContext))
    read += sentence.length + 1
    if (sentence.length >= 8 && sentence.length <= maxSentence)
      events.push(...readChineseEvents(sentence, from, context))
  }
  for (const sentence of text.split(englishEnd)) {
    if (events.length >= maxEvents) break
    if (sentence.length >= 20 && sentence.length <= maxSentence) events.push(...readEnglishEvents(sentence, from))
  }
  const notice = events.length === 0 ? readNoticeEvents(article, from) : []
  return foldEvents([...events, ...notice]).slice(0, maxEvents)
}
