import type { Command } from 'commander'
import { countWorkers } from '../../archive/source-lease.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import { createContext } from '../context.ts'
import { formatRun } from '../run-line.ts'
import { openArchive, openCrawling, openQueue } from '../services.ts'
import { findSource } from '../find-source.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'
import { openTerminal } from '../terminal.ts'

interface CrawlFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly now?: boolean
}

/** Asks whoever works on the queue, and does not wait: the answer is in the log, in the runs, in the feed. */
async function ask(ids: readonly string[]): Promise<void> {
  const { settings, log } = createContext('error')
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  const sources = ids.map((id) => findSource(files, id))
  const archive = await openArchive(settings, log)
  try {
    const queue = await openQueue(settings, archive.database, log)
    try {
      for (const source of sources) await queue.addCrawl(source.id)
      const [isPaused, workers] = [await queue.isPaused(), await countWorkers(archive.database)]
      process.stdout.write(`Asked for: ${sources.map(({ id }) => id).join(', ')}\n`)
      if (isPaused) process.stdout.write('The queue is paused: "newsfold queue resume" starts it.\n')
      if (workers === 0) process.stdout.write('Nothing works on the queue at this moment: "newsfold start" does.\n')
    } finally {
      await queue.close()
    }
  } finally {
    await archive.close()
  }
}

async function run(ids: readonly string[], flags: CrawlFlags, signals: StopSignals): Promise<void> {
  const { settings, log } = createContext('error')
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  const sources = ids.map((id) => findSource(files, id))
  const terminal = openTerminal({ isInteractive: process.stdout.isTTY && flags.json !== true })
  const archive = await openArchive(settings, log)
  const crawling = await openCrawling(settings, archive.database, log, flags.json ? {} : terminal.watcher)
  void signals.asked.then(() => crawling.service.abort())
  try {
    for (const source of sources) {
      if (signals.isAsked()) break
      const outcome = flags.dryRun ? await crawling.service.look(source) : await crawling.service.crawl(source)
      if (outcome.kind === 'busy') {
        terminal.say(`${source.id}: another process is crawling it at this moment`)
        continue
      }
      const { run, articles } = outcome
      if (flags.json) process.stdout.write(`${JSON.stringify({ run, articles })}\n`)
      else if (flags.dryRun) {
        for (const article of articles)
          terminal.say(`  ${article.publishedAt?.at.slice(0, 10) ?? '–'.padEnd(10)}  ${article.title ?? article.url}`)
        terminal.say(`${source.id}: ${formatRun(run)} (nothing was kept)`)
      }
      if (run.outcome === 'failed') process.exitCode = 1
    }
  } finally {
    await crawling.close()
    await archive.close()
    terminal.close()
    if (signals.isAsked()) process.exitCode = 130
  }
}

/** `newsfold crawl`: some sources now, in this process. */
export function addCrawl(program: Command): void {
  program
    .command('crawl')
    .description('crawl some sources now, in this process')
    .argument('<source...>', 'ids of sources')
    .option('--dry-run', 'read everything, keep nothing')
    .option('--now', 'ask the running Newsfold for it through the queue, and do not wait')
    .option('--json', 'one JSON object a source')
    .action((ids: string[], flags: CrawlFlags) =>
      flags.now ? ask(ids) : withStopSignals((signals) => run(ids, flags, signals)),
    )
}
