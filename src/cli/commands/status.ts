import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { withoutPassword } from '../../model/without-password.ts'
import { openSourceFolder } from '../../runtime/source-folder.ts'
import { createContext } from '../context.ts'
import { findOverview, type Overview } from '../overview.ts'
import { databaseTrouble, openArchive, openCommandQueues } from '../services.ts'
import { awayScreen, statusScreen, type DatabaseAway } from '../status-screen.ts'
import { withStopSignals, type StopSignals } from '../stop-signals.ts'
import { version } from '../version.ts'

interface StatusFlags {
  readonly watch?: boolean
  readonly json?: boolean
}

const watchMs = 2000
/** Whoever watches sees the rest meanwhile. */
const queuePatienceMs = 3000
/** A database that hangs refuses nothing. */
const databasePatienceMs = 15_000
const closeWithinMs = 3000
/** Of a terminal that does not say how wide it is. */
const usualWidth = 80

/** The whole, or why nothing can be said of it. */
type Seen = Overview | DatabaseAway

function write(seen: Seen, flags: StatusFlags): void {
  const width = process.stdout.columns ?? usualWidth
  const isAway = 'reason' in seen
  // Home and clear: what was there flickers less than a screen of its own.
  if (flags.watch && !flags.json) process.stdout.write('\u001B[H\u001B[2J')
  if (!flags.json) {
    process.stdout.write(isAway ? awayScreen(seen, new Date(), width) : statusScreen(seen, width))
    return
  }
  const line = isAway ? { version, at: new Date(), away: seen } : { ...seen, away: null }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** @returns looks again and again: a database that was there before may be away for a while */
function patientLook(look: () => Promise<Overview>, address: string): () => Promise<Seen> {
  let since: Date | null = null
  let wasThere = false
  return async () => {
    const at = new Date()
    try {
      const overview = await Promise.race([look(), sleep(databasePatienceMs, null, { ref: false })])
      const isSilent = overview === null
      if (!isSilent) {
        wasThere = true
        since = null
        return overview
      }
      return { address, since: (since ??= at), reason: `no answer within ${databasePatienceMs / 1000} s` }
    } catch (error) {
      const reason = databaseTrouble(error)
      if (reason === null || !wasThere) throw error
      return { address, since: (since ??= at), reason }
    }
  }
}

async function run(flags: StatusFlags, signals: StopSignals): Promise<void> {
  const { settings, log } = createContext('error')
  const folder = openSourceFolder(settings.NEWSFOLD_CONFIG, log)
  // Somebody waits for the screen: a database that is away is said at once.
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  const { database } = archive
  try {
    const queues = await openCommandQueues(settings, database, log, flags.watch ? queuePatienceMs : undefined)
    const look = async (): Promise<Overview> => findOverview(settings, database, queues, folder)
    try {
      if (!flags.watch) {
        write(await look(), flags)
        return
      }
      const lookAgain = patientLook(look, withoutPassword(database.connectionString))
      while (!signals.isAsked()) {
        // What is known of the files goes on where they cannot be read.
        await folder.look().catch(() => null)
        const seen = await Promise.race([lookAgain(), signals.asked])
        if (seen) write(seen, flags)
        await Promise.race([signals.asked, sleep(watchMs, undefined, { ref: false })])
      }
    } finally {
      await queues.close()
    }
  } finally {
    folder.close()
    // Who has asked for the end of a watch does not wait for a database that hangs.
    await archive.close(flags.watch ? closeWithinMs : undefined)
  }
}

/** `newsfold status`: the whole on one screen. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the whole on one screen: archive, queue, sources, schedules, the last hour, alerts')
    .option('--watch', 'again every two seconds, until Ctrl-C; a database that goes away is waited for')
    .option('--json', 'as JSON, one object a line')
    .action((flags: StatusFlags) => withStopSignals((signals) => run(flags, signals)))
}
