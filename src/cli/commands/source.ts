import type { Command } from 'commander'
import type { addSourceFile } from './source-add.ts'
import type { listSources } from './source-list.ts'
import type { showSource } from './source-show.ts'
import type { recordSourceFile, testSources } from './source-test.ts'

/** `newsfold source`: what is read, and what may be done about it. Listing them need not load what reads them. */
export function addSource(program: Command): void {
  const source = program.command('source').description('the sources that are read')
  source
    .command('list')
    .description('all of them, and how their last runs went')
    .option('--catalogue', 'ready-made ones, which "source add <id>" takes over')
    .option('--json', 'as JSON')
    .action(async (...given: Parameters<typeof listSources>) =>
      (await import('./source-list.ts')).listSources(...given),
    )
  source
    .command('add')
    .description('find where a site lists its announcements, and write its source file')
    .argument('<address>', 'of a site, a list page or a feed; or the id of one of the catalogue')
    .option('--yes', 'write it without asking')
    .option('--browser', 'have a Chromium render its pages, for sites that only scripts write')
    .option('--id <id>', 'its name in config/sources; made of the host when absent')
    .action(async (...given: Parameters<typeof addSourceFile>) =>
      (await import('./source-add.ts')).addSourceFile(...given),
    )
  source
    .command('show')
    .description('one of them: its health and its last runs')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action(async (...given: Parameters<typeof showSource>) => (await import('./source-show.ts')).showSource(...given))
  source
    .command('enable')
    .description('read it on schedule')
    .argument('<id>')
    .action(async (id: string) => (await import('./source-show.ts')).switchSource(id, true))
  source
    .command('disable')
    .description('leave it alone')
    .argument('<id>')
    .action(async (id: string) => (await import('./source-show.ts')).switchSource(id, false))
  source
    .command('test')
    .description('read the recorded pages of one again and compare; --live: its listing and three articles now')
    .argument('[id]')
    .option('--live', 'ask its server; notes the day in its file when all is well')
    .option('--all', 'every source')
    .option('--catalogue', 'with --live: those of the catalogue')
    .action(async (...given: Parameters<typeof testSources>) =>
      (await import('./source-test.ts')).testSources(...given),
    )
  source
    .command('record')
    .description('keep its listing and three articles for tests')
    .argument('<id>')
    .action(async (...given: Parameters<typeof recordSourceFile>) =>
      (await import('./source-test.ts')).recordSourceFile(...given),
    )
}
