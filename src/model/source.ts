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
  drop: z.array(selector).optional().describe('Elements removed before anything is read.'),
  validUntil: z.iso
    .date()
    .optional()
    .describe('Last day on which this layout is known to hold; afterwards the rules are not used.'),
})
export type ArticleRules = Readonly<z.output<typeof articleRulesSchema>>

/** CSS selectors that override a part of the automatic reading of a list page. */
export const listingRulesSchema = z.strictObject({
  item: selector.optional().describe('One element an item.'),
  link: selector.optional().describe('Inside the item; the first link when absent.'),
  title: selector.optional(),
  publishedAt: selector.optional(),
  summary: selector.optional(),
  next: selector.optional().describe('The link to the next list page.'),
  drop: z.array(selector).optional(),
})
export type ListingRules = Readonly<z.output<typeof listingRulesSchema>>

/** Where an API's answer has its list and what its fields are; paths such as `data.list` or `links[0].href`. */
export const jsonRulesSchema = z.strictObject({
  items: z.string().optional().describe('The array of items; found by itself when absent.'),
  url: z.string().min(1).optional().describe('Inside an item; found by the usual names when absent.'),
  title: z.string().min(1).optional(),
  publishedAt: z.string().min(1).optional(),
  summary: z.string().min(1).optional(),
  urlTemplate: z
    .string()
    .min(1)
    .optional()
    .describe("The article's address with the item's values in it, instead of `url`: `https://…/detail/{id}.html`."),
  next: z.string().min(1).optional().describe('In the whole answer: the address of its next page.'),
  firstPage: z.int().min(0).optional().describe("What `{page}` in the listing's address stands for at first."),
  pageStep: z
    .int()
    .min(1)
    .optional()
    .describe('What `{page}` grows by: 1, or the number of items of a page where it is an offset.'),
})
export type JsonRules = Readonly<z.output<typeof jsonRulesSchema>>

export const listingKinds = ['auto', 'html', 'feed', 'sitemap', 'json'] as const

/**
 * Lists have 15 to 25 items a page, so a first crawl reads about a hundred articles: the last weeks of a ministry, in
 * some four minutes at the default pace.
 */
const defaultMaxPages = 5

export const renderers = ['http', 'browser'] as const

/** One of a source's `listings` in its long form. */
export const listingObjectSchema = z.strictObject({
  url: httpUrl.describe('Absolute address; of kind `json` with `{page}` where it counts its pages.'),
  kind: z.enum(listingKinds).optional().describe("Absent: the source's kind."),
  maxPages: z
    .int()
    .min(1)
    .max(1000)
    .default(defaultMaxPages)
    .describe(
      'How many pages of this listing are read in one run, following the link to the next one; sitemaps of an index too. Once all that they name is known, a run reads only as far as there is anything new.',
    ),
  rules: listingRulesSchema.optional(),
  json: jsonRulesSchema.optional().describe('Of kind `json`.'),
  render: z
    .enum(renderers)
    .optional()
    .describe('`browser`: the page is rendered by an installed Chromium first, for lists that only scripts write.'),
})

const listingSchema = z.preprocess((value) => (typeof value === 'string' ? { url: value } : value), listingObjectSchema)

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as "23:00"')

const quietSchema = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, { error: 'expected "from" and "to" to differ' })

const scheduleSchema = z
  .strictObject({
    every: duration({ min: '5s', max: '30d' }).optional(),
    cron: z.string().optional().describe("Five or six fields, in the source's time zone unless `timeZone` is given."),
    adaptive: z
      .strictObject({
        min: duration({ min: '1m', max: '1d' }).default(10 * 60_000),
        max: duration({ min: '1m', max: '30d' }).default(6 * 3_600_000),
      })
      .refine(({ min, max }) => min <= max, { error: 'expected "min" to be no longer than "max"' })
      .optional()
      .describe('As often as the source publishes, within these bounds; 30 minutes until that is known.'),
    timeZone: timeZone.optional(),
    quiet: quietSchema
      .optional()
      .describe(
        "Hours of the day, by the schedule's zone, in which the schedule rests; one crawl follows soon after their end.",
      ),
    jitter: duration({ min: '0s', max: '1h' })
      .default(0)
      .describe(
        "Each source's ticks of `cron`, and its first one after quiet hours, are put off by a constant share of this, so that not all start at once. Those of `every` and `adaptive` are spread over their interval anyway.",
      ),
  })
  .refine((value) => [value.every, value.cron, value.adaptive].filter((each) => each !== undefined).length === 1, {
    error: 'expected one of "every", "cron" and "adaptive"',
  })

const politenessSchema = z.strictObject({
  delay: duration({ min: '0s', max: '10m' }).default(2000).describe('Least time between two requests to one host.'),
  concurrency: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe(
      'Requests to one host at the same time in one process; of several sources of a host the smallest number holds.',
    ),
})

/** What kind of body publishes: feeds choose by it. */
export const publisherKinds = ['government', 'institution', 'association', 'company', 'media'] as const

/** One file of `config/sources`: a publisher that is read. */
export const sourceSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected small letters, digits and "-"')
    .describe('As the file is named; leave it out.'),
  name: z.string().min(1).describe('What readers see it called.'),
  homepage: httpUrl.optional().describe('Its front page.'),
  publisher: z.enum(publisherKinds).optional().describe('What kind of body it is; feeds choose by it.'),
  language: z.string().min(2).default('zh').describe('What it publishes in, BCP 47: `zh`, `zh-Hant`, `en`.'),
  timeZone: timeZone.default('Asia/Shanghai').describe('IANA zone of times that state none.'),
  kind: z.enum(listingKinds).default('auto').describe('What its listings are; `auto` tells by what the server sends.'),
  render: z
    .enum(renderers)
    .default('http')
    .describe('`browser`: its pages are rendered by an installed Chromium first, for sites that only scripts write.'),
  listings: z
    .array(listingSchema)
    .min(1)
    .describe('Pages, feeds, sitemaps or APIs that name its articles: addresses, or addresses with keys of their own.'),
  rules: articleRulesSchema.optional().describe('CSS selectors for what the automatic reading of articles gets wrong.'),
  schedule: scheduleSchema
    .default({ every: 15 * 60_000, jitter: 0 })
    .describe('When it is read: `every`, `cron` or `adaptive`.'),
  politeness: politenessSchema.default({ delay: 2000, concurrency: 1 }).describe('How hard it is asked.'),
  tags: z.array(z.string().min(1)).default([]).describe('Feeds choose sources by these.'),
  verified: z.iso
    .date()
    .nullable()
    .optional()
    .describe('Day on which `source test --live` saw it work; `null`: not yet. Only for people.'),
  notes: z.string().optional().describe('For people: what its robots.txt and its terms say, and the like.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Sent with every request to this source.'),
  maxAge: duration({ min: '1h', max: '36500d' })
    .optional()
    .describe('Items that the listing dates further back are not read.'),
  fullText: z
    .boolean()
    .default(true)
    .describe('`false`: what a feed says of an article is enough, its page is not fetched.'),
  allowEmpty: z.boolean().default(false).describe('Whether a listing without items is no error.'),
  allowPrivateHosts: z
    .array(z.string().regex(/^[^/\s]+:\d+$/, 'expected host:port'))
    .default([])
    .describe('`host:port` pairs that may resolve to private addresses.'),
  maxArticlesPerRun: z
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .describe('Articles read in one run at the most; the rest follow in the next one.'),
  enabled: z.boolean().default(true).describe('Whether it is read on schedule.'),
  private: z
    .boolean()
    .default(false)
    .describe('`true`: what it publishes is in private feeds alone, and it is on no page for everybody.'),
})
export type Source = Readonly<z.output<typeof sourceSchema>>
export type Listing = Source['listings'][number]
