import { z } from 'zod'
import { duration } from './duration.ts'
import { timeZone } from './time-zone.ts'

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an absolute http or https address' })
const selector = z.string().min(1)

/** CSS selectors that override a part of the automatic reading of an article. */
export const articleRulesSchema = z.strictObject({
  title: selector.optional(),
  body: selector.optional(),
  publishedAt: selector.optional(),
  origin: selector.optional(),
  byline: selector.optional(),
  editor: selector.optional(),
  /** Elements removed before anything is read. */
  drop: z.array(selector).optional(),
  /** Last day on which this layout is known to hold; afterwards the rules are not used. */
  validUntil: z.iso.date().optional(),
})
export type ArticleRules = Readonly<z.output<typeof articleRulesSchema>>

/** CSS selectors that override a part of the automatic reading of a list page. */
export const listingRulesSchema = z.strictObject({
  /** One element an item. */
  item: selector.optional(),
  /** Inside the item; the first link when absent. */
  link: selector.optional(),
  title: selector.optional(),
  publishedAt: selector.optional(),
  summary: selector.optional(),
  /** The link to the next list page. */
  next: selector.optional(),
  drop: z.array(selector).optional(),
})
export type ListingRules = Readonly<z.output<typeof listingRulesSchema>>

/** Where an API's answer has its list and what its fields are; paths such as `data.list` or `links[0].href`. */
export const jsonRulesSchema = z.strictObject({
  /** The array of items; found by itself when absent. */
  items: z.string().optional(),
  /** Inside an item; found by the usual names when absent. */
  url: z.string().min(1).optional(),
  title: z.string().min(1).optional(),
  publishedAt: z.string().min(1).optional(),
  summary: z.string().min(1).optional(),
  /** The article's address with the item's values in it, instead of `url`: `https://…/detail/{id}.html`. */
  urlTemplate: z.string().min(1).optional(),
  /** In the whole answer: the address of its next page. */
  next: z.string().min(1).optional(),
  /** What `{page}` in the listing's address stands for at first. */
  firstPage: z.int().min(0).optional(),
  /** What `{page}` grows by: 1, or the number of items of a page where it is an offset. */
  pageStep: z.int().min(1).optional(),
})
export type JsonRules = Readonly<z.output<typeof jsonRulesSchema>>

export const listingKinds = ['auto', 'html', 'feed', 'sitemap', 'json'] as const

/**
 * Lists have 15 to 25 items a page, so a first crawl reads about a hundred articles: the last weeks of a ministry, in
 * some four minutes at the default pace.
 */
const defaultMaxPages = 5

export const renderers = ['http', 'browser'] as const

const listingSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { url: value } : value),
  z.strictObject({
    url: httpUrl,
    /** Absent: the source's kind. */
    kind: z.enum(listingKinds).optional(),
    /**
     * How many pages of this listing are read in one run, following the link to the next one; sitemaps of an index
     * too. Once all that they name is known, a run reads only as far as there is anything new.
     */
    maxPages: z.int().min(1).max(1000).default(defaultMaxPages),
    rules: listingRulesSchema.optional(),
    /** Of kind `json`. */
    json: jsonRulesSchema.optional(),
    /** `browser`: the page is rendered by an installed Chromium first, for lists that only scripts write. */
    render: z.enum(renderers).optional(),
  }),
)

const scheduleSchema = z
  .strictObject({
    every: duration({ min: '5s', max: '30d' }).optional(),
    /** Five or six fields, in the source's time zone unless `timeZone` is given. */
    cron: z.string().optional(),
    /** As often as the source publishes, within these bounds; 30 minutes until that is known. */
    adaptive: z
      .strictObject({
        min: duration({ min: '1m', max: '1d' }).default(10 * 60_000),
        max: duration({ min: '1m', max: '30d' }).default(6 * 3_600_000),
      })
      .refine(({ min, max }) => min <= max, { error: 'expected "min" to be no longer than "max"' })
      .optional(),
    timeZone: timeZone.optional(),
    /** Each source's ticks are moved by a constant share of this, so that not all start at once. */
    jitter: duration({ min: '0s', max: '1h' }).default(0),
  })
  .refine((value) => [value.every, value.cron, value.adaptive].filter((each) => each !== undefined).length === 1, {
    error: 'expected one of "every", "cron" and "adaptive"',
  })

const politenessSchema = z.strictObject({
  /** Least time between two requests to one host. */
  delay: duration({ min: '0s', max: '10m' }).default(2000),
  /** Requests to one host at the same time. */
  concurrency: z.int().min(1).max(16).default(1),
})

/** What kind of body publishes: feeds choose by it. */
export const publisherKinds = ['government', 'institution', 'association', 'company', 'media'] as const

/** One file of `config/sources`: a publisher that is read. */
export const sourceSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected small letters, digits and "-"'),
  name: z.string().min(1),
  homepage: httpUrl.optional(),
  publisher: z.enum(publisherKinds).optional(),
  /** BCP 47. */
  language: z.string().min(2).default('zh'),
  timeZone: timeZone.default('Asia/Shanghai'),
  kind: z.enum(listingKinds).default('auto'),
  listings: z.array(listingSchema).min(1),
  rules: articleRulesSchema.optional(),
  schedule: scheduleSchema.default({ every: 15 * 60_000, jitter: 0 }),
  politeness: politenessSchema.default({ delay: 2000, concurrency: 1 }),
  tags: z.array(z.string().min(1)).default([]),
  /** Sent with every request to this source. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Items that the listing dates further back are not read. */
  maxAge: duration({ min: '1h', max: '36500d' }).optional(),
  /** `false`: what a feed says of an article is enough, its page is not fetched. */
  fullText: z.boolean().default(true),
  /** Whether a listing without items is no error. */
  allowEmpty: z.boolean().default(false),
  /** `host:port` pairs that may resolve to private addresses. */
  allowPrivateHosts: z.array(z.string().regex(/^[^/\s]+:\d+$/, 'expected host:port')).default([]),
  /** Articles read in one run at the most; the rest follow in the next one. */
  maxArticlesPerRun: z.int().min(1).max(100_000).default(200),
  enabled: z.boolean().default(true),
})
export type Source = Readonly<z.output<typeof sourceSchema>>
export type Listing = Source['listings'][number]
