import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { platform } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '../../model/errors.ts'
import type { PostgresBinaries } from './binaries.ts'
import { isAlive } from './postmaster-file.ts'
import type { SystemUser } from './unprivileged-user.ts'

/** Where the embedded server keeps things, below Newsfold's data folder. */
export interface ServerFolder {
  /** Holds everything below. */
  readonly root: string
  /** PostgreSQL's own data folder. */
  readonly data: string
  readonly password: string
  readonly log: string
}

export const serverUser = 'newsfold'

/**
 * How the server is told its data folder. As root it runs as another user, who may not be allowed to walk there
 * (a checkout below /root): then it starts inside the folder and names it by the one path that needs no walking.
 */
export function folderArgument(data: string, user: SystemUser | null): string {
  return user && platform() === 'linux' ? '/proc/self/cwd' : data
}

function ownBy(path: string, user: SystemUser | null): void {
  if (user) chownSync(path, user.uid, user.gid)
}

/** Whole or not there at all, and only one of several processes that start at the same moment makes it. */
function createPassword(folder: ServerFolder, user: SystemUser | null): void {
  if (existsSync(folder.password)) return
  const fresh = `${folder.password}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  writeFileSync(fresh, randomBytes(24).toString('base64url'), { mode: 0o600 })
  ownBy(fresh, user)
  try {
    linkSync(fresh, folder.password)
  } catch {
    // Somebody else made it, or the file system knows no links.
    if (!existsSync(folder.password)) renameSync(fresh, folder.password)
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** What a killed process left half made. */
function removeAbandoned(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = /^data\.new-(\d+)-/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) {
      // Its initdb may still be writing.
      rmSync(join(root, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
  }
}

async function runInitdb(folder: ServerFolder, data: string, binaries: PostgresBinaries, user: SystemUser | null) {
  const password = openSync(folder.password, 'r')
  const viaDescriptor = platform() === 'linux'
  try {
    const child = spawn(
      binaries.initdb,
      [
        '-D',
        folderArgument(data, user),
        `--username=${serverUser}`,
        '--auth=scram-sha-256',
        `--pwfile=${viaDescriptor ? '/proc/self/fd/3' : folder.password}`,
        // The same on every system, whatever locales it has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--encoding=UTF8',
        '--no-instructions',
      ],
      { ...user, cwd: data, env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe', password] },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (status !== 0) {
      throw new ConfigurationError(
        'archive.initdb-failed',
        `Cannot create the embedded database in ${folder.root}: initdb ended with ${status}: ${output.trim().slice(-500)}. ` +
          'Check that the folder is writable and has 200 MB free, or set NEWSFOLD_DATA to another one.',
      )
    }
  } finally {
    closeSync(password)
  }
}

/**
 * Makes the server's data folder if there is none. Processes that do so at the same moment agree on one.
 * @throws {ConfigurationError} the folder cannot be written
 */
export async function prepareServerFolder(
  dataFolder: string,
  binaries: PostgresBinaries,
  user: SystemUser | null,
): Promise<ServerFolder> {
  const root = join(dataFolder, 'postgres')
  const folder = { root, data: join(root, 'data'), password: join(root, 'password'), log: join(root, 'server.log') }
  try {
    mkdirSync(root, { recursive: true })
    ownBy(root, user)
    createPassword(folder, user)
    readFileSync(folder.password)
    removeAbandoned(root)
  } catch (cause) {
    throw new ConfigurationError(
      'archive.data-folder-unusable',
      `Cannot use the data folder ${root}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Give it to the user who runs Newsfold, or set NEWSFOLD_DATA to a folder of their own.',
      cause,
    )
  }
  if (existsSync(join(folder.data, 'PG_VERSION'))) return folder

  const fresh = mkdtempSync(join(root, `data.new-${process.pid}-`))
  chmodSync(fresh, 0o700)
  ownBy(fresh, user)
  await runInitdb(folder, fresh, binaries, user)
  try {
    // Complete or not there at all: a kill in the middle leaves nothing that looks like a database.
    renameSync(fresh, folder.data)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(join(folder.data, 'PG_VERSION'))) throw error
  }
  return folder
}
