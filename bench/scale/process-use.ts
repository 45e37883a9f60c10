import { readdirSync, readFileSync } from 'node:fs'
import { usedMs } from '../chaos/processor.ts'

/** What a process and those that it started use, by Linux's own books (proc(5)); 0 where it keeps none. */
export interface ProcessUse {
  /** Processor time so far, in milliseconds, with that of children that have ended. */
  readonly cpuMs: number
  /** Memory in bytes; what several processes share counts once. */
  readonly bytes: number
  /** Of that, what they share beside files: PostgreSQL's buffers, which fill until they are as large as they may become. */
  readonly sharedBytes: number
  /** Of that, what is nobody else's: neither those nor pages of programs, which count for less where others run them. */
  readonly ownBytes: number
}

function fieldsOf(pid: number): readonly string[] {
  try {
    // After the command's name, which may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  } catch {
    return []
  }
}

function bytesOf(pid: number): { all: number; shared: number; own: number } {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024
    return { all: of('Pss'), shared: of('Pss_Shmem'), own: of('Pss_Anon') }
  } catch {
    return { all: 0, shared: 0, own: 0 }
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
  const bytes = all.map(bytesOf)
  return {
    cpuMs: endedChildrenMs(pid) + all.reduce((sum, each) => sum + (usedMs(each) ?? 0), 0),
    bytes: bytes.reduce((sum, each) => sum + each.all, 0),
    sharedBytes: bytes.reduce((sum, each) => sum + each.shared, 0),
    ownBytes: bytes.reduce((sum, each) => sum + each.own, 0),
  }
}
