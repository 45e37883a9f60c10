import { z } from 'zod'

const text = z.string().nullable()
const stated = z.strictObject({
  at: z.iso.datetime({ offset: true }),
  precision: z.enum(['second', 'minute', 'hour', 'day', 'month', 'year']),
  zone: z.string(),
  from: z.string(),
})
const httpUrl = z.url({ protocol: /^https?$/ })

/** One article as a line of JSON: what other programs read, and archives take from one another. */
export const articleLineSchema = z.strictObject({
  sourceId: z.string().min(1),
  /** Of the story that it is in, and so of its items in feeds; lines of older programs say none. */
  storyId: z.uuid().nullable().default(null),
  canonicalUrl: httpUrl,
  url: httpUrl,
  title: z.string().min(1),
  kicker: text,
  subtitle: text,
  byline: text,
  origin: text,
  editor: text,
  language: text,
  summary: text,
  publishedAt: stated.nullable(),
  modifiedAt: stated.nullable(),
  dateline: z.strictObject({ agency: text, place: text, date: stated.nullable() }).nullable(),
  images: z.array(
    z.strictObject({
      url: httpUrl,
      alt: text,
      caption: text,
      width: z.number().nullable(),
      height: z.number().nullable(),
    }),
  ),
  attachments: z.array(
    z.object({ url: httpUrl, name: z.string(), mediaType: text, bytes: z.number().nullable().default(null) }),
  ),
  events: z.array(z.strictObject({ title: z.string(), start: stated, end: stated.nullable(), place: text })),
  confidence: z.number(),
  warnings: z.array(z.string()),
  isOwnRelease: z.boolean(),
  /** Every text that it has had, the first one first. */
  revisions: z
    .array(
      z.strictObject({
        title: z.string().min(1),
        bodyText: z.string(),
        bodyHtml: z.string(),
        seenAt: z.iso.datetime({ offset: true }),
      }),
    )
    .min(1),
})
export type ArticleLine = Readonly<z.output<typeof articleLineSchema>>
