import { findSchedules } from '../../archive/source-schedules.ts'
import { Option, type Command } from 'commander'
import type { PauseTarget } from '../../archive/schedule-pauses.ts'
import { receiversOf } from '../../model/delivery-channel.ts'
import { findFailedWork, findQueueFigures, retryFailedWork, type Queues } from '../../queue/queue-figures.ts'
import { crawlTargets, pauseCrawls, resumeCrawls, type HoldTargets } from '../../queue/steer.ts'
import { readSourceFiles, type SourceFiles } from '../../runtime/config-files.ts'
import { createContext } from '../context.ts'
import { findSource } from '../find-source.ts'
import { openArchive, openCommandQueues } from '../services.ts'
import { fit, formatTable } from '../table.ts'

async function withQueues(use: (queues: Queues, readFiles: () => SourceFiles) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  const { database } = archive
  try {
    const { close, ...queues } = await openCommandQueues(settings, database, log)
    try {
      await use({ ...queues, database }, () => readSourceFiles(settings.NEWSFOLD_CONFIG))
    } finally {
      await close()
    }
  } finally {
    await archive.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

const stateOf = ({ isPaused }: { isPaused: boolean }): string => (isPaused ? 'paused' : 'open')

async function status(queues: Queues, asJson: boolean): Promise<void> {
  const figures = await findQueueFigures(queues)
  const { crawls, deliveries, held, backend } = figures
  if (asJson) {
    const { isPaused, counts } = crawls
    const schedules = await findSchedules(queues.database)
    return print(JSON.stringify({ backend, isPaused, held, counts, schedules, deliveries }, null, 2))
  }
  print(`Queues on ${backend}: ${crawls.schedules} schedules`)
  const columns = [
    { name: 'queue' },
    ...Object.keys(crawls.counts).map((name) => ({ name, isNumber: true })),
    { name: 'state' },
  ]
  print(
    formatTable(columns, [
      ['crawls', ...Object.values(crawls.counts), stateOf(crawls)],
      ['deliveries', ...Object.values(deliveries.counts), stateOf(deliveries)],
    ]),
  )
  for (const { channel, waiting, dead } of deliveries.channels) {
    if (waiting + dead > 0)
      print(`To ${receiversOf[channel]}: ${waiting} due or waiting for another try, ${dead} given up`)
  }
  if (held.sources.length > 0) print(`Paused sources: ${held.sources.join(', ')}`)
  if (held.tags.length > 0) print(`Paused tags: ${held.tags.join(', ')}`)
}

/** How many jobs and deliveries that were given up are shown. */
const failedShown = 100

async function failed(queues: Queues, asJson: boolean): Promise<void> {
  const work = await findFailedWork(queues, failedShown)
  if (asJson) return print(JSON.stringify(work, null, 2))
  if (work.length === 0) return print('Nothing was given up.')
  const rows = work.map(({ queue, subject, to, failedAt, attempts, reason }) => [
    queue,
    to === null ? subject : `${subject} to ${to}`,
    failedAt?.toISOString().slice(0, 19) ?? '–',
    attempts,
    fit(reason.replaceAll('\n', ' '), 200),
  ])
  const columns = [
    { name: 'queue' },
    { name: 'of' },
    { name: 'failed at (UTC)' },
    { name: 'tries', isNumber: true },
    { name: 'reason' },
  ]
  print(formatTable(columns, rows))
}

interface QueueFlags {
  readonly crawls?: boolean
  readonly deliveries?: boolean
}

interface TargetFlags extends QueueFlags {
  readonly source?: readonly string[]
  readonly tag?: readonly string[]
}

function queueOf({ crawls, deliveries }: QueueFlags): 'crawls' | 'deliveries' | 'everything' {
  if (crawls === deliveries) return 'everything'
  return crawls ? 'crawls' : 'deliveries'
}

/** None is named: a whole queue, or both. @throws {ConfigurationError} there is no such source, or no source has such a tag */
function targetsOf(files: SourceFiles, flags: TargetFlags): HoldTargets {
  const { source = [], tag = [] } = flags
  if (source.length + tag.length === 0) return queueOf(flags)
  // Says more of a source whose file is wrong.
  for (const id of source) findSource(files, id)
  return crawlTargets(files.sources, { sources: source, tags: tag })
}

const nameOf = ({ kind, name }: PauseTarget): string => `${kind} ${name}`
const nameOfAll = (targets: HoldTargets): string =>
  typeof targets === 'string' ? targets : targets.map(nameOf).join(', ')

async function pause(queues: Queues, files: SourceFiles, flags: TargetFlags): Promise<void> {
  const targets = targetsOf(files, flags)
  await pauseCrawls({ ...queues, sources: files.sources }, targets, new Date())
  const more =
    typeof targets === 'string' ? '"newsfold queue resume" goes on.' : '"newsfold crawl" still reads them when asked.'
  print(`Paused: ${nameOfAll(targets)}. ${more}`)
}

async function resume(queues: Queues, files: SourceFiles, flags: TargetFlags): Promise<void> {
  const steering = { ...queues, sources: files.sources }
  const { resumed, crawled, stillPaused, held } = await resumeCrawls(steering, targetsOf(files, flags))
  if (resumed.length === 0) return print('Nothing of these was paused.')
  if (typeof resumed !== 'string') {
    print(`Resumed: ${nameOfAll(resumed)}; crawls now: ${crawled.length}`)
    if (stillPaused.length > 0) print(`Still paused by a source or tag of theirs: ${stillPaused.join(', ')}`)
    return
  }
  print(`Resumed: ${resumed}`)
  if (resumed === 'deliveries') return
  if (held.sources.length > 0) print(`Still paused sources: ${held.sources.join(', ')}`)
  if (held.tags.length > 0) print(`Still paused tags: ${held.tags.join(', ')}`)
}

async function retry(queues: Queues, flags: QueueFlags): Promise<void> {
  const { crawls, deliveries } = await retryFailedWork(queues, queueOf(flags), new Date())
  print(`Put back: ${crawls} crawls, ${deliveries} deliveries`)
}

/** A queue holds every schedule: to name some beside it says two things. */
const queueFlags = ['crawls', 'deliveries']

/** Options that name one of the queues. */
function withQueueOptions(command: Command): Command {
  return command.option('--crawls', 'crawls alone').option('--deliveries', 'what is pushed to others alone')
}

/** `newsfold queue …`: what waits, runs and failed, and holding it all. */
export function addQueue(program: Command): void {
  const command = program.command('queue').description('the jobs that crawl and those that deliver')
  command
    .command('status')
    .description('how many jobs wait, run and failed')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => withQueues((queues) => status(queues, flags.json === true)))
  command
    .command('failed')
    .description('crawls and deliveries that were given up, newest first')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => withQueues((queues) => failed(queues, flags.json === true)))
  withQueueOptions(command.command('retry'))
    .description('put back all that was given up')
    .action((flags: QueueFlags) => withQueues((queues) => retry(queues, flags)))
  withQueueOptions(command.command('pause'))
    .description('start no more jobs, in all processes; or hold the schedules of some sources alone')
    .addOption(new Option('--source <id...>', 'hold the schedules of these sources').conflicts(queueFlags))
    .addOption(new Option('--tag <tag...>', 'hold the schedules of the sources with these tags').conflicts(queueFlags))
    .action((flags: TargetFlags) => withQueues((queues, readFiles) => pause(queues, readFiles(), flags)))
  withQueueOptions(command.command('resume'))
    .description('go on; schedules that were held are caught up with at once')
    .addOption(new Option('--source <id...>', 'let the schedules of these sources go on').conflicts(queueFlags))
    .addOption(
      new Option('--tag <tag...>', 'let the schedules of the sources with these tags go on').conflicts(queueFlags),
    )
    .action((flags: TargetFlags) => withQueues((queues, readFiles) => resume(queues, readFiles(), flags)))
}
