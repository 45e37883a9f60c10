import { Command, CommanderError } from 'commander'
import { ConfigurationError, describeError, NewsfoldError } from '../model/errors.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addExtract } from './commands/extract.ts'
import { addCrawl } from './commands/crawl.ts'
import { addFeed } from './commands/feed.ts'
import { addQueue } from './commands/queue.ts'
import { addSource } from './commands/source.ts'
import { addStory } from './commands/story.ts'
import { addStart } from './commands/start.ts'
import { version } from './version.ts'

/** 1: it failed; 2: it was called or configured wrongly. */
function exitCodeOf(error: unknown): number {
  return error instanceof ConfigurationError ? 2 : 1
}

const program = new Command('newsfold')
  .description('Turns places that announce things into clean, deduplicated feeds.')
  .version(version)
  .showHelpAfterError('Run "newsfold --help" for the commands.')
  .exitOverride()

for (const add of [
  addDemo,
  addStart,
  addCrawl,
  addExtract,
  addSource,
  addFeed,
  addExport,
  addStory,
  addQueue,
  addDoctor,
])
  add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    process.stderr.write(`${describeError(error)}\n`)
    if (!(error instanceof NewsfoldError) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
