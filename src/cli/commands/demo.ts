import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { freePort } from '../../archive/embedded/free-port.ts'
import type { CrawlRun } from '../../model/crawl-run.ts'
import { feedDefinitionSchema } from '../../model/feed-definition.ts'
import { sourceSchema, type Source } from '../../model/source.ts'
import type { CrawlWatcher } from '../../queue/crawl-service.ts'
import type { Settings } from '../../runtime/settings.ts'
import { fixedFeeds } from '../../runtime/feeds-file.ts'
import { fixedSources } from '../../runtime/source-folder.ts'
import { createContext } from '../context.ts'
import { formatSkipped, formatTook } from '../run-line.ts'
import { formatTable } from '../table.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { sayOperator } from '../say-operator.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'

const portsSchema = z.object({ ministry: z.int(), city: z.int(), portal: z.int() })
type Ports = z.output<typeof portsSchema>

const demoFeeds = [
  { id: 'all', title: 'Newsfold 演示：全部公告 All announcements' },
  { id: 'ministry', title: '部委公告 Ministry', sources: ['ministry'] },
  { id: 'city', title: '市政府公告 City', sources: ['city'] },
  { id: 'portal', title: '新闻门户 Portal', sources: ['portal'] },
].map((feed) => feedDefinitionSchema.parse({ ...feed, items: 100 }))

async function isFree(port: number): Promise<boolean> {
  return (await freePort(port)) === port
}

async function newPorts(): Promise<Ports> {
  const ports = new Set<number>()
  while (ports.size < 3) ports.add(await freePort(null))
  const [ministry, city, portal] = ports
  return portsSchema.parse({ ministry, city, portal })
}

/**
 * The folder of a demo and the ports of its newsroom, which stay the same: the archive knows articles by address. A
 * folder whose ports are in use belongs to a demo that runs at this moment; the next one is taken.
 */
async function demoFolder(settings: Settings): Promise<{ folder: string; ports: Ports }> {
  for (let number = 1; ; number++) {
    const folder = join(settings.NEWSFOLD_DATA, number === 1 ? 'demo' : `demo-${number}`)
    const file = join(folder, 'newsroom-ports.json')
    if (!existsSync(file)) {
      const ports = await newPorts()
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, JSON.stringify(ports))
      return { folder, ports }
    }
    const ports = portsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const free = await Promise.all(Object.values(ports).map(isFree))
    if (free.every(Boolean)) return { folder, ports }
  }
}

function summary(runs: ReadonlyMap<string, CrawlRun>): string {
  const columns = [
    { name: 'source' },
    { name: 'found', isNumber: true },
    { name: 'stored', isNumber: true },
    { name: 'revised', isNumber: true },
    { name: 'unchanged', isNumber: true },
    { name: 'failed', isNumber: true },
    { name: 'took', isNumber: true },
    { name: 'skipped' },
  ]
  const rows = [...runs.values()].map((run) => [
    run.sourceId,
    run.found,
    run.stored,
    run.revised,
    run.unchanged,
    run.failed,
    formatTook(run),
    formatSkipped(run) || '–',
  ])
  return formatTable(columns, rows)
}

/** A promise with its resolver beside it. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let settle: (() => void) | null = null
  const promise = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: () => settle?.() }
}

/** Resolves when every source has had a run. */
function firstRuns(sources: readonly Source[], watcher: CrawlWatcher) {
  const runs = new Map<string, CrawlRun>()
  const { promise: all, resolve: finish } = deferred()
  const counting: CrawlWatcher = {
    ...watcher,
    finished: (source, run) => {
      watcher.finished?.(source, run)
      // A run that a stop cut short comes again.
      if (run.outcome !== 'aborted' && !runs.has(source.id)) runs.set(source.id, run)
      if (runs.size === sources.length) finish()
    },
  }
  return { runs, all, watcher: counting }
}

function introduce(
  terminal: Terminal,
  url: string,
  newsroom: { sites: readonly { name: string; url: string }[] },
): void {
  terminal.say(`Stories   ${url}/`)
  for (const feed of demoFeeds) terminal.say(`Feed      ${url}/feeds/${feed.id}.rss`)
  for (const site of newsroom.sites) terminal.say(`Publisher ${site.url}  ${site.name}`)
}

async function run(options: { once?: boolean }, signals: StopSignals): Promise<void> {
  const context = createContext('error')
  const { folder, ports } = await demoFolder(context.settings)
  // The demo is whole in its folder: it must not write into the archive or replace the schedules of a real set-up.
  const settings = { ...context.settings, NEWSFOLD_DATA: folder, DATABASE_URL: null, REDIS_URL: null }
  const terminal = openTerminal({ isInteractive: process.stdout.isTTY })
  const { startNewsroom } = await import('../../newsroom/newsroom.ts')
  const { startProgram } = await import('../program-run.ts')
  const newsroom = await startNewsroom({ ports, ...(options.once ? { correctAfterMs: null } : {}) })
  const sources = newsroom.sources().map((source) => sourceSchema.parse(source))
  const first = firstRuns(sources, terminal.watcher)
  const program = await startProgram({
    settings,
    sources: fixedSources(
      options.once
        ? sources.map((source) => ({ ...source, schedule: { ...source.schedule, every: 86_400_000 } }))
        : sources,
    ),
    feeds: fixedFeeds(demoFeeds),
    roles: { schedule: !options.once, work: true, serve: !options.once },
    log: context.log,
    watcher: first.watcher,
  }).catch(async (error: unknown) => {
    await newsroom.stop()
    throw error
  })
  const stop = async (): Promise<void> => {
    await program.stop()
    await newsroom.stop()
    terminal.close()
  }

  if (options.once) {
    for (const source of sources) await program.queue?.addCrawl(source.id)
    await Promise.race([first.all, signals.asked])
    await stop()
    terminal.say(summary(first.runs))
    // 130 is what shells expect of a program that was interrupted before its end.
    if (first.runs.size < sources.length) process.exitCode = 130
    return
  }
  const { server } = program
  if (server?.isOtherPort) terminal.say(`Port ${settings.NEWSFOLD_PORT} is in use, so another one was taken.`)
  if (server) introduce(terminal, server.url, newsroom)
  sayOperator(terminal, program)
  terminal.say('Crawling  each publisher every 10 s; the portal corrects an article soon; Ctrl-C to stop')
  await signals.asked
  terminal.say('Stopping: running crawls finish their pages …')
  await stop()
}

/** `newsfold demo`: everything, on three publishers of our own. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('show it all on three small publishers that run inside, without internet')
    .option('--once', 'crawl everything once, print a summary and end')
    .action((options: { once?: boolean }) => withStopSignals((signals) => run(options, signals)))
}
