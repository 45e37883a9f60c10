import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'

const lookAgainMs = 50
/** A hang guard. */
const madeWithinMs = 60_000

function waitFor(path: string): void {
  const giveUpAt = performance.now() + madeWithinMs
  while (!existsSync(path)) {
    if (performance.now() > giveUpAt) throw new Error(`Nobody made ${path}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookAgainMs)
  }
}

function make(folder: string, env: Readonly<Record<string, string>>): void {
  const fresh = `${folder}.new`
  execFileSync(process.execPath, ['bin/newsfold.js', 'queue', 'status'], {
    env: { ...env, NEWSFOLD_DATA: fresh },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // Each copy takes a port of its own.
  for (const name of ['port', 'server.log']) rmSync(join(fresh, 'postgres', name))
  // Tests do not outlive a power cut.
  appendFileSync(join(fresh, 'postgres', 'data', 'postgresql.conf'), '\nfsync = off\n')
  renameSync(fresh, folder)
}

/**
 * Makes a data folder as a command leaves it that had an archive and a queue there: a copy of one that the first test
 * file that asks makes for all, since PostgreSQL takes a second of the processor's time to make one.
 * @param env of that command, without settings
 */
export function copyUsedData(data: string, env: Readonly<Record<string, string>>): void {
  const folder = join(inject('sharedDataFolder'), 'used')
  if (!existsSync(folder)) {
    const isMine = mkdirSync(`${folder}.asked`, { recursive: true }) !== undefined
    if (isMine) make(folder, env)
    else waitFor(folder)
  }
  execFileSync('cp', ['-a', folder, data])
}
