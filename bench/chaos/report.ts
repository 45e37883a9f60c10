import { formatTable } from '../../src/cli/table.ts'
import { faults, type Fault, type Figures } from './figures.ts'

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

function timesTable(all: readonly Figures[]): string {
  const of = (name: string, pick: (figures: Figures) => readonly number[]) => [name, all.flatMap(pick)] as const
  const times = [
    of('serving after the first start', ({ startMs }) => startMs.first),
    of('serving after a restart', ({ startMs }) => startMs.restart),
    of('serving after a disturbed start', ({ startMs }) => startMs.disturbed),
    of('processor time of a start', ({ startUsedMs }) => startUsedMs),
    of('first new article after a kill', ({ resumedMs }) => resumedMs),
    of('embedded or own database back', ({ databaseBackMs }) => databaseBackMs),
    of('first new article after a return', ({ returnedMs }) => returnedMs),
    of('crawls back in an emptied Redis', ({ healedMs }) => healedMs),
    of('stopped after SIGTERM', ({ stopMs }) => stopMs),
    of('answer to a feed request', ({ feedMs }) => feedMs),
  ]
  const rows = times.flatMap(([name, values]) => {
    const each = spread(values)
    return each ? [[name, each.count, seconds(each.min), seconds(each.median), seconds(each.max)]] : []
  })
  const columns = ['times in s', 'n', 'min', 'median', 'max'].map((name, index) => ({ name, isNumber: index > 0 }))
  return formatTable(columns, rows)
}

/** What must be zero, in the columns of the table of scenes. */
const faultColumns: Readonly<Record<string, readonly Fault[]>> = {
  lost: ['neverFound', 'lost', 'torn', 'wrongTexts'],
  doubled: ['doubled'],
  guids: ['wrongGuids'],
  feeds: ['invalidFeeds', 'shorterFeeds'],
  unanswered: ['unanswered'],
  unsent: ['undelivered'],
  'given up': ['givenUpJobs'],
  overlaps: ['overlaps'],
  late: ['slowStarts', 'lateReturns'],
  ends: ['ownEnds', 'badStops'],
}

const most = (values: readonly number[]): string => (values.length === 0 ? '–' : seconds(Math.max(...values)))

function scenesTable(all: readonly Figures[]): string {
  const rows = all.map((figures) => {
    const { scene, leftOut, kills, feedMs, startMs, resumedMs, returnedMs } = figures
    if (leftOut !== null) return ['–', scene.name, 'left out']
    const counts = Object.values(faultColumns).map((of) => of.reduce((sum, fault) => sum + figures.count(fault), 0))
    const restart = spread(startMs.restart)
    const restarts = restart ? [restart.min, restart.median, restart.max].map(seconds).join(' ') : '–'
    const isFine = figures.found.length === 0
    const times = [restarts, most(resumedMs), most(returnedMs)]
    const done = [kills.length, figures.rounds, feedMs.length, figures.deliveries]
    return [isFine ? '✓' : '✗', scene.name, ...done, ...counts, ...times]
  })
  const names = ['', 'scene', 'hits', 'rounds', 'requests', 'sent', ...Object.keys(faultColumns)]
  const columns = [...names, 'restart s', 'resumed s', 'returned s'].map((name, index) => ({
    name,
    isNumber: index > 1,
  }))
  return formatTable(columns, rows)
}

/** What a person reads at the end. */
export function formatReport(all: readonly Figures[], announced: number): string {
  const sum = (pick: (figures: Figures) => number) => all.reduce((total, figures) => total + pick(figures), 0)
  const crowded = sum(({ notJudged }) => notJudged)
  const notJudged = `${crowded} times over a limit were not judged: the machine was crowded. Try again when it does nothing else`
  const leftOut = all.flatMap(({ scene, leftOut: why }) => (why === null ? [] : [`${scene.name} was left out: ${why}`]))
  const isFine = all.every(({ found }) => found.length === 0)
  return [
    `${sum(({ kills }) => kills.length)} hits in ${sum(({ rounds }) => rounds)} rounds of ${announced} announcements: ` +
      (!isFine
        ? 'promises were broken'
        : crowded > 0
          ? 'none was broken of what could be judged'
          : 'every promise was kept'),
    scenesTable(all),
    'restart: the feed is served again, min median max; resumed: the latest first new article in the feed after a kill; ' +
      'returned: after the return of a database, a Redis, a clock, room on the disk; sent: requests to a webhook, unsent: ' +
      'stories that it was not told of',
    timesTable(all),
    ...(crowded > 0 ? [notJudged] : []),
    ...leftOut,
  ].join('\n\n')
}

/** The same for programs. Times are milliseconds. */
export function toJson(all: readonly Figures[], announced: number, seed: number): string {
  const each = all.map((figures) => {
    const { scene, leftOut, kills, rounds, found } = figures
    return {
      scene: scene.name,
      setUp: scene.setUp,
      leftOut,
      rounds,
      deliveries: figures.deliveries,
      kills,
      firstStartMs: spread(figures.startMs.first),
      restartMs: spread(figures.startMs.restart),
      disturbedStartMs: spread(figures.startMs.disturbed),
      startUsedMs: spread(figures.startUsedMs),
      notJudged: figures.notJudged,
      databaseBackMs: spread(figures.databaseBackMs),
      resumedMs: spread(figures.resumedMs),
      returnedMs: spread(figures.returnedMs),
      healedMs: spread(figures.healedMs),
      stopMs: spread(figures.stopMs),
      feedMs: spread(figures.feedMs),
      faults: Object.fromEntries(faults.map((fault) => [fault, figures.count(fault)])),
      found,
    }
  })
  return JSON.stringify({ seed, announced, scenes: each })
}
