import { readFileSync } from 'node:fs'

/** Linux counts processes' time in hundredths of a second, whatever its own clock's rate. */
const tickMs = 10

/** Processor time that a process has used so far, all threads together; `null` where the system does not say. */
export function usedMs(pid: number): number | null {
  try {
    // After the command's name, which may hold anything: fields 14 and 15 of proc(5), user and system time.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    return null
  }
}

/** Milliseconds since boot in which some program waited for a processor (Linux's pressure figures); 0 where unknown. */
export function crowdedMs(): number {
  try {
    return Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0) / 1000
  } catch {
    return 0
  }
}
