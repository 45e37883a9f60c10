import { statfsSync } from 'node:fs'

/** Below this, PostgreSQL soon stops taking writes. */
export const leastFreeBytes = 200 * 2 ** 20

/** Room on the disk of a folder, for users other than root, in bytes. */
export function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
