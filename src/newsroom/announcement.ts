import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigurationError } from '../model/errors.ts'

export const siteIds = ['ministry', 'city', 'portal'] as const
export type SiteId = (typeof siteIds)[number]

/** Written as publishers in China state times, so that the date and the time of day can be cut out of the text. */
const beijingTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\+08:00$/, 'expected a time such as 2019-10-31T15:20:00+08:00')

const paragraph = z.string().min(1)

const fileName = z.string().regex(/^[a-z0-9-]+\.(?:pdf|doc|png|svg)$/)

const entrySchema = z.strictObject({
  /** The last part of the address; different within a site. */
  id: z.string().regex(/^\d{4,8}$/),
  title: z.string().min(4),
  publishedAt: beijingTime,
  /** 来源 */
  origin: z.string().optional(),
  /** 责任编辑 */
  editor: z.string().optional(),
  byline: z.string().optional(),
  paragraphs: z.array(paragraph).default([]),
  /** Only the city offers files. */
  attachments: z.array(z.strictObject({ file: fileName, name: z.string().min(1) })).default([]),
  /** PNG on the city's site, SVG on the portal. */
  pictures: z.array(z.strictObject({ file: fileName, alt: z.string().min(1) })).default([]),
  /** Only for the city: how the paragraphs are told apart: elements of their own, or line breaks in one. */
  markup: z.enum(['elements', 'breaks']).default('elements'),
  /** The text is the ministry's: its paragraphs behind a dateline, without those whose numbers (from 1) are given. */
  reprint: z
    .strictObject({
      of: z.string(),
      dateline: z.string().min(1),
      lead: z.string().default(''),
      without: z.array(z.int().min(1)).default([]),
    })
    .optional(),
  /** What the publisher changes when it finds its mistake. */
  correction: z
    .strictObject({
      at: beijingTime,
      note: paragraph,
      replace: z.array(z.strictObject({ text: z.string().min(1), by: z.string().min(1) })).min(1),
    })
    .optional(),
})
type Entry = Readonly<z.output<typeof entrySchema>>

/** One announcement as a site shows it. */
export interface Announcement extends Omit<Entry, 'reprint'> {
  /** Where the correction was made; `null` before it. */
  readonly modifiedAt: string | null
  /** `id` of the ministry's release that this is a copy of. */
  readonly reprintOf: string | null
}

/**
 * The announcements of all sites, the newest first.
 * @throws {ConfigurationError} a data file is not what its schema says, or a reprint has no original
 */
export function readAnnouncements(): Readonly<Record<SiteId, readonly Announcement[]>> {
  const ministry = readEntries('ministry').map((entry) => announcementOf(entry, []))
  const copies = readEntries('portal').map((entry) => announcementOf(entry, ministry))
  const city = readEntries('city').map((entry) => announcementOf(entry, []))
  return { ministry: newestFirst(ministry), city: newestFirst(city), portal: newestFirst(copies) }
}

/** The announcement after its publisher has corrected it; the same one when there is nothing to correct. */
export function correctedAnnouncement(announcement: Announcement): Announcement {
  const { correction } = announcement
  if (correction === undefined) return announcement
  const replaced = announcement.paragraphs.map((text) =>
    correction.replace.reduce((result, change) => result.replace(change.text, change.by), text),
  )
  return { ...announcement, paragraphs: [...replaced, correction.note], modifiedAt: correction.at }
}

function readEntries(id: SiteId): readonly Entry[] {
  const file = new URL(`./announcements/${id}.yaml`, import.meta.url)
  const read = z
    .array(entrySchema)
    .min(1)
    .safeParse(parse(readFileSync(file, 'utf8')))
  if (read.success) return read.data
  throw new ConfigurationError(
    'newsroom-announcements-invalid',
    `Cannot read the demo's announcements in ${file.pathname}: ${z.prettifyError(read.error)}`,
    read.error,
  )
}

function announcementOf(entry: Entry, originals: readonly Announcement[]): Announcement {
  const { reprint, ...rest } = entry
  if (reprint === undefined) return { ...rest, modifiedAt: null, reprintOf: null }
  const original = originals.find(({ id }) => id === reprint.of)
  if (original === undefined) {
    throw new ConfigurationError(
      'newsroom-original-missing',
      `Announcement ${entry.id} reprints ${reprint.of}, which the ministry does not have. Check announcements/portal.yaml.`,
    )
  }
  const kept = original.paragraphs.filter((_, index) => !reprint.without.includes(index + 1))
  const [first = '', ...others] = kept
  const paragraphs = [`${reprint.dateline}${reprint.lead}${first}`, ...others, ...entry.paragraphs]
  return { ...rest, paragraphs, modifiedAt: null, reprintOf: reprint.of }
}

function newestFirst(announcements: readonly Announcement[]): readonly Announcement[] {
  return announcements.toSorted((a, b) => b.publishedAt.localeCompare(a.publishedAt) || b.id.localeCompare(a.id))
}
