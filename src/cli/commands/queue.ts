import type { Command } from 'commander'
import type { Database } from '../../archive/database.ts'
import { findSchedulePauses, pauseSchedules, resumeSchedules, type PauseTarget } from '../../archive/schedule-pauses.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { nearestName } from '../../model/nearest-name.ts'
import type { Source } from '../../model/source.ts'
import { isPaused } from '../../queue/tick-gate.ts'
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

/** @throws {ConfigurationError} there is no such source, or no source has such a tag */
function targetsOf(files: SourceFiles, flags: TargetFlags): PauseTarget[] {
  const sources = (flags.source ?? []).map((id) => ({ kind: 'source', name: findSource(files, id).id }) as const)
  const known = new Set(files.sources.flatMap((source) => source.tags))
  const tags = (flags.tag ?? []).map((name) => {
    if (known.has(name)) return { kind: 'tag', name } as const
    const nearest = nearestName(name, known)
    throw new ConfigurationError(
      'tag.unknown',
      `No source has the tag "${name}"${nearest ? `; did you mean "${nearest}"?` : '.'}`,
    )
  })
  return [...sources, ...tags]
}

const nameOf = ({ kind, name }: PauseTarget): string => `${kind} ${name}`

async function pause(queue: JobQueue, { settings, database }: QueueContext, flags: TargetFlags): Promise<void> {
  const targets = targetsOf(readSourceFiles(settings.NEWSFOLD_CONFIG), flags)
  if (targets.length === 0) {
    await queue.pause()
    return print('Paused. "newsfold queue resume" goes on.')
  }
  await pauseSchedules(database, targets, new Date())
  print(`Paused: ${targets.map(nameOf).join(', ')}. "newsfold crawl" still reads them when asked.`)
}

async function resume(queue: JobQueue, { settings, database }: QueueContext, flags: TargetFlags): Promise<void> {
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  const targets = targetsOf(files, flags)
  if (targets.length === 0) {
    await queue.resume()
    return print('Resumed.')
  }
  const resumed = await resumeSchedules(database, targets)
  const pauses = await findSchedulePauses(database)
  const isResumed = ({ id, tags }: Source) =>
    resumed.some(({ kind, name }) => (kind === 'source' ? name === id : tags.includes(name)))
  const due = files.sources.filter((source) => source.enabled && isResumed(source) && !isPaused(source, pauses))
  for (const source of due) await queue.addCrawl(source.id)
  if (resumed.length === 0) return print('Nothing of these was paused.')
  const still = files.sources.filter((source) => isResumed(source) && isPaused(source, pauses)).map(({ id }) => id)
  print(`Resumed: ${resumed.map(nameOf).join(', ')}; crawls now: ${due.length}`)
  if (still.length > 0) print(`Still paused by a source or tag of theirs: ${still.join(', ')}`)
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
