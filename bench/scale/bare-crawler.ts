// A process of its own: what a CheerioCrawler does with a page, and nothing with the result. Crawlee's own is not among
// the dependencies; this asks by its default client and parses by the parser that it uses.
import { BasicCrawler, Configuration, log, LogLevel } from '@crawlee/basic'
import { load } from 'cheerio'
import { parseDocument } from 'htmlparser2'
import { z } from 'zod'

const taskSchema = z.strictObject({ urls: z.array(z.string()), concurrency: z.int() })
export type BareCrawlTask = Readonly<z.output<typeof taskSchema>>

export const bareCrawlSchema = z.strictObject({ tookMs: z.number(), cpuMs: z.number(), titles: z.int() })
export type BareCrawl = Readonly<z.output<typeof bareCrawlSchema>>

async function crawl({ urls, concurrency }: BareCrawlTask): Promise<BareCrawl> {
  log.setLevel(LogLevel.OFF)
  let titles = 0
  let firstAt: number | null = null
  const crawler = new BasicCrawler(
    {
      minConcurrency: concurrency,
      maxConcurrency: concurrency,
      requestHandler: async ({ sendRequest }) => {
        firstAt ??= performance.now()
        const { body } = await sendRequest()
        const $ = load(parseDocument(body))
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
