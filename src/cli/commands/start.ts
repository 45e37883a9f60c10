import type { Command } from 'commander'
import { checkPrivacy } from '../../runtime/config-files.ts'
import { openFeedsFile } from '../../runtime/feeds-file.ts'
import { openSourceFolder } from '../../runtime/source-folder.ts'
import { feedQueryOf } from '../../server/feed-query.ts'
import { createContext } from '../context.ts'
import type { Roles } from '../program-run.ts'
import { sayOperator } from '../say-operator.ts'
import { openTerminal } from '../terminal.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'

/** Connections that were not waited for must not keep the process: a stop takes less than 10 s in all. */
const leaveWithinMs = 500

async function run(roles: Roles, signals: StopSignals): Promise<void> {
  const { settings, log } = createContext(process.stdout.isTTY ? 'warn' : 'info')
  const sources = openSourceFolder(settings.NEWSFOLD_CONFIG, log)
  checkPrivacy({ sources: sources.sources(), broken: sources.broken() })
  const feeds = openFeedsFile(settings.NEWSFOLD_CONFIG, log, (all) => {
    const known = new Map(sources.sources().map((source) => [source.id, source]))
    for (const feed of all) feedQueryOf(feed, known)
  })
  const terminal = openTerminal({ isInteractive: process.stdout.isTTY })
  for (const { problem } of sources.broken()) terminal.say(`✗ left out: ${problem}`)
  if (roles.work && settings.NEWSFOLD_CONTACT === null) {
    terminal.say('! NEWSFOLD_CONTACT is not set: name a page or mail address that publishers can turn to')
  }
  const { startProgram } = await import('../program-run.ts')
  const program = await startProgram({ settings, sources, feeds, roles, log, watcher: terminal.watcher })
  const { server } = program
  if (program.others > 0 && roles.work) {
    terminal.say(
      `Joins ${program.others === 1 ? 'another process that works' : `${program.others} others that work`} on this archive`,
    )
  }
  if (server) {
    if (server.isOtherPort) terminal.say(`Port ${settings.NEWSFOLD_PORT} is in use, so another one was taken.`)
    terminal.say(`Stories   ${server.url}/`)
    for (const feed of feeds.feeds().filter((feed) => !feed.private))
      terminal.say(`Feed      ${server.url}/feeds/${feed.id}.rss`)
  }
  sayOperator(terminal, program)
  if (roles.work)
    terminal.say(`Crawling  ${sources.sources().filter((source) => source.enabled).length} sources; Ctrl-C to stop`)
  await signals.asked
  terminal.say('Stopping: running crawls finish their pages …')
  // What was cut off is taken up again by whoever comes next.
  if (!(await program.stop())) process.exitCode = 1
  terminal.close()
  setTimeout(() => process.exit(), leaveWithinMs).unref()
}

/** `newsfold start`, `work` and `serve`: one process for all, or apart. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('crawl the sources of config/sources on schedule and serve their feeds')
    .action(() => withStopSignals((signals) => run({ schedule: true, work: true, serve: true }, signals)))
  program
    .command('work')
    .description('crawl only; any number of these share DATABASE_URL and REDIS_URL')
    .action(() => withStopSignals((signals) => run({ schedule: true, work: true, serve: false }, signals)))
  program
    .command('serve')
    .description('serve only')
    .action(() => withStopSignals((signals) => run({ schedule: false, work: false, serve: true }, signals)))
}
