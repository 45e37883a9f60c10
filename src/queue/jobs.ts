import { z } from 'zod'

/** What a job that crawls one source is told. */
export const crawlSourceSchema = z.strictObject({
  sourceId: z.string(),
  /** Milliseconds that this source's ticks are put off, so that not all sources start at the same second. */
  jitterMs: z.number().min(0).default(0),
})
export type CrawlSourceData = z.output<typeof crawlSourceSchema>

/** The job table: every kind of job there is, and how often it is tried. */
export const jobs = {
  'crawl-source': {
    schema: crawlSourceSchema,
    options: {
      attempts: 4,
      // 5 s, 10 s, 20 s: long enough for a restart of a server, short enough to end before most next ticks.
      backoff: { type: 'exponential', delay: 5000, jitter: 0.3 },
      removeOnComplete: { count: 1000 },
      removeOnFail: { count: 5000, age: 14 * 86_400 },
    },
  },
} as const

export const queueName = 'newsfold'

/** Ids of jobs and schedules hold no ":" and are no whole numbers, as BullMQ asks. */
export const scheduleId = (sourceId: string): string => `crawl-${sourceId}`
export const sourceIdOf = (scheduleId: string): string => scheduleId.replace(/^crawl-/, '')
