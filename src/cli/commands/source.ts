import type { Command } from 'commander'
import { findLastRuns } from '../../archive/runs.ts'
import { formatDuration } from '../../model/duration.ts'
import type { Source } from '../../model/source.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import { createContext } from '../context.ts'
import { formatRun } from '../run-line.ts'
import { openArchive } from '../services.ts'
import { formatTable } from '../table.ts'
import { addSourceFile } from './source-add.ts'

function scheduleOf({ schedule, enabled }: Source): string {
  if (!enabled) return 'disabled'
  return schedule.cron ?? `every ${formatDuration(schedule.every ?? 0)}`
}

async function list(flags: { json?: boolean }): Promise<void> {
  const { settings, log } = createContext('error')
  const { sources, broken } = readSourceFiles(settings.NEWSFOLD_CONFIG)
  // Somebody waits for the table: a database that is away is said at once.
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  const runs = new Map((await findLastRuns(archive.database)).map((run) => [run.sourceId, run]))
  await archive.close()
  if (flags.json) {
    const all = sources.map((source) => ({ source, lastRun: runs.get(source.id) ?? null }))
    process.stdout.write(`${JSON.stringify({ sources: all, broken }, null, 2)}\n`)
    return
  }
  const rows = sources.map((source) => {
    const run = runs.get(source.id)
    const at = run ? run.finishedAt.toISOString().slice(0, 16).replace('T', ' ') : 'never'
    return [source.id, source.kind, scheduleOf(source), at, run ? formatRun(run) : '', source.name]
  })
  const columns = ['source', 'kind', 'schedule', 'last run (UTC)', 'result', 'name'].map((name) => ({ name }))
  process.stdout.write(`${formatTable(columns, rows)}\n`)
  for (const { problem } of broken) process.stdout.write(`✗ left out: ${problem}\n`)
}

/** `newsfold source`: what is read, and what may be done about it. */
export function addSource(program: Command): void {
  const source = program.command('source').description('the sources that are read')
  source
    .command('list')
    .description('all of them, and how their last runs went')
    .option('--json', 'as JSON')
    .action(list)
  source
    .command('add')
    .description('find where a site lists its announcements, and write its source file')
    .argument('<address>', 'of a site, a list page or a feed')
    .option('--yes', 'write it without asking')
    .option('--id <id>', 'its name in config/sources; made of the host when absent')
    .action(addSourceFile)
}
