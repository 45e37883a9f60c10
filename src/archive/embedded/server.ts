import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Logger } from 'pino'
import { UnreachableError } from '../../model/errors.ts'
import { findBinaries } from './binaries.ts'
import { folderArgument, prepareServerFolder, serverUser, type ServerFolder } from './data-folder.ts'
import { freePort } from './free-port.ts'
import { disownPostmasterFile, isAlive, readPostmasterFile, systemIdentifier } from './postmaster-file.ts'
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
/** A server that has nothing to recover takes a tenth of a second. */
const pollMs = 25
/** One that does not start says why in its log every time. */
const startAgainMs = 100
/** A dead server is noticed within this time. */
const watchMs = 500

function connectionString(folder: ServerFolder, port: number): string {
  const password = encodeURIComponent(readFileSync(folder.password, 'utf8').trim())
  return `postgresql://${serverUser}:${password}@127.0.0.1:${port}/postgres`
}

/** Connections that only look; they do not count as users of the server. */
const probeName = 'newsfold-probe'

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, application_name: probeName })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The port of a server that answers on this data folder with its password; `null` when none does. */
async function livePort(folder: ServerFolder): Promise<number | null> {
  const file = readPostmasterFile(folder.data)
  if (!file) return null
  try {
    const identifier = await withClient(connectionString(folder, file.port), async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'select system_identifier::text as id from pg_control_system()',
      )
      return rows[0]?.id
    })
    return identifier === systemIdentifier(folder.data) ? file.port : null
  } catch {
    return null
  }
}

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
    shared_buffers: '128MB',
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
      child = spawnServer(binaries.postgres, folder, await freePort(preferredPort(folder)), user)
    }
    await sleep(pollMs)
  }
}

/** Whether something answers on the port: a server that is still starting up or shutting down. */
function isStarting(port: number): Promise<boolean> {
  return withClient(`postgresql://nobody@127.0.0.1:${port}/postgres`, () => Promise.resolve(true)).catch(
    (error: unknown) => error instanceof Error && 'code' in error && error.code === '57P03',
  )
}

function notStarted(folder: ServerFolder): string {
  const log = readFileSync(folder.log, 'utf8').trim().split('\n').slice(-3).join(' | ')
  return (
    `The embedded PostgreSQL in ${folder.data} did not start within ${startDeadlineMs / 1000} s. ` +
    `Its log ${folder.log} ends with: ${log}. Run "newsfold doctor", or set DATABASE_URL to another PostgreSQL.`
  )
}

function spawnServer(program: string, folder: ServerFolder, port: number, user: ReturnType<typeof unprivilegedUser>) {
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
  child.unref()
  return state
}

/** The server takes a moment to forget a connection that was closed. */
const forgetMs = 1000

/** Whether other processes use the server, those aside that are about to leave as well. */
async function hasOthers(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    for (let waited = 0; ; waited += pollMs) {
      const { rows } = await client.query<{ others: number }>(
        `select count(*)::int as others from pg_stat_activity
         where backend_type = 'client backend' and application_name <> $1`,
        [probeName],
      )
      if (rows[0]?.others === 0) return false
      if (waited >= forgetMs) return true
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
const stopWithinMs = 9000
/** Of that, for what does without: it writes nothing. */
const immediateMs = 500

async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs
  while (isAlive(pid) && performance.now() < giveUpAt) await sleep(pollMs)
  return !isAlive(pid)
}

/** The server that is starting up, perhaps from a crash, or shutting down; `null`: there is none. */
async function findUnready({ data }: ServerFolder): Promise<number | null> {
  const file = readPostmasterFile(data)
  return file && isAlive(file.pid) && (await isStarting(file.port)) ? file.pid : null
}

/** @returns the server that is asked to end; `null`: there is none, or others use it */
async function askToEnd(folder: ServerFolder): Promise<number | null> {
  let port: number | null = null
  // In this order: it may be ready a moment later.
  for (let isUnready = true; isUnready && !port;) {
    isUnready = (await findUnready(folder)) !== null
    port = await livePort(folder)
    if (isUnready && !port) await sleep(pollMs)
  }
  const file = readPostmasterFile(folder.data)
  if (!file || !port) return null
  try {
    if (await hasOthers(connectionString(folder, port))) return null
  } catch (error) {
    // Stopped by another process at this very moment.
    if (await livePort(folder)) throw error
  }
  // PostgreSQL's fast shutdown.
  signal(file.pid, 'SIGINT')
  return file.pid
}

async function stopServer(folder: ServerFolder, restart: Restart | null, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs - immediateMs
  const late = sleep(withinMs - immediateMs, null, { ref: false }).then(() => {
    restart?.giveUp()
    // Nobody uses what is not ready. One that does not answer at all is left to whoever starts next.
    return findUnready(folder)
  })
  const pid = await Promise.race([Promise.resolve(restart?.ended).then(() => askToEnd(folder)), late])
  if (pid === null || (await hasEnded(pid, giveUpAt - performance.now()))) return
  // Its immediate shutdown. What was committed is in its write-ahead log.
  signal(pid, 'SIGQUIT')
  await hasEnded(pid, immediateMs)
}

interface Restart {
  readonly ended: Promise<void>
  giveUp(): void
}

function startAgain(dataFolder: string, log: Logger): Restart {
  const abort = new AbortController()
  const ended = startOrAttach(dataFolder, abort.signal)
    .then((again) => log.info({ port: again.port }, 'postgres.restarted'))
    .catch((error: unknown) => {
      if (!abort.signal.aborted) log.error({ err: error }, 'postgres.restart-failed')
    })
  return { ended, giveUp: () => abort.abort() }
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
      await stopServer(folder, restart, withinMs)
    },
  }
}
