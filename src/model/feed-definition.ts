import { z } from 'zod'

/** One feed of `config/feeds.yaml`: a saved query over stories. What is left out does not restrict. */
export const feedDefinitionSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected small letters, digits and "-"'),
  title: z.string().min(1),
  description: z.string().optional(),
  /** Ids of sources, one of which must have run the story. */
  sources: z.array(z.string()).min(1).optional(),
  /** Tags, one of which a source of the story must have. */
  tags: z.array(z.string()).min(1).optional(),
  /** BCP 47; `zh` takes `zh-Hant` too. */
  languages: z.array(z.string().min(2)).min(1).optional(),
  /** Number of items. */
  items: z.int().min(1).max(1000).default(50),
  /** Whether items carry the whole text or the summary. */
  content: z.enum(['full', 'summary']).default('full'),
})
export type FeedDefinition = Readonly<z.output<typeof feedDefinitionSchema>>

/** `config/feeds.yaml`. */
export const feedsFileSchema = z.strictObject({
  feeds: z
    .array(feedDefinitionSchema)
    .min(1)
    .superRefine((feeds, context) => {
      const seen = new Set<string>()
      for (const [index, { id }] of feeds.entries()) {
        if (seen.has(id)) context.addIssue({ code: 'custom', path: [index, 'id'], message: `"${id}" is there twice` })
        seen.add(id)
      }
    }),
})
