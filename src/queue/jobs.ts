import { z } from 'zod'

/** What a job that crawls one source is told. */
export const crawlSourceSchema = z.strictObject({
  sourceId: z.string(),
  /** Milliseconds that this source's ticks are put off, so that not all sources start at the same second. */
  jitterMs: z.number().min(0).default(0),
})
export type CrawlSourceData = z.output<typeof crawlSourceSchema>

/** What a job that makes one delivery is told: a row of the archive that is due. */
export const deliverSchema = z.strictObject({
  /** A subscriber's confirmation, a topic's content, or an item for a webhook. */
  kind: z.enum(['confirm', 'content', 'delivery']),
  id: z.uuid(),
  /** Counts the tries of the row. */
  version: z.int().min(0),
})
export type DeliverData = z.output<typeof deliverSchema>

/** The job table: every kind of job there is, and how often it is tried. */
export const jobs = {
  'crawl-source': {
    schema: crawlSourceSchema,
    options: {
      attempts: 4,
      // 5 s, 10 s, 20 s: long enough for a restart of a server, short enough to end before most next ticks.
      backoff: { type: 'exponential', delay: 5000, jitter: 0.3 },
      // By age: keeping a number of them means looking through all of them at each job's end.
      removeOnComplete: { age: 600 },
      removeOnFail: { count: 5000, age: 14 * 86_400 },
    },
  },
  deliver: {
    schema: deliverSchema,
    options: {
      // One try a job: the archive knows when the next one is due, for hours and days on end.
      attempts: 1,
      // Nothing of it stays, since its id must be free should the archive ask for it again.
      removeOnComplete: true,
      removeOnFail: true,
    },
  },
} as const

/** The least is first. `long`: what takes minutes waits until all others have had their turn. */
export const priorities = { news: 0, long: 1 } as const

export const queueName = 'newsfold'
/** Beside the crawls, which take minutes and fill their workers. */
export const deliveryQueueName = 'newsfold-deliveries'
