import { Option, type Command } from 'commander'
import { countWorkers } from '../../archive/source-lease.ts'
import { ConfigurationError } from '../../model/errors.ts'
import type { Source } from '../../model/source.ts'
import type { CrawlService, CrawlWatcher } from '../../queue/crawl-service.ts'
import { crawlNow, crawlTargets } from '../../queue/steer.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import { createContext, type Context } from '../context.ts'
import { requireRoom, watchRoom } from '../disk-room.ts'
import { formatRun } from '../run-line.ts'
import { openArchive, openCommandQueues, openCrawling } from '../services.ts'
import { findSource } from '../find-source.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'
import { openTerminal, type Terminal } from '../terminal.ts'

interface CrawlFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly now?: boolean
  readonly backfill?: boolean
  readonly since?: string
  readonly tag?: readonly string[]
  readonly all?: boolean
}

/** A line each so many pages, where no bar can be shown. */
const progressPages = 100

/** The source as a backfill reads it: as far back as its listings go, or to a day. */
function asBackfill(source: Source, since: Date | null, now: Date): Source {
  const { maxAge: _maxAge, ...rest } = source
  return {
    ...rest,
    listings: source.listings.map((listing) => ({ ...listing, maxPages: mostListPages })),
    maxArticlesPerRun: mostArticles,
    ...(since ? { maxAge: now.getTime() - since.getTime() + zonesMs } : {}),
  }
}

/** A day begins at another time in every zone, and ages are counted on while the backfill takes its hours. */
const zonesMs = 86_400_000
/** What the configuration allows at the most. */
const mostListPages = 1000
const mostArticles = 100_000

/** @throws {ConfigurationError} it is no day, or one to come */
function sinceOf(flags: CrawlFlags, now: Date): Date | null {
  if (flags.since === undefined) return null
  const since = new Date(flags.since)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(flags.since) || Number.isNaN(since.getTime()) || since > now) {
    throw new ConfigurationError('crawl.bad-since', `--since: expected a day such as 2025-01-31, got "${flags.since}".`)
  }
  return since
}

/** The watcher, with a line now and then where there is no terminal. */
function sayingProgress(terminal: Terminal): CrawlWatcher {
  if (process.stdout.isTTY) return terminal.watcher
  let [found, handled] = [0, 0]
  return {
    ...terminal.watcher,
    progressed: (source, event) => {
      if (event.kind === 'found') found += event.count
      else if (++handled % progressPages === 0) terminal.say(`${source.id}: ${handled} of ${found} pages so far`)
      terminal.watcher.progressed?.(source, event)
    },
  }
}

interface CrawlCommand {
  readonly flags: CrawlFlags
  readonly signals: StopSignals
  readonly watcherOf: (terminal: Terminal) => CrawlWatcher
}

/** What becomes of one source. */
type CrawlOne = (service: CrawlService, source: Source, terminal: Terminal) => Promise<void>

/**
 * Crawls sources one after the other in this process, until somebody asks for the end or the disk is full.
 * @throws {UnreachableError} `disk.full`: before, or meanwhile, though there may be room by now
 */
async function crawlInTurn(
  { settings, log }: Context,
  sources: readonly Source[],
  { flags, signals, watcherOf }: CrawlCommand,
  crawlOne: CrawlOne,
): Promise<void> {
  if (!flags.dryRun) requireRoom(settings)
  const terminal = openTerminal({ isInteractive: process.stdout.isTTY && flags.json !== true })
  const archive = await openArchive(settings, log)
  const crawling = await openCrawling(settings, archive.database, log, flags.json ? {} : watcherOf(terminal))
  void signals.asked.then(() => crawling.service.abort())
  let full: Error | null = null
  const onFull = (why: Error): void => {
    full = why
    crawling.service.abort()
  }
  const stopWatching = flags.dryRun ? () => undefined : watchRoom(settings, onFull)
  try {
    for (const source of sources) {
      if (full !== null || signals.isAsked()) break
      await crawlOne(crawling.service, source, terminal)
    }
    if (full !== null) throw full
  } finally {
    stopWatching()
    await crawling.close()
    await archive.close()
    terminal.close()
    if (signals.isAsked()) process.exitCode = 130
  }
}

async function backfill(ids: readonly string[], flags: CrawlFlags, signals: StopSignals): Promise<void> {
  const now = new Date()
  const since = sinceOf(flags, now)
  const context = createContext('error')
  const files = readSourceFiles(context.settings.NEWSFOLD_CONFIG)
  const sources = ids.map((id) => asBackfill(findSource(files, id), since, now))
  const command = { flags, signals, watcherOf: sayingProgress }
  await crawlInTurn(context, sources, command, async (service, source, terminal) => {
    const outcome = await service.backfill(source)
    if (outcome.kind !== 'busy' && flags.json) process.stdout.write(`${JSON.stringify({ run: outcome.run })}\n`)
    if (outcome.kind === 'busy') terminal.say(`${source.id}: another process is at it`)
    else if (outcome.run.outcome === 'aborted' && !flags.json)
      terminal.say(`${source.id}: stopped; the same command goes on here`)
    else if (outcome.run.outcome === 'failed') process.exitCode = 1
  })
}

/** Asks whoever works on the queue, and does not wait: the answer is in the log, in the runs, in the feed. */
async function ask(ids: readonly string[], { tag = [], all = false }: CrawlFlags): Promise<void> {
  const { settings, log } = createContext('error')
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  for (const id of ids) findSource(files, id)
  const targets = all ? 'everything' : crawlTargets(files.sources, { sources: ids, tags: tag })
  const archive = await openArchive(settings, log)
  try {
    const { database } = archive
    const { queue, close } = await openCommandQueues(settings, database, log)
    try {
      const asked = await crawlNow({ queue, sources: files.sources }, targets)
      const [isPaused, workers] = [await queue.isPaused(), await countWorkers(database)]
      process.stdout.write(`Asked for: ${asked.join(', ') || 'none, since none of these is enabled'}\n`)
      if (isPaused) process.stdout.write('The queue is paused: "newsfold queue resume" starts it.\n')
      if (workers === 0) process.stdout.write('Nothing works on the queue at this moment: "newsfold start" does.\n')
    } finally {
      await close()
    }
  } finally {
    await archive.close()
  }
}

async function run(ids: readonly string[], flags: CrawlFlags, signals: StopSignals): Promise<void> {
  const context = createContext('error')
  const files = readSourceFiles(context.settings.NEWSFOLD_CONFIG)
  const sources = ids.map((id) => findSource(files, id))
  const command = { flags, signals, watcherOf: ({ watcher }: Terminal) => watcher }
  await crawlInTurn(context, sources, command, async (service, source, terminal) => {
    const outcome = flags.dryRun ? await service.look(source) : await service.crawl(source)
    if (outcome.kind === 'busy') {
      terminal.say(`${source.id}: another process is crawling it at this moment`)
      return
    }
    const { run, articles } = outcome
    if (flags.json) process.stdout.write(`${JSON.stringify({ run, articles })}\n`)
    else if (flags.dryRun) {
      for (const article of articles)
        terminal.say(`  ${article.publishedAt?.at.slice(0, 10) ?? '–'.padEnd(10)}  ${article.title ?? article.url}`)
      terminal.say(`${source.id}: ${formatRun(run)} (nothing was kept)`)
    }
    if (run.outcome === 'failed') process.exitCode = 1
  })
}

const goesWith = (flag: string, other: string): ConfigurationError =>
  new ConfigurationError('crawl.flags', `${flag} goes with ${other}: expected both, got ${flag} alone.`)

/** @throws {ConfigurationError} a flag that says nothing without another one */
function checkFlags({ now, tag, all, backfill, since }: CrawlFlags): void {
  if (since !== undefined && !backfill) throw goesWith('--since', '--backfill')
  if (tag !== undefined && !now) throw goesWith('--tag', '--now')
  if (all && !now) throw goesWith('--all', '--now')
}

/** `newsfold crawl`: some sources now, in this process. */
export function addCrawl(program: Command): void {
  program
    .command('crawl')
    .description('crawl some sources now, in this process')
    .argument('[source...]', 'ids of sources')
    .addOption(new Option('--dry-run', 'read everything, keep nothing').conflicts(['now', 'backfill']))
    .addOption(
      new Option('--now', 'ask the running Newsfold for it through the queue, and do not wait').conflicts([
        'backfill',
        'json',
      ]),
    )
    .option('--tag <tag...>', 'with --now: the sources with these tags')
    .option('--all', 'with --now: every source')
    .option('--backfill', 'read the listings to their end, beside what the schedule does; again: go on')
    .option('--since <day>', 'of a backfill: nothing that is dated before this day')
    .option('--json', 'one JSON object a source')
    .action((ids: string[], flags: CrawlFlags) => {
      checkFlags(flags)
      const isNamed = ids.length > 0 || (flags.now && (flags.all || flags.tag))
      if (!isNamed)
        throw new ConfigurationError(
          'crawl.no-source',
          'Expected ids of sources; with --now also --tag or --all: newsfold --help',
        )
      if (flags.now) return ask(ids, flags)
      return withStopSignals((signals) => (flags.backfill ? backfill : run)(ids, flags, signals))
    })
}
