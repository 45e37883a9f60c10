import { readdirSync, readFileSync } from 'node:fs'
import { usedMs } from '../chaos/processor.ts'

/** What a process and those that it started use, by Linux's own books (proc(5)); 0 where it keeps none. */
export interface ProcessUse {
  /** Processor time so far, in milliseconds, with that of children that have ended. */
  readonly cpuMs: number
  /** Memory in bytes; what several processes share counts once. */
  readonly bytes: number
}

function fieldsOf(pid: number): readonly string[] {
  try {
    // After the command's name, which may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  } catch {
    return []
  }
}

function bytesOf(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Children's time that was waited for, in hundredths of a second: fields 16 and 17. */
function endedChildrenMs(pid: number): number {
  const fields = fieldsOf(pid)
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((child) => child > 0 && fieldsOf(child)[1] === String(pid))
}

/** @param pid of Node, or of the postmaster, whose children are its connections */
export function useOf(pid: number): ProcessUse {
  const all = [pid, ...childrenOf(pid)]
  return {
    cpuMs: endedChildrenMs(pid) + all.reduce((sum, each) => sum + (usedMs(each) ?? 0), 0),
    bytes: all.reduce((sum, each) => sum + bytesOf(each), 0),
  }
}
