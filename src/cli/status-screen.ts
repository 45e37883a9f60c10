import { receiversOf } from '../model/delivery-channel.ts'
import { healthStates } from '../model/source-health.ts'
import type { Overview } from './overview.ts'
import { fit, formatTable, wrap } from './table.ts'
import { version } from './version.ts'

/** A database that was there and does not answer any more. */
export interface DatabaseAway {
  /** Without its password. */
  readonly address: string
  readonly since: Date
  readonly reason: string
}

/** Rows that fit on a screen beside the rest. */
const alertsShown = 5
const troubledShown = 10

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const megabytes = (bytes: number): string => `${whole(bytes / 2 ** 20)} MB`
const timeOf = (at: Date): string => at.toTimeString().slice(0, 8)
const many = (count: number, one: string, more = `${one}s`): string => `${whole(count)} ${count === 1 ? one : more}`
const oneLine = (text: string): string => fit(text.replaceAll('\n', ' '), 200)

function queueLine({ queue }: Overview): string {
  const state = queue.isPaused ? ', PAUSED' : ''
  const workers =
    queue.workers === 0 ? 'nothing works on it' : many(queue.workers, 'process works on it', 'processes work on it')
  return `on ${queue.backend}${state}: ${workers}`
}

function crawlsLine({ queue }: Overview): string {
  if (queue.counts === null) return queue.problem ?? '–'
  const { waiting, active, delayed, failed } = queue.counts
  return `${whole(waiting)} waiting, ${whole(active)} running, ${whole(delayed)} to come, ${whole(failed)} given up`
}

function deliveriesLine({ deliveries }: Overview): string {
  const sum = (name: 'waiting' | 'dead') => deliveries.channels.reduce((total, channel) => total + channel[name], 0)
  const toWhom = deliveries.channels
    .filter(({ waiting }) => waiting > 0)
    .map(({ channel, waiting }) => `${whole(waiting)} to ${receiversOf[channel]}`)
  const details = toWhom.length > 0 ? ` (${toWhom.join(', ')})` : ''
  const state = deliveries.isPaused ? 'PAUSED: ' : ''
  return `${state}${whole(sum('waiting'))} waiting${details}, ${whole(sum('dead'))} given up`
}

function healthLine({ health }: Overview): string {
  const states = [...healthStates.toReversed(), 'unread'] as const
  const counts = states.filter((state) => health[state] > 0).map((state) => `${whole(health[state])} ${state}`)
  return counts.join(', ') || '–'
}

function schedulesLine({ overdue, next }: Overview): string {
  const [latest] = overdue
  if (latest) return `${overdue.length} overdue, the latest ${latest.sourceId} by ${whole(latest.lateMs / 1000)} s`
  return `on time; next: ${next.map(({ sourceId, at }) => `${sourceId} ${timeOf(at)}`).join(', ') || 'none'}`
}

function lastHourLine({ lastHour }: Overview): string {
  const { runs, stored, revised, failedPages, requests, bytes } = lastHour
  return (
    `${many(runs.succeeded + runs.partial + runs.failed + runs.aborted, 'crawl')} (${runs.failed} failed, ${runs.partial} in part), ` +
    `${stored} new, ${revised} corrected, ${failedPages} unreadable; ${many(requests, 'request')}, ${megabytes(bytes)}`
  )
}

function linesOf(overview: Overview): readonly (readonly [string, string])[] {
  const { archive, sources, freeBytes, alerts } = overview
  return [
    [
      'archive',
      `${archive.kind}: ${many(archive.stories, 'story', 'stories')} of ${many(archive.articles, 'article')}`,
    ],
    ['disk', freeBytes === null ? '–' : `${megabytes(freeBytes)} free`],
    ['queue', queueLine(overview)],
    ['crawls', crawlsLine(overview)],
    ['deliveries', deliveriesLine(overview)],
    [
      'sources',
      `${sources.enabled} enabled, ${sources.disabled} disabled, ${sources.paused} paused, ${sources.broken} with a wrong file`,
    ],
    ['health', healthLine(overview)],
    ['schedules', schedulesLine(overview)],
    ['last hour', lastHourLine(overview)],
    ['alerts', alerts.length === 0 ? 'none' : `${alerts.length} on`],
  ]
}

/** Names before what is said of them, which goes on below itself. */
function formatLines(lines: readonly (readonly [string, string])[], width: number): string[] {
  const indent = Math.max(...lines.map(([name]) => name.length)) + 2
  return lines.flatMap(([name, says]) =>
    wrap(oneLine(says), width - indent).map((line, index) => `${(index === 0 ? name : '').padEnd(indent)}${line}`),
  )
}

function headline(at: Date): string {
  return `Newsfold ${version} · ${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function section(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  { most, more, width }: { readonly most: number; readonly more: string; readonly width: number },
): string[] {
  if (rows.length === 0) return []
  const table = formatTable(
    names.map((name) => ({ name })),
    rows.slice(0, most),
    width,
  )
  return ['', table, ...(rows.length > most ? [`… and ${rows.length - most} more: ${more}`] : [])]
}

/** The whole on one screen of so many columns. */
export function statusScreen(overview: Overview, width: number): string {
  const { alerts, troubled } = overview
  const alertRows = alerts.map(({ key, says, since, isMuted }) => [
    key,
    timeOf(since),
    isMuted ? 'muted' : '',
    oneLine(says),
  ])
  const troubledRows = troubled.map(({ sourceId, at, error }) => [sourceId, timeOf(at), oneLine(error)])
  const text = [
    headline(overview.at),
    '',
    ...formatLines(linesOf(overview), width),
    ...section(['alert', 'since', '', 'says'], alertRows, { most: alertsShown, more: 'newsfold alerts', width }),
    ...section(['in trouble', 'at', 'says'], troubledRows, {
      most: troubledShown,
      more: 'newsfold source list',
      width,
    }),
  ]
  return `${text.join('\n')}\n`
}

/** What is shown while there is nothing else to be said. */
export function awayScreen({ address, since, reason }: DatabaseAway, now: Date, width: number): string {
  const lines = [
    ['database', `away since ${timeOf(since)}: ${address}`],
    ['', oneLine(reason)],
    ['', 'It is asked again every two seconds; Ctrl-C to stop.'],
  ] as const
  return `${[headline(now), '', ...formatLines(lines, width)].join('\n')}\n`
}
