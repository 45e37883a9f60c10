import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { UnreachableError } from '../../model/errors.ts'
import { findBinaries } from './binaries.ts'
import { folderArgument, prepareServerFolder, type ServerFolder } from './data-folder.ts'
import { freePort } from './free-port.ts'
import { disownPostmasterFile, isAlive, readPostmasterFile } from './postmaster-file.ts'
import { connectionString, isStarting, livePort, pollMs } from './probe.ts'
import { stopServer, stopWithinMs, type Restart } from './stop-server.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

/** The PostgreSQL of one data folder, shared by all commands that use the folder. */
export interface EmbeddedServer {
  readonly connectionString: string
  /** Whether this process started it; `false`: it was running already, perhaps since a killed process. */
  readonly isStartedHere: boolean
  /** Starts it again whenever it is found dead, until `stop` is called. */
  watch(): void
  /**
   * Stops the server unless another process still uses it. All connections of this process must be closed.
   * @param withinMs one that takes longer to write everything down is ended, and recovers at its next start; at least 600
   */
  stop(withinMs?: number): Promise<void>
}

/** After a kill -9 a start fails while children of the killed server are at work. Recovery may take longer. */
const startDeadlineMs = 60_000
/** One that does not start says why in its log every time. */
const startAgainMs = 100
/** A dead server is noticed within this time. */
const watchMs = 500

function preferredPort(folder: ServerFolder): number | null {
  try {
    return Number(readFileSync(join(folder.root, 'port'), 'utf8')) || null
  } catch {
    return null
  }
}

/** Settings that matter here; everything else is PostgreSQL's default. */
function serverArguments(folder: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    // The archive must not lose what it acknowledged, so fsync and synchronous_commit stay on.
    log_checkpoints: 'off',
    idle_in_transaction_session_timeout: '60s',
  }
  return ['-D', folder, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])]
}

interface Running {
  readonly folder: ServerFolder
  readonly port: number
  /** Whether it was started now. */
  readonly isStarted: boolean
}

async function startOrAttach(dataFolder: string, signal?: AbortSignal): Promise<Running> {
  const user = unprivilegedUser()
  const binaries = findBinaries(user)
  const folder = await prepareServerFolder(dataFolder, binaries, user)
  const deadline = performance.now() + startDeadlineMs
  let child: { exited: boolean } | null = null
  for (;;) {
    const port = await livePort(folder)
    signal?.throwIfAborted()
    if (port) {
      writeFileSync(join(folder.root, 'port'), String(port))
      return { folder, port, isStarted: child !== null && !child.exited }
    }
    if (performance.now() > deadline) throw new UnreachableError('archive.embedded-start', notStarted(folder))
    const file = readPostmasterFile(folder.data)
    if (child?.exited !== false && !(file && isAlive(file.pid) && child === null && (await isStarting(file.port)))) {
      disownPostmasterFile(folder.data)
      if (child) await sleep(startAgainMs)
      const ownPort = await freePort(preferredPort(folder))
      signal?.throwIfAborted()
      child = spawnServer(binaries.postgres, folder, { port: ownPort, user, signal })
    }
    await sleep(pollMs)
  }
}

function notStarted(folder: ServerFolder): string {
  const log = readFileSync(folder.log, 'utf8').trim().split('\n').slice(-3).join(' | ')
  return (
    `The embedded PostgreSQL in ${folder.data} did not start within ${startDeadlineMs / 1000} s. ` +
    `Its log ${folder.log} ends with: ${log}. Run "newsfold doctor", or set DATABASE_URL to another PostgreSQL.`
  )
}

interface Spawning {
  readonly port: number
  readonly user: ReturnType<typeof unprivilegedUser>
  /** Ends it. */
  readonly signal: AbortSignal | undefined
}

function spawnServer(program: string, folder: ServerFolder, { port, user, signal }: Spawning) {
  const log = openSync(folder.log, 'a')
  const state = { exited: false }
  // Detached: Ctrl-C in the terminal must reach Newsfold first, which stops the server when its work is put away.
  const child = spawn(program, serverArguments(folderArgument(folder.data, user), port), {
    ...user,
    cwd: folder.data,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  child.once('error', () => (state.exited = true))
  child.once('exit', () => (state.exited = true))
  // Its immediate shutdown: what was committed is in its write-ahead log.
  signal?.addEventListener('abort', () => child.kill('SIGQUIT'), { once: true })
  child.unref()
  return state
}

function startAgain(dataFolder: string, log: Logger): Restart {
  const abort = new AbortController()
  let isOver = false
  const ended = startOrAttach(dataFolder, abort.signal)
    .then((again) => log.info({ port: again.port }, 'postgres.restarted'))
    .catch((error: unknown) => {
      if (!abort.signal.aborted) log.error({ err: error }, 'postgres.restart-failed')
    })
    .finally(() => (isOver = true))
  const giveUp = (): void => {
    // Others may use it by now.
    if (!isOver) abort.abort()
  }
  return { ended, giveUp }
}

/**
 * A running PostgreSQL on this data folder: one that is there already, else a new one.
 * @throws {ConfigurationError} no binaries for this system, or the folder cannot be used
 * @throws {UnreachableError} it does not start; the message ends with its own last words
 */
export async function openEmbeddedServer(dataFolder: string, log: Logger): Promise<EmbeddedServer> {
  const { folder, port, isStarted } = await startOrAttach(dataFolder)
  let timer: NodeJS.Timeout | null = null
  let restart: Restart | null = null

  const check = (): void => {
    const file = readPostmasterFile(folder.data)
    if (restart || (file && isAlive(file.pid))) return
    log.warn({ folder: folder.data }, 'postgres.died')
    restart = startAgain(dataFolder, log)
    void restart.ended.then(() => (restart = null))
  }

  return {
    connectionString: connectionString(folder, port),
    isStartedHere: isStarted,
    watch: () => {
      timer ??= setInterval(check, watchMs).unref()
    },
    stop: async (withinMs = stopWithinMs) => {
      if (timer) clearInterval(timer)
      await stopServer(folder, { withinMs, restart, isOwn: isStarted })
    },
  }
}
