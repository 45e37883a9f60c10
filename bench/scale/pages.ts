import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { ask } from '../chaos/feed-watch.ts'
import type { Child } from '../chaos/child.ts'
import { bareCrawlSchema, type BareCrawl, type BareCrawlTask } from './bare-crawler.ts'
import { askChild } from './ask-child.ts'
import { install, type Installation } from './installation.ts'
import { startSite, type SiteProcess } from './site-process.ts'

/** As many crawls at once as Newsfold does by default. */
const sources = 4
/** Requests at once of each. */
const concurrency = 4

function sourceText(host: string, number: number): string {
  return stringify({
    name: `Source ${number}`,
    kind: 'html',
    listings: [`http://${host}/${number}/list.html`],
    schedule: { every: '1d' },
    politeness: { delay: 0, concurrency },
    maxArticlesPerRun: 100_000,
    allowPrivateHosts: [host],
  })
}

const crawlBare = (task: BareCrawlTask): Promise<BareCrawl> => askChild('./bare-crawler.ts', task, bareCrawlSchema)

/** Of the pages a second that a crawler reaches which does nothing with them. Less ends the measurement with exit code 1. */
const leastRatio = 0.8

/** Each reading is a new rendering, since stories come all the time. */
const readEachMs = 500
/** Near the end, so that it is known to the hundredth; before, looking would be a part of the work. */
const lookEachMs = 50

interface Crawl {
  readonly tookMs: number
  readonly nodeMs: number
  readonly postgresMs: number
  readonly asked: number
}

/** From the first request for an article to the last article in the archive and the feed, readers asking meanwhile. */
async function crawl(pages: number, installation: Installation, child: Child, site: SiteProcess): Promise<Crawl> {
  const startedAt = performance.now()
  let nextReading = startedAt
  let reading: Promise<unknown> | null = null
  for (;;) {
    if (child.hasEnded()) throw new Error(`Newsfold ended: ${child.lastWords()}`)
    const { rows } = await installation.database
      .query<{ count: number }>('select count(*)::int as count from article')
      // Its tables are made by the command.
      .catch(() => ({ rows: [{ count: 0 }] }))
    const count = rows[0]?.count ?? 0
    if (count >= pages) break
    // Half of what is left of it, by what it took so far.
    const halfLeftMs = (((performance.now() - startedAt) / Math.max(1, count)) * (pages - count)) / 2
    if (!reading && performance.now() >= nextReading) {
      nextReading = performance.now() + readEachMs
      reading = ask(`http://127.0.0.1:${installation.port}/feeds/all.rss`)
        .catch(() => null)
        .finally(() => (reading = null))
    }
    await sleep(Math.min(readEachMs, Math.max(lookEachMs, halfLeftMs)))
  }
  const endedAt = Date.now()
  const { node, postgres } = installation.use(child)
  const report = await site.report()
  return {
    tookMs: endedAt - (report.firstPageAt ?? endedAt),
    nodeMs: node.cpuMs,
    postgresMs: postgres.cpuMs,
    asked: report.pages,
  }
}

/** New articles through the whole pipeline, next to Crawlee's CheerioCrawler, which does nothing with the same pages. */
export async function measurePages(pages: number): Promise<void> {
  const each = Math.ceil(pages / sources)
  const count = each * sources
  const site = await startSite(sources, each)
  const urls = site.hosts.flatMap((host, source) =>
    Array.from({ length: each }, (_, article) => `http://${host}/${source + 1}/${article}.html`),
  )
  const bareTask = { urls, concurrency: sources * concurrency }
  const texts = site.hosts.map((host, index) => [`s${index + 1}`, sourceText(host, index + 1)] as const)
  const installation = await install(Object.fromEntries(texts), {})
  try {
    const before = await crawlBare(bareTask)
    await site.report()
    const child = installation.start()
    let ours: Crawl
    try {
      ours = await crawl(count, installation, child, site)
    } finally {
      child.kill('SIGTERM')
      await child.ended
    }
    // Before and after, since neighbours on the machine come and go.
    const after = await crawlBare(bareTask)
    const bareSecond = (2 * count) / ((before.tookMs + after.tookMs) / 1000)
    const second = count / (ours.tookMs / 1000)
    const ratio = second / bareSecond
    if (ratio < leastRatio) process.exitCode = 1
    process.stdout.write(
      `scale new articles: ${count} of ${ours.asked} pages in ${(ours.tookMs / 1000).toFixed(1)} s, ${second.toFixed(0)}/s; ` +
        `a bare CheerioCrawler ${bareSecond.toFixed(0)}/s, ratio ${ratio.toFixed(2)} (at least ${leastRatio})\n` +
        `scale processor time a page: Node ${(ours.nodeMs / count).toFixed(1)} ms, PostgreSQL ${(ours.postgresMs / count).toFixed(1)} ms ` +
        `(both with their start); the bare crawler ${((before.cpuMs + after.cpuMs) / 2 / count).toFixed(1)} ms\n`,
    )
  } finally {
    await installation.close()
    site.close()
  }
}
