import { findRecentRuns } from '../../archive/runs.ts'
import { findHealthChanges, findHealthOf } from '../../archive/source-health.ts'
import { formatPerWeek } from '../../model/source-health.ts'
import { readSourceFiles, sourceFile } from '../../runtime/config-files.ts'
import { writeEnabled } from '../../runtime/edit-source.ts'
import { createContext } from '../context.ts'
import { findSource } from '../find-source.ts'
import { formatRun } from '../run-line.ts'
import { openArchive, type OpenArchive } from '../services.ts'
import { formatInstant, formatSchedule } from './source-list.ts'

const shownRuns = 5
const shownChanges = 5

const say = (name: string, text: string) => process.stdout.write(`${name.padEnd(10)} ${text}\n`)

async function facts(archive: OpenArchive, id: string) {
  try {
    const { database } = archive
    return {
      health: await findHealthOf(database, id),
      changes: await findHealthChanges(database, id, shownChanges),
      runs: await findRecentRuns(database, id, shownRuns),
    }
  } finally {
    await archive.close()
  }
}

/** `newsfold source show`: one source, how it is and how it came to that. */
export async function showSource(id: string, flags: { json?: boolean }): Promise<void> {
  const { settings, log } = createContext('error')
  const source = findSource(readSourceFiles(settings.NEWSFOLD_CONFIG), id)
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  const { health, changes, runs } = await facts(archive, id)
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ source, health, changes, runs }, null, 2)}\n`)
    return
  }
  say('name', source.name)
  say('file', sourceFile(settings.NEWSFOLD_CONFIG, id))
  for (const listing of source.listings) say('listing', `${listing.url} (${listing.kind ?? source.kind})`)
  say('schedule', formatSchedule(source))
  say('tags', source.tags.join(', ') || '–')
  const why = health?.reason ? `: ${health.reason}` : ''
  say('health', health ? `${health.state} since ${formatInstant(health.since)}${why}` : 'not crawled yet')
  say('rhythm', `${formatPerWeek(health?.perWeek)} a week, the last one ${formatInstant(health?.lastNewAt)}`)
  for (const { at, before, after, reason } of changes) {
    say('change', `${formatInstant(at)}  ${before ?? 'new'} → ${after}${reason ? `: ${reason}` : ''}`)
  }
  for (const run of runs) {
    say('run', `${formatInstant(run.finishedAt)}  ${formatRun(run)}`)
    for (const error of run.errors) say('', `  ${error}`)
  }
}

/** `newsfold source enable` and `disable`: changes one word in the source's file. */
export function switchSource(id: string, isEnabled: boolean): void {
  const { settings } = createContext('error')
  findSource(readSourceFiles(settings.NEWSFOLD_CONFIG), id)
  const file = sourceFile(settings.NEWSFOLD_CONFIG, id)
  const state = isEnabled ? 'enabled' : 'disabled'
  const isChanged = writeEnabled(file, isEnabled)
  process.stdout.write(
    isChanged
      ? `✓ ${id} is ${state} (${file}); a running "start" takes it up when it is started anew\n`
      : `${id} is ${state} already\n`,
  )
}
