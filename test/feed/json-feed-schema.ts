import { z } from 'zod'

const url = z.url({ protocol: /^https?$/ }).regex(/^[!-~]+$/)
const text = z.string().min(1)
const authors = z.array(z.strictObject({ name: text })).min(1)

/** JSON Feed 1.1 by its specification; keys that it does not know are refused. */
export const jsonFeedSchema = z.strictObject({
  version: z.literal('https://jsonfeed.org/version/1.1'),
  title: text,
  home_page_url: url.optional(),
  feed_url: url.optional(),
  description: text.optional(),
  next_url: url.optional(),
  language: text.optional(),
  hubs: z.array(z.strictObject({ type: text, url })).optional(),
  items: z.array(
    z
      .strictObject({
        id: text,
        url: url.optional(),
        title: text,
        content_html: text.optional(),
        content_text: text.optional(),
        summary: text.optional(),
        image: url.optional(),
        date_published: z.iso.datetime().optional(),
        date_modified: z.iso.datetime().optional(),
        authors: authors.optional(),
        tags: z.array(text).min(1).optional(),
        language: text.optional(),
        attachments: z
          .array(
            z.strictObject({
              url,
              mime_type: text,
              title: text.optional(),
              size_in_bytes: z.int().positive().optional(),
            }),
          )
          .optional(),
        _newsfold: z
          .strictObject({ origin: text.optional(), copies: z.array(z.strictObject({ name: text, url })).optional() })
          .optional(),
      })
      .refine((item) => item.content_html !== undefined || item.content_text !== undefined, 'no content'),
  ),
})
