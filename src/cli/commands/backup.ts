import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { countArchive } from '../../archive/articles.ts'
import { restoreBackup, writeBackup } from '../../archive/backup.ts'
import { countProcesses } from '../../archive/source-lease.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { createContext } from '../context.ts'
import { openArchive, type OpenArchive } from '../services.ts'

async function withArchive(use: (archive: OpenArchive) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  try {
    await use(archive)
  } finally {
    await archive.close()
  }
}

function backup(file: string): Promise<void> {
  return withArchive(async ({ database }) => {
    const counts = await writeBackup(database, file, new Date())
    const size = (statSync(file).size / 2 ** 20).toFixed(1)
    process.stdout.write(`${file}: ${counts['article'] ?? 0} articles, ${counts['story'] ?? 0} stories, ${size} MB\n`)
  })
}

function restore(file: string, flags: { replace?: boolean }): Promise<void> {
  return withArchive(async ({ database }) => {
    const processes = await countProcesses(database)
    if (processes > 0) {
      throw new ConfigurationError(
        'restore.in-use',
        `Cannot restore ${file}: Newsfold works on this archive (${processes} connections). Stop it first.`,
      )
    }
    const { articles } = await countArchive(database)
    if (articles > 0 && !flags.replace) {
      throw new ConfigurationError(
        'restore.not-empty',
        `Cannot restore ${file}: the archive has ${articles} articles. Take a backup of them, then use --replace.`,
      )
    }
    const counts = await restoreBackup(database, file)
    process.stdout.write(`Restored ${counts['article'] ?? 0} articles and ${counts['story'] ?? 0} stories.\n`)
  })
}

/** `newsfold backup` and `restore`: the archive as one file. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('write the whole archive into one file, while Newsfold runs')
    .argument('<file>', 'such as newsfold.jsonl.gz')
    .action(backup)
  program
    .command('restore')
    .description('put a backup in the place of an empty archive')
    .argument('<file>', 'what "newsfold backup" wrote')
    .option('--replace', 'also when there are articles: they are gone then')
    .action(restore)
}
