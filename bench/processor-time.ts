import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from '../src/archive/database.ts'

/** Linux counts a process's time in hundredths of a second. */
const tickMs = 10

/** What the processes that this one has started have taken, in milliseconds; 0 where there is no /proc. */
function timeOfChildren(parent: number): number {
  let ticks = 0
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // After the name, which may hold anything: state, parent, …, time in user and in system mode.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      if (Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * tickMs
}

/**
 * How to tell what this process and the archive's server have taken so far, in milliseconds: what neighbours on the
 * machine do not change.
 */
export async function processorClock(database: Database): Promise<() => number> {
  const { rows } = await database.query<{ pid: number }>(
    `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`,
  )
  const pid = rows[0]?.pid ?? 0
  return () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + (process.platform === 'linux' ? timeOfChildren(pid) : 0)
  }
}
