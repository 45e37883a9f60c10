import { formatTable } from '../../src/cli/table.ts'
import { faults, type Figures } from './figures.ts'
import type { ChaosOptions } from './options.ts'

interface Spread {
  readonly count: number
  readonly min: number
  readonly median: number
  readonly max: number
}

function spread(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) return null
  return { count: sorted.length, min, median: sorted[Math.floor(sorted.length / 2)] ?? min, max }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2)

function timesTable(figures: Figures): string {
  const times = {
    'serving after the first start': figures.startMs.first,
    'serving after a restart': figures.startMs.restart,
    'serving after a disturbed start': figures.startMs.disturbed,
    'processor time of a start': figures.startUsedMs,
    'database back after its kill': figures.databaseBackMs,
    'first new article after that': figures.resumedMs,
    'stopped after SIGTERM': figures.stopMs,
    'answer to a feed request': figures.feedMs,
  }
  const rows = Object.entries(times).flatMap(([name, values]) => {
    const each = spread(values)
    return each ? [[name, each.count, seconds(each.min), seconds(each.median), seconds(each.max)]] : []
  })
  const columns = ['times in s', 'n', 'min', 'median', 'max'].map((name, index) => ({ name, isNumber: index > 0 }))
  return formatTable(columns, rows)
}

function killsTable({ kills }: Figures): string {
  const moments = ['start-up', 'crawl', 'idle'] as const
  const rows = [...new Set(kills.map(({ target }) => target))].toSorted().map((target) => {
    const of = kills.filter((kill) => kill.target === target)
    return [target, of.length, ...moments.map((moment) => of.filter((kill) => kill.moment === moment).length)]
  })
  const columns = ['killed', 'times', ...moments].map((name, index) => ({ name, isNumber: index > 0 }))
  return formatTable(columns, rows)
}

/** What a person reads at the end. */
export function formatReport(figures: Figures, announced: number): string {
  const rows = faults.map((fault) => [figures.count(fault) === 0 ? '✓' : '✗', fault, figures.count(fault)])
  const columns = [{ name: '' }, { name: 'must be 0' }, { name: 'count', isNumber: true }]
  const crowded = figures.slowCrowdedStarts
  const notJudged = `${crowded} starts over the limit were not judged: the machine was crowded`
  const sum = `${figures.kills.length} kills in ${figures.rounds} rounds of ${announced} announcements`
  return [
    sum,
    killsTable(figures),
    timesTable(figures),
    formatTable(columns, rows),
    ...(crowded > 0 ? [notJudged] : []),
  ].join('\n\n')
}

/** The same for programs. Times are milliseconds. */
export function toJson(figures: Figures, announced: number, options: ChaosOptions): string {
  const { kills, rounds, found } = figures
  return JSON.stringify({
    options,
    announced,
    rounds,
    kills,
    firstStartMs: spread(figures.startMs.first),
    restartMs: spread(figures.startMs.restart),
    disturbedStartMs: spread(figures.startMs.disturbed),
    startUsedMs: spread(figures.startUsedMs),
    slowCrowdedStarts: figures.slowCrowdedStarts,
    databaseBackMs: spread(figures.databaseBackMs),
    resumedMs: spread(figures.resumedMs),
    stopMs: spread(figures.stopMs),
    feedMs: spread(figures.feedMs),
    faults: Object.fromEntries(faults.map((fault) => [fault, figures.count(fault)])),
    found,
  })
}
