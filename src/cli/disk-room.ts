import { UnreachableError } from '../model/errors.ts'
import { freeBytesOf, leastFreeBytes } from '../runtime/disk-space.ts'
import type { Settings } from '../runtime/settings.ts'

const lookEveryMs = 5000

/** Why nothing more can be written; `null`: there is room, or the archive is on a disk that is not ours to look at. */
function fullDisk({ DATABASE_URL, NEWSFOLD_DATA: folder }: Settings): UnreachableError | null {
  if (DATABASE_URL) return null
  let free: number
  try {
    free = freeBytesOf(folder)
  } catch {
    // There is no such folder yet, or whoever opens the archive says what is wrong with it.
    return null
  }
  if (free >= leastFreeBytes) return null
  const [has, least] = [free, leastFreeBytes].map((bytes) => Math.floor(bytes / 2 ** 20))
  return new UnreachableError(
    'disk.full',
    `The disk of ${folder} is nearly full: expected ${least} MB free for the archive, got ${has} MB. ` +
      'Make room, or set NEWSFOLD_DATA to a larger disk; "newsfold doctor" shows what is free.',
  )
}

/**
 * For commands that write by themselves, as the program that runs on does with its own crawls.
 * @throws {UnreachableError} `disk.full`
 */
export function requireRoom(settings: Settings): void {
  const full = fullDisk(settings)
  if (full) throw full
}

/** Looks every few seconds until there is no room left, and then calls once. @returns how to stop looking */
export function watchRoom(settings: Settings, onFull: (why: UnreachableError) => void): () => void {
  const timer = setInterval(() => {
    const why = fullDisk(settings)
    if (!why) return
    clearInterval(timer)
    onFull(why)
  }, lookEveryMs).unref()
  return () => clearInterval(timer)
}
