import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigurationError } from '../../model/errors.ts'
import { checkPrivacy, readFeedsFile, readSourceFiles } from '../../runtime/config-files.ts'
import { exportSite } from '../../server/export-site.ts'
import { createContext } from '../context.ts'
import { openArchive } from '../services.ts'
import { version } from '../version.ts'

interface Flags {
  readonly url?: string
  readonly json?: boolean
}

function publicUrlOf(flag: string | undefined, setting: string | null): string | null {
  if (flag === undefined) return setting
  if (URL.canParse(flag) && /^https?:/.test(flag)) return flag
  throw new ConfigurationError(
    'export.bad-url',
    `--url: expected an address such as https://news.example.org, got "${flag}"`,
  )
}

async function run(folder: string, flags: Flags): Promise<void> {
  const { settings, log } = createContext('warn')
  const publicUrl = publicUrlOf(flags.url, settings.NEWSFOLD_PUBLIC_URL)
  // Files have no doors.
  const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG).filter((feed) => !feed.private)
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  checkPrivacy(files)
  const { sources } = files
  const archive = await openArchive(settings, log)
  try {
    const { database } = archive
    const outcome = await exportSite({
      database,
      feeds,
      sources,
      folder: resolve(folder),
      publicUrl,
      hubs: settings.NEWSFOLD_HUBS,
      version,
      now: () => new Date(),
    })
    const { written, unchanged, removed } = outcome
    const line = `${resolve(folder)}: ${written} files written, ${unchanged} unchanged, ${removed} removed`
    process.stdout.write(`${flags.json ? JSON.stringify(outcome) : line}\n`)
    if (publicUrl === null && !flags.json) {
      process.stdout.write(
        'Without --url or NEWSFOLD_PUBLIC_URL feeds do not name their own address, and there is no feeds.opml.\n',
      )
    }
  } finally {
    await archive.close()
  }
}

/** `newsfold export <dir>`: feeds, pages and stories as files for any web server. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('write feeds, pages and stories as files for any web server; again: only what has changed')
    .argument('<folder>')
    .option('--url <address>', 'where readers will find the folder')
    .option('--json', 'as JSON')
    .action(run)
}
