import { findLastRuns } from '../../archive/runs.ts'
import { findSourceHealth } from '../../archive/source-health.ts'
import { findNextTimes } from '../../archive/source-schedules.ts'
import { formatDuration } from '../../model/duration.ts'
import { formatPerWeek } from '../../model/source-health.ts'
import type { Source } from '../../model/source.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import type { Settings } from '../../runtime/settings.ts'
import { createContext } from '../context.ts'
import { openArchive, type OpenArchive } from '../services.ts'
import { formatTable } from '../table.ts'

/** When a source is asked, in words: `every 15m`, `*\/10 8-18 * * 1-5`, `10m to 6h`. */
export function formatSchedule({ schedule, enabled }: Pick<Source, 'schedule' | 'enabled'>): string {
  if (!enabled) return 'disabled'
  const { cron, every, adaptive } = schedule
  if (cron !== undefined) return cron
  return every === undefined && adaptive
    ? `${formatDuration(adaptive.min)} to ${formatDuration(adaptive.max)}`
    : `every ${formatDuration(every ?? 0)}`
}

/** An instant as a person reads it in a table, in UTC to the minute. */
export function formatInstant(at: Date | null | undefined): string {
  return at ? at.toISOString().slice(0, 16).replace('T', ' ') : '–'
}

/** Terminals with fewer columns show no names. */
const wideColumns = 100

const ageUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** How far an instant is from now, for a table: `12m ago`, `in 9m`, `41d ago`. */
export function formatAge(at: Date | null | undefined, now: Date): string {
  if (!at) return '–'
  const ms = now.getTime() - at.getTime()
  const [unit, size] = ageUnits.find(([, size]) => Math.abs(ms) >= size) ?? ['m', 60_000]
  const count = `${Math.floor(Math.abs(ms) / size)}${unit}`
  return ms < 0 ? `in ${count}` : `${count} ago`
}

/** Of all sources: last runs, health, schedules. Closes the archive. */
async function facts(archive: OpenArchive) {
  const { database } = archive
  try {
    return await Promise.all([findLastRuns(database), findSourceHealth(database), findNextTimes(database)])
  } finally {
    await archive.close()
  }
}

/** Ready-made sources that may be taken over by `source add <id>`. */
function listCatalogue(settings: Settings, isJson: boolean): void {
  const { sources, broken } = readSourceFiles(settings.NEWSFOLD_CONFIG, 'catalogue')
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ sources, broken }, null, 2)}\n`)
    return
  }
  const rows = sources.map(({ id, language, tags, verified, name }) => [
    id,
    language,
    tags.join(', '),
    verified ?? 'not yet',
    name,
  ])
  const columns = ['source', 'language', 'tags', 'verified', 'name'].map((name) => ({ name }))
  process.stdout.write(`${formatTable(columns, rows)}\n"newsfold source add <source>" takes one over.\n`)
  for (const { problem } of broken) process.stdout.write(`✗ ${problem}\n`)
}

/** `newsfold source list`: what is read, how it is, and when it is read next. */
export async function listSources(flags: { json?: boolean; catalogue?: boolean }): Promise<void> {
  const { settings, log } = createContext('error')
  if (flags.catalogue) return listCatalogue(settings, flags.json === true)
  const { sources, broken } = readSourceFiles(settings.NEWSFOLD_CONFIG)
  // Somebody waits for the table: a database that is away is said at once.
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  const [runs, healths, nextOf] = await facts(archive)
  const runOf = new Map(runs.map((run) => [run.sourceId, run]))
  const healthOf = new Map(healths.map((health) => [health.sourceId, health]))
  if (flags.json) {
    const all = sources.map((source) => ({
      source,
      lastRun: runOf.get(source.id) ?? null,
      health: healthOf.get(source.id) ?? null,
      nextRunAt: nextOf.get(source.id) ?? null,
    }))
    process.stdout.write(`${JSON.stringify({ sources: all, broken }, null, 2)}\n`)
    return
  }
  const now = new Date()
  // Commands take ids: where there is room for one of the two, it is the id's.
  const isWide = (process.stdout.columns ?? wideColumns) >= wideColumns
  const rows = sources.map((source) => {
    const health = healthOf.get(source.id)
    return [
      source.id,
      source.kind,
      formatSchedule(source),
      runOf.has(source.id) ? formatAge(runOf.get(source.id)?.finishedAt, now) : 'never',
      formatAge(health?.lastNewAt, now),
      formatPerWeek(health?.perWeek),
      health?.state ?? '–',
      formatAge(nextOf.get(source.id), now),
      ...(isWide ? [source.name] : []),
    ]
  })
  const columns = [
    { name: 'source' },
    { name: 'kind' },
    { name: 'schedule' },
    { name: 'last run' },
    { name: 'newest' },
    { name: 'a week', isNumber: true },
    { name: 'health' },
    { name: 'next' },
    ...(isWide ? [{ name: 'name' }] : []),
  ]
  process.stdout.write(`${formatTable(columns, rows)}\n`)
  for (const source of sources) {
    const health = healthOf.get(source.id)
    if (health && health.state !== 'healthy' && source.enabled) {
      process.stdout.write(`! ${source.id} is ${health.state} since ${formatInstant(health.since)}: ${health.reason}\n`)
    }
  }
  for (const { problem } of broken) process.stdout.write(`✗ left out: ${problem}\n`)
}
