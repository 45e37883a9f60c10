import type { Command } from 'commander'
import type { JobQueue } from '../../queue/job-queue.ts'
import { createContext } from '../context.ts'
import { openArchive, openQueue } from '../services.ts'
import { fit, formatTable } from '../table.ts'

async function withQueue(use: (queue: JobQueue) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  const queue = await openQueue(settings, archive.database, log)
  try {
    await use(queue)
  } finally {
    await queue.close()
    await archive.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function status(queue: JobQueue, asJson: boolean): Promise<void> {
  const [counts, isPaused, schedules] = [await queue.counts(), await queue.isPaused(), await queue.schedules()]
  if (asJson) return print(JSON.stringify({ backend: queue.backend, isPaused, counts, schedules }, null, 2))
  print(`Queue on ${queue.backend}${isPaused ? ', paused' : ''}: ${schedules.length} schedules`)
  const columns = Object.keys(counts).map((name) => ({ name, isNumber: true }))
  print(formatTable(columns, [Object.values(counts)]))
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

/** `newsfold queue …`: what waits, runs and failed, and holding it all. */
export function addQueue(program: Command): void {
  const command = program.command('queue').description('the jobs that crawl')
  command
    .command('status')
    .description('how many jobs wait, run and failed')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => withQueue((queue) => status(queue, flags.json === true)))
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
    .description('start no more jobs, in all processes')
    .action(() =>
      withQueue(async (queue) => print(await queue.pause().then(() => 'Paused. "newsfold queue resume" goes on.'))),
    )
  command
    .command('resume')
    .description('go on')
    .action(() => withQueue(async (queue) => print(await queue.resume().then(() => 'Resumed.'))))
}
