import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { readSourceFiles } from '../../runtime/config-files.ts'
import { createContext } from '../context.ts'
import { findOverview, type Overview } from '../overview.ts'
import { openArchive, openQueue } from '../services.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'
import { fit, formatTable } from '../table.ts'

interface StatusFlags {
  readonly watch?: boolean
  readonly json?: boolean
}

const watchMs = 2000
/** Lines of sources in trouble that fit on a screen beside the rest. */
const troubledShown = 10

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const megabytes = (bytes: number): string => `${whole(bytes / 2 ** 20)} MB`
const timeOf = (at: Date): string => at.toTimeString().slice(0, 8)
const many = (count: number, one: string, more = `${one}s`): string => `${whole(count)} ${count === 1 ? one : more}`

function queueLine({ queue }: Overview): string {
  const { waiting, active, delayed, failed } = queue.counts
  const state = queue.isPaused ? ', PAUSED' : ''
  const workers =
    queue.workers === 0 ? 'nothing works on it' : many(queue.workers, 'process works on it', 'processes work on it')
  return `on ${queue.backend}${state}: ${waiting} waiting, ${active} running, ${delayed} to come, ${failed} given up; ${workers}`
}

function screen(overview: Overview): string {
  const { archive, sources, lastHour, overdue, next, troubled } = overview
  const { runs } = lastHour
  const latest = overdue[0]
  const lines = [
    [
      'archive',
      `${archive.kind}: ${many(archive.stories, 'story', 'stories')} of ${many(archive.articles, 'article')}`,
    ],
    ['disk', overview.freeBytes === null ? '–' : `${megabytes(overview.freeBytes)} free`],
    ['queue', queueLine(overview)],
    [
      'sources',
      `${sources.enabled} enabled, ${sources.disabled} disabled, ${sources.paused} paused, ${sources.broken} with a wrong file`,
    ],
    [
      'schedules',
      latest
        ? `${overdue.length} overdue, the latest ${latest.sourceId} by ${whole(latest.lateMs / 1000)} s`
        : `on time; next: ${next.map(({ sourceId, at }) => `${sourceId} ${timeOf(at)}`).join(', ') || 'none'}`,
    ],
    [
      'last hour',
      `${many(runs.succeeded + runs.partial + runs.failed + runs.aborted, 'crawl')} (${runs.failed} failed, ${runs.partial} in part), ` +
        `${lastHour.stored} new, ${lastHour.revised} corrected, ${lastHour.failedPages} unreadable; ` +
        `${many(lastHour.requests, 'request')}, ${megabytes(lastHour.bytes)}`,
    ],
  ]
  const width = Math.max(...lines.map(([name = '']) => name.length))
  const text = [
    `Newsfold ${overview.version} · ${overview.at.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    '',
    ...lines.map(([name = '', says = '']) => `${name.padEnd(width)}  ${says}`),
  ]
  if (troubled.length === 0) return `${text.join('\n')}\n`
  const rows = troubled
    .slice(0, troubledShown)
    .map(({ sourceId, at, error }) => [sourceId, timeOf(at), fit(error.replaceAll('\n', ' '), 200)])
  const rest = troubled.length - rows.length
  text.push('', formatTable([{ name: 'in trouble' }, { name: 'at' }, { name: 'says' }], rows))
  if (rest > 0) text.push(`… and ${rest} more: newsfold source list`)
  return `${text.join('\n')}\n`
}

async function run(flags: StatusFlags, signals: StopSignals): Promise<void> {
  const { settings, log } = createContext('error')
  // Somebody waits for the screen: a database that is away is said at once.
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  try {
    const queue = await openQueue(settings, archive.database, log)
    try {
      do {
        const overview = await findOverview(
          settings,
          archive.database,
          queue,
          readSourceFiles(settings.NEWSFOLD_CONFIG),
        )
        // Home and clear: what was there flickers less than a screen of its own.
        if (flags.watch && !flags.json) process.stdout.write('\u001B[H\u001B[2J')
        process.stdout.write(flags.json ? `${JSON.stringify(overview)}\n` : screen(overview))
        if (flags.watch) await Promise.race([signals.asked, sleep(watchMs, undefined, { ref: false })])
      } while (flags.watch && !signals.isAsked())
    } finally {
      await queue.close()
    }
  } finally {
    await archive.close()
  }
}

/** `newsfold status`: the whole on one screen. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the whole on one screen: archive, queue, sources, schedules, the last hour')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .option('--json', 'as JSON, one object a line')
    .action((flags: StatusFlags) => withStopSignals((signals) => run(flags, signals)))
}
