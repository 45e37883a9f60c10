import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a running server writes into its data folder. */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
}

/** Reads `postmaster.pid`; `null` when there is none or it is not complete yet. */
export function readPostmasterFile(dataFolder: string): PostmasterFile | null {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return pid > 0 && port > 0 ? { pid, port } : null
  } catch {
    return null
  }
}

/** Whether a process lives. One of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A killed child that nobody has waited for yet still answers signals, but serves nobody. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    try {
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: 5000 })
    } catch {
      return ''
    }
  }
}

/** Whether a live process is the PostgreSQL of this data folder: a server works inside its folder. */
function isServerOf(pid: number, dataFolder: string): boolean {
  if (!/postgres/i.test(commandOf(pid))) return false
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder)
  } catch {
    // Not to be seen on this system. Taking the file from a server that runs would be worse than not to start.
    return true
  }
}

/** No system gives a process such a number. */
const nobodysPid = 2 ** 31 - 1

/**
 * Takes the process out of a `postmaster.pid` that is not this folder's server: its number belongs to another one now,
 * or it was killed and whoever adopted it has not asked for its end yet, which some take seconds to do. PostgreSQL would
 * take either for its server and not start. The rest is left, by which PostgreSQL sees that children of the killed server
 * are still at work.
 */
export function disownPostmasterFile(dataFolder: string): void {
  const file = readPostmasterFile(dataFolder)
  if (!file || (isAlive(file.pid) ? isServerOf(file.pid, dataFolder) : !isZombie(file.pid))) return
  const path = join(dataFolder, 'postmaster.pid')
  const text = readFileSync(path, 'utf8')
  // A new server of another process may have put its own there meanwhile.
  if (text.startsWith(`${file.pid}\n`)) writeFileSync(path, text.replace(/^\d+/, String(nobodysPid)))
}

/** The number that tells one data folder's server from every other, from `global/pg_control`. */
export function systemIdentifier(dataFolder: string): string {
  return readFileSync(join(dataFolder, 'global', 'pg_control'))
    .readBigUInt64LE(0)
    .toString()
}
