import { readdirSync, readlinkSync } from 'node:fs'
import { join, sep } from 'node:path'
import { isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { until } from './wait.ts'

/** Processes that work inside a folder: PostgreSQL with its children, also half-made ones that wrote no pid file yet. */
function processesIn(folder: string): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && isInside(workingFolder(pid), folder))
  } catch {
    // No /proc on this system: the pid file has to do.
    const file = readPostmasterFile(join(folder, 'postgres', 'data'))
    return file && isAlive(file.pid) ? [file.pid] : []
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Ended by itself meanwhile.
  }
}

/** Ends whatever still works inside a folder that is ours alone. */
export async function endProcessesIn(folder: string): Promise<void> {
  await until(
    () => {
      const pids = processesIn(folder).filter(isAlive)
      pids.forEach(signal)
      return pids.length === 0
    },
    { withinMs: 5000 },
  )
}
