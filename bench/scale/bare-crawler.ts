// A process of its own: Crawlee's CheerioCrawler as its users have it, doing nothing with what it parsed. The session pool,
// cookies, retries and its client are as by default. Set are only the number of requests at once (as many as Newsfold's
// from the first moment on, where Crawlee would begin with one), storage in memory and no log.
import { CheerioCrawler, Configuration, log, LogLevel } from '@crawlee/cheerio'
import { z } from 'zod'

const taskSchema = z.strictObject({ urls: z.array(z.string()), concurrency: z.int() })
export type BareCrawlTask = Readonly<z.output<typeof taskSchema>>

export const bareCrawlSchema = z.strictObject({ tookMs: z.number(), cpuMs: z.number(), titles: z.int() })
export type BareCrawl = Readonly<z.output<typeof bareCrawlSchema>>

async function crawl({ urls, concurrency }: BareCrawlTask): Promise<BareCrawl> {
  log.setLevel(LogLevel.OFF)
  let titles = 0
  let firstAt: number | null = null
  const crawler = new CheerioCrawler(
    {
      minConcurrency: concurrency,
      maxConcurrency: concurrency,
      preNavigationHooks: [
        () => {
          firstAt ??= performance.now()
        },
      ],
      requestHandler: ({ $ }) => {
        if ($('title').text() !== '') titles++
      },
    },
    new Configuration({ persistStorage: false }),
  )
  const before = process.cpuUsage()
  await crawler.run([...urls])
  const { user, system } = process.cpuUsage(before)
  return { tookMs: performance.now() - (firstAt ?? 0), cpuMs: (user + system) / 1000, titles }
}

process.on('message', (message) => {
  void crawl(taskSchema.parse(message)).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit())
