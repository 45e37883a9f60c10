import { Command, CommanderError } from 'commander'
import { ConfigurationError, describeError, NewsfoldError } from '../model/errors.ts'
import { version } from './version.ts'

type Add = (program: Command) => void

/** Each is loaded when it is called: reading one page needs no queue, and a command starts in half the time. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  demo: async () => (await import('./commands/demo.ts')).addDemo,
  start: async () => (await import('./commands/start.ts')).addStart,
  work: async () => (await import('./commands/start.ts')).addStart,
  serve: async () => (await import('./commands/start.ts')).addStart,
  crawl: async () => (await import('./commands/crawl.ts')).addCrawl,
  extract: async () => (await import('./commands/extract.ts')).addExtract,
  source: async () => (await import('./commands/source.ts')).addSource,
  feed: async () => (await import('./commands/feed.ts')).addFeed,
  export: async () => (await import('./commands/export.ts')).addExport,
  story: async () => (await import('./commands/story.ts')).addStory,
  queue: async () => (await import('./commands/queue.ts')).addQueue,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/backup.ts')).addBackup,
  status: async () => (await import('./commands/status.ts')).addStatus,
  archive: async () => (await import('./commands/archive.ts')).addArchive,
  alerts: async () => (await import('./commands/alerts.ts')).addAlerts,
  try: async () => (await import('./commands/try.ts')).addTry,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
}

const isVersionAsked = (asked: string | undefined): boolean => asked === '--version' || asked === '-V'

async function addCommands(program: Command, asked: string | undefined): Promise<void> {
  const one = asked === undefined ? undefined : commands[asked]
  const loaders = one ? [one] : isVersionAsked(asked) ? [] : Object.values(commands)
  for (const add of new Set(await Promise.all(loaders.map((load) => load())))) add(program)
}

/** 1: it failed; 2: it was called or configured wrongly. */
function exitCodeOf(error: unknown): number {
  return error instanceof ConfigurationError ? 2 : 1
}

const program = new Command('newsfold')
  .description('Turns places that announce things into clean, deduplicated feeds.')
  .version(version)
  .showHelpAfterError('Run "newsfold --help" for the commands.')
  .exitOverride()

try {
  await addCommands(program, process.argv[2])
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

/** What is still open now was forgotten: it must not keep the process. */
const leaveWithinMs = 3000
setTimeout(() => process.exit(), leaveWithinMs).unref()
