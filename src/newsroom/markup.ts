import { readFileSync } from 'node:fs'
import type { Announcement } from './announcement.ts'

/** Text as it may stand between tags and in quoted attributes, of HTML and of XML. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** `2019-10-31` */
export function dateOf(announcement: Announcement): string {
  return announcement.publishedAt.slice(0, 10)
}

/** `2019-10-31 15:20` */
export function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}

/** The announcements that a page offers below its text: those that follow it in the list, from the start again after the last. */
export function relatedTo(announcement: Announcement, all: readonly Announcement[], count: number): Announcement[] {
  const at = all.findIndex(({ id }) => id === announcement.id)
  return [...all.slice(at + 1), ...all.slice(0, at)].slice(0, count)
}

/** A text that is cut off behind `length` characters, as narrow columns and summaries show it. */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : text
}

/** A stylesheet that lies beside this module. */
export function readStylesheet(name: 'ministry' | 'city' | 'portal'): Uint8Array {
  return readFileSync(new URL(`./styles/${name}.css`, import.meta.url))
}
