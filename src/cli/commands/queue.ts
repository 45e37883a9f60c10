import type { Command } from 'commander'
import type { Database } from '../../archive/database.ts'
import { findSchedulePauses, type PauseTarget } from '../../archive/schedule-pauses.ts'
import { crawlTargets, pauseCrawls, resumeCrawls, type CrawlTargets } from '../../queue/steer-crawls.ts'
import { readSourceFiles, type SourceFiles } from '../../runtime/config-files.ts'
import type { Settings } from '../../runtime/settings.ts'
import { findSource } from '../find-source.ts'
import type { JobQueue } from '../../queue/job-queue.ts'
import { createContext } from '../context.ts'
import { openArchive, openQueue } from '../services.ts'
import { fit, formatTable } from '../table.ts'

interface QueueContext {
  readonly settings: Settings
  readonly database: Database
}

async function withQueue(use: (queue: JobQueue, context: QueueContext) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  const queue = await openQueue(settings, archive.database, log)
  try {
    await use(queue, { settings, database: archive.database })
  } finally {
    await queue.close()
    await archive.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function status(queue: JobQueue, { database }: QueueContext, asJson: boolean): Promise<void> {
  const [counts, isPaused, schedules] = [await queue.counts(), await queue.isPaused(), await queue.schedules()]
  const pauses = await findSchedulePauses(database)
  const held = { sources: [...pauses.sources], tags: [...pauses.tags] }
  if (asJson) return print(JSON.stringify({ backend: queue.backend, isPaused, held, counts, schedules }, null, 2))
  print(`Queue on ${queue.backend}${isPaused ? ', paused' : ''}: ${schedules.length} schedules`)
  const columns = Object.keys(counts).map((name) => ({ name, isNumber: true }))
  print(formatTable(columns, [Object.values(counts)]))
  if (held.sources.length > 0) print(`Paused sources: ${held.sources.join(', ')}`)
  if (held.tags.length > 0) print(`Paused tags: ${held.tags.join(', ')}`)
}

/** How many failed jobs are shown. */
const failedShown = 100

async function failed(queue: JobQueue, asJson: boolean): Promise<void> {
  const jobs = await queue.failed(failedShown)
  if (asJson) return print(JSON.stringify(jobs, null, 2))
  if (jobs.length === 0) return print('No failed jobs.')
  const rows = jobs.map((job) => [
    job.sourceId,
    job.failedAt?.toISOString().slice(0, 19) ?? '–',
    job.attempts,
    fit(job.reason.replaceAll('\n', ' '), 200),
  ])
  const columns = [
    { name: 'source' },
    { name: 'failed at (UTC)' },
    { name: 'tries', isNumber: true },
    { name: 'reason' },
  ]
  print(formatTable(columns, rows))
}

interface TargetFlags {
  readonly source?: readonly string[]
  readonly tag?: readonly string[]
}

/** None is named: everything. @throws {ConfigurationError} there is no such source, or no source has such a tag */
function targetsOf(files: SourceFiles, { source = [], tag = [] }: TargetFlags): CrawlTargets {
  if (source.length + tag.length === 0) return 'everything'
  // Says more of a source whose file is wrong.
  for (const id of source) findSource(files, id)
  return crawlTargets(files.sources, { sources: source, tags: tag })
}

const nameOf = ({ kind, name }: PauseTarget): string => `${kind} ${name}`

async function pause(queue: JobQueue, { settings, database }: QueueContext, flags: TargetFlags): Promise<void> {
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  const targets = targetsOf(files, flags)
  await pauseCrawls({ queue, database, sources: files.sources }, targets, new Date())
  if (targets === 'everything') return print('Paused. "newsfold queue resume" goes on.')
  print(`Paused: ${targets.map(nameOf).join(', ')}. "newsfold crawl" still reads them when asked.`)
}

async function resume(queue: JobQueue, { settings, database }: QueueContext, flags: TargetFlags): Promise<void> {
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  const steering = { queue, database, sources: files.sources }
  const { resumed, crawled, stillPaused } = await resumeCrawls(steering, targetsOf(files, flags))
  if (resumed === 'everything') return print('Resumed.')
  if (resumed.length === 0) return print('Nothing of these was paused.')
  print(`Resumed: ${resumed.map(nameOf).join(', ')}; crawls now: ${crawled.length}`)
  if (stillPaused.length > 0) print(`Still paused by a source or tag of theirs: ${stillPaused.join(', ')}`)
}

/** `newsfold queue …`: what waits, runs and failed, and holding it all. */
export function addQueue(program: Command): void {
  const command = program.command('queue').description('the jobs that crawl')
  command
    .command('status')
    .description('how many jobs wait, run and failed')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => withQueue((queue, context) => status(queue, context, flags.json === true)))
  command
    .command('failed')
    .description('jobs that were given up, newest first')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => withQueue((queue) => failed(queue, flags.json === true)))
  command
    .command('retry')
    .description('put all failed jobs back')
    .action(() => withQueue(async (queue) => print(`Put back: ${await queue.retryFailed()}`)))
  command
    .command('pause')
    .description('start no more jobs, in all processes; or hold the schedules of some sources alone')
    .option('--source <id...>', 'hold the schedules of these sources')
    .option('--tag <tag...>', 'hold the schedules of the sources with these tags')
    .action((flags: TargetFlags) => withQueue((queue, context) => pause(queue, context, flags)))
  command
    .command('resume')
    .description('go on; schedules that were held are caught up with at once')
    .option('--source <id...>', 'let the schedules of these sources go on')
    .option('--tag <tag...>', 'let the schedules of the sources with these tags go on')
    .action((flags: TargetFlags) => withQueue((queue, context) => resume(queue, context, flags)))
}
