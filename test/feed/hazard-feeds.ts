import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { FeedDocument, FeedItem } from '../../src/model/feed-document.ts'
import { aFeed, anItem } from './feed-builder.ts'

const folder = 'test/fixtures/feed/write'
const precision = z.enum(['second', 'minute', 'hour', 'day', 'month', 'year'])
const time = z.strictObject({ at: z.string(), precision, zone: z.string(), from: z.string() }).nullable()
const copy = z.strictObject({ name: z.string(), url: z.string() })
const caseSchema = z.strictObject({
  why: z.string(),
  item: z.strictObject({
    id: z.string().optional(),
    url: z.string().nullable().optional(),
    title: z.string().nullable().optional(),
    summary: z.string().nullable().optional(),
    contentHtml: z.string().nullable().optional(),
    authors: z.array(z.string()).optional(),
    categories: z.array(z.string()).optional(),
    publishedAt: time.optional(),
    updatedAt: time.optional(),
    images: z
      .array(
        z.strictObject({
          url: z.string(),
          alt: z.string().nullable(),
          caption: z.string().nullable(),
          width: z.number().nullable(),
          height: z.number().nullable(),
        }),
      )
      .optional(),
    attachments: z
      .array(z.strictObject({ url: z.string(), name: z.string(), mediaType: z.string().nullable() }))
      .optional(),
    copies: z.array(copy).optional(),
  }),
  feed: z.strictObject({ updatedAt: time }).optional(),
  /** What a reader then sees of the item. */
  expected: z.record(z.string(), z.unknown()).optional(),
})

/** Leaves out what a fixture does not change. */
function changed<Value extends object>(
  changes: Value,
): Partial<{ [Key in keyof Value]: Exclude<Value[Key], undefined> }> {
  const result: Partial<{ [Key in keyof Value]: Exclude<Value[Key], undefined> }> = {}
  return Object.assign(result, changes)
}

/** Fifty items, each with the hazard. */
function hazardFeed(changes: Partial<FeedItem>, feed: Partial<FeedDocument>): FeedDocument {
  const items = Array.from({ length: 50 }, (_, index) =>
    anItem({
      url: `https://port.example/news/${index}.html`,
      ...changes,
      id: changes.id === undefined ? `story-${index}` : `${changes.id}${index}号`,
    }),
  )
  return aFeed({ ...feed, items })
}

/** Every hazard of `test/fixtures/feed/write`, as a feed of fifty items that all have it. */
export const hazards = readdirSync(folder).map((name) => {
  const { why, item, feed, expected } = caseSchema.parse(
    JSON.parse(readFileSync(`${folder}/${name}/case.json`, 'utf8')),
  )
  return { name, why, expected, feed: hazardFeed(changed(item), feed ?? {}) }
})
