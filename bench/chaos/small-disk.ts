import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** PostgreSQL takes about 100 MB of it, and crawls stop below 200. */
const megabytes = 512

/** Programs of the system, not of a package. */
const [mount, umount] = ['mount', 'umount'] as const

/** A file system in memory, small enough to be filled. */
export class SmallDisk {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** @returns `null`: this user may not mount one */
  static mount(folder: string): SmallDisk | null {
    mkdirSync(folder, { recursive: true })
    const size = `size=${megabytes}m,mode=755`
    const { status } = spawnSync(mount, ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' })
    return status === 0 ? new SmallDisk(folder) : null
  }

  /** Writes until nothing more goes in. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'w')
    try {
      for (let chunk = Buffer.alloc(2 ** 20); chunk.length > 0; chunk = chunk.subarray(0, chunk.length / 2)) {
        writeUntilFull(file, chunk)
      }
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'), { force: true })
  }

  unmount(): void {
    spawnSync(umount, ['--lazy', this.folder], { stdio: 'ignore' })
  }
}

function writeUntilFull(file: number, chunk: Uint8Array): void {
  try {
    while (writeSync(file, chunk) === chunk.length);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
