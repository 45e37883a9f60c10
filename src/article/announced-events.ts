import type { AnnouncedEvent } from '../model/article.ts'
import type { StatedTime } from '../model/time.ts'
import { readEvents } from './time/read-events.ts'

/** A month with its year in full. */
const statedMonth = /(?<!\d)((?:19|20)\d{2})\s*年\s*(\d{1,2})\s*月/g

/**
 * From when the text speaks: its publication, else the beginning of the earliest month that it writes out with its
 * year. When it was fetched says nothing: an old page would announce for this year.
 */
function referenceOf(text: string, publishedAt: StatedTime | null): Date | null {
  if (publishedAt) return new Date(publishedAt.at)
  const months = Array.from(text.matchAll(statedMonth), (match) => Date.UTC(Number(match[1]), Number(match[2]) - 1))
  return months.length > 0 ? new Date(months.reduce((a, b) => Math.min(a, b))) : null
}

/** What an announcement says will happen; nothing where it cannot be told from when it speaks. */
export function announcedEvents(
  article: { readonly title: string | null; readonly bodyText: string; readonly publishedAt: StatedTime | null },
  zone: string,
): AnnouncedEvent[] {
  const reference = referenceOf(`${article.title ?? ''}\n${article.bodyText}`, article.publishedAt)
  return reference ? readEvents(article, { reference, zone }) : []
}
