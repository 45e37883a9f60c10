import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerFolder } from './data-folder.ts'
import { isAlive, readPostmasterFile } from './postmaster-file.ts'
import { connectionString, findUnready, livePort, pollMs, probeName, withClient } from './probe.ts'

/** The server takes a moment to forget a connection that was closed. */
const forgetMs = 1000

/**
 * Whether other processes use the server, those aside that are about to leave as well.
 * @param wasUnready then they come again first
 */
async function hasOthers(url: string, wasUnready: boolean): Promise<boolean> {
  return withClient(url, async (client) => {
    for (let waited = 0; ; waited += pollMs) {
      const { rows } = await client.query<{ others: number }>(
        `select count(*)::int as others from pg_stat_activity
         where backend_type = 'client backend' and application_name <> $1`,
        [probeName],
      )
      const isUsed = rows[0]?.others !== 0
      if (waited >= forgetMs || (!isUsed && !wasUnready)) return isUsed
      await sleep(pollMs)
    }
  })
}

/** Does nothing when another process, which is leaving too, was faster. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (isAlive(pid)) throw error
  }
}

/** What is usual; a shutdown writes down what is in memory. */
export const stopWithinMs = 9000
/** Of that, for what does without: it writes nothing. */
const immediateMs = 500

async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs
  while (isAlive(pid) && performance.now() < giveUpAt) await sleep(pollMs)
  return !isAlive(pid)
}

/** @returns the server that is asked to end; `null`: there is none, or others use it */
async function askToEnd(folder: ServerFolder): Promise<number | null> {
  let port: number | null = null
  let wasUnready = false
  // In this order: it may be ready a moment later.
  for (let isUnready = true; isUnready && !port;) {
    isUnready = (await findUnready(folder)) !== null
    wasUnready ||= isUnready
    port = await livePort(folder)
    if (isUnready && !port) await sleep(pollMs)
  }
  const file = readPostmasterFile(folder.data)
  if (!file || !port) return null
  try {
    if (await hasOthers(connectionString(folder, port), wasUnready)) return null
  } catch (error) {
    // Stopped by another process at this very moment.
    if (await livePort(folder)) throw error
  }
  // PostgreSQL's fast shutdown.
  signal(file.pid, 'SIGINT')
  return file.pid
}

/** A start of a server that was found dead. */
export interface Restart {
  readonly ended: Promise<void>
  giveUp(): void
}

interface Stopping {
  readonly withinMs: number
  readonly restart: Restart | null
  /** Whether the server was started here. */
  readonly isOwn: boolean
}

/**
 * Stops the server unless another process uses it. What does not end in time is ended without writing anything down:
 * it recovers at its next start.
 */
export async function stopServer(folder: ServerFolder, { withinMs, restart, isOwn }: Stopping): Promise<void> {
  const giveUpAt = performance.now() + withinMs - immediateMs
  const unready = sleep(withinMs - immediateMs, null, { ref: false }).then(() => {
    restart?.giveUp()
    // One that others wait for, or that does not answer at all, is left to them and to whoever starts next.
    const isLate = sleep(immediateMs, null, { ref: false })
    return isOwn || restart ? Promise.race([findUnready(folder), isLate]) : null
  })
  const pid = await Promise.race([Promise.resolve(restart?.ended).then(() => askToEnd(folder)), unready])
  if (pid === null || (await hasEnded(pid, giveUpAt - performance.now()))) return
  // Its immediate shutdown. What was committed is in its write-ahead log.
  signal(pid, 'SIGQUIT')
  await hasEnded(pid, immediateMs)
}
