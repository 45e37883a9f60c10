import { z } from 'zod'
import { duration } from './duration.ts'
import { publisherKinds } from './source.ts'

const names = z.array(z.string().min(1)).min(1)

/** Words or phrases, each found as it stands. */
const wordsSchema = z.strictObject({
  /** One of these must be there. */
  any: names.optional(),
  /** Each of these must be there. */
  all: names.optional(),
  /** None of these may be there. */
  none: names.optional(),
})

/** How a webhook's message is written: a JSON Feed item, or what the chat service of that name takes. */
export const webhookTemplates = ['json', 'feishu', 'dingtalk', 'wecom', 'slack'] as const

const webhookSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, hostname: /.*/, error: 'expected an absolute http or https address' }),
  /** Signs messages, as the template's receiver checks them. */
  secret: z.string().min(1).optional(),
  template: z.enum(webhookTemplates).default('json'),
  /** What it is told of: stories that are new, and those whose item has changed. */
  events: z
    .array(z.enum(['new', 'changed']))
    .min(1)
    .default(['new']),
  /** Stories that were published longer ago are no news: a new source brings a hundred of them. */
  maxAge: duration({ min: '1h', max: '36500d' }).default(2 * 86_400_000),
})
export type Webhook = Readonly<z.output<typeof webhookSchema>>

/** Addresses under /feeds/ that are no feed of the file. */
const reservedIds = new Set(['search'])

/** One feed of `config/feeds.yaml`: a saved query over stories. What is left out does not restrict. */
export const feedDefinitionSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected small letters, digits and "-"')
    .refine((id) => !reservedIds.has(id), 'is the address of searches: expected another id'),
  title: z.string().min(1),
  description: z.string().optional(),
  /** Ids of sources, one of which must have run the story. */
  sources: names.optional(),
  /** Tags, one of which a source of the story must have. */
  tags: names.optional(),
  /** Kinds of publisher, one of which a source of the story must be. */
  publishers: z.array(z.enum(publisherKinds)).min(1).optional(),
  /** BCP 47; `zh` takes `zh-Hant` too. */
  languages: z.array(z.string().min(2)).min(1).optional(),
  /** As on the search page: `跨境电商 -招聘`. */
  query: z.string().min(1).optional(),
  /** Words and phrases in title or text. */
  words: wordsSchema.optional(),
  /** Words and phrases in the title. */
  titleWords: wordsSchema.optional(),
  /** Older stories are left out. */
  maxAge: duration({ min: '1h', max: '36500d' }).optional(),
  /** The latest first: by when a story was published, seen by us, or changed. */
  order: z.enum(['published', 'seen', 'changed']).default('published'),
  /** Number of items. */
  items: z.int().min(1).max(1000).default(50),
  /** Whether items carry the whole text or the summary. */
  content: z.enum(['full', 'summary']).default('full'),
  /** Only who has a token may read it (`newsfold feed token`). */
  private: z.boolean().default(false),
  /** Where its new items are sent. */
  webhooks: z.array(webhookSchema).default([]),
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
