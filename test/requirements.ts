import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where a program is; `null` when it is not installed. */
function findProgram(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  return null
}

/** A Python that has a module: the distribution's packages belong to the distribution's own Python. */
function findPython(module: string): string | null {
  const pythons = [findProgram('python3'), '/usr/bin/python3'].filter((path) => path !== null)
  return pythons.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0) ?? null
}

/** This Node, when a package is there for it. */
function findPackage(name: string): string | null {
  const resolve = `require.resolve(${JSON.stringify(name)})`
  return spawnSync(process.execPath, ['-e', resolve]).status === 0 ? process.execPath : null
}

/** Whether a child process may run as nobody and read this checkout. */
function findUnprivileged(): string | null {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return null
  const read = `require('node:fs').readFileSync(${JSON.stringify(join(process.cwd(), 'package.json'))})`
  const user = { uid: 65_534, gid: 65_534 }
  return spawnSync(process.execPath, ['-e', read], { ...user, cwd: '/' }).status === 0 ? process.execPath : null
}

/** Whether file systems in memory may be mounted: by root, where no container forbids it. */
function findMount(): string | null {
  const mount = findProgram('mount')
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-mount-'))
  try {
    const isMounted = mount !== null && spawnSync(mount, ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0
    if (isMounted) spawnSync('umount', [folder])
    return isMounted ? mount : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What some tests need that a bare machine does not have, and where it is. */
const requirements = {
  redis: { what: 'redis-server', find: () => findProgram('redis-server') },
  newsboat: { what: 'newsboat', find: () => findProgram('newsboat') },
  xmllint: { what: 'xmllint', find: () => findProgram('xmllint') },
  feedparser: { what: 'a Python with feedparser', find: () => findPython('feedparser') },
  icalendar: { what: 'a Python with icalendar', find: () => findPython('icalendar') },
  vobject: { what: 'a Python with vobject', find: () => findPython('vobject') },
  'ical.js': { what: 'the npm package ical.js', find: () => findPackage('ical.js') },
  mount: { what: 'the right to mount a file system (root on Linux)', find: findMount },
  unprivileged: { what: 'root, and a checkout that other users may read', find: findUnprivileged },
} as const
export type Requirement = keyof typeof requirements

/** How a requirement is met on this machine. */
export interface Found {
  /** Empty where it is missing. */
  readonly program: string
  readonly isMissing: boolean
  /** Goes behind a title: why what it names is skipped; empty where it is not. */
  readonly note: string
}

/**
 * Looks for something that tests need and a bare machine does not have. Where it is missing the tests are to be
 * skipped by `describe.skipIf(found.isMissing)`, and standard error says so.
 * @throws {Error} it is missing although `NEWSFOLD_REQUIRE` names it: a skip there is a failure
 */
export function findRequirement(name: Requirement): Found {
  const { what, find } = requirements[name]
  const program = find()
  if (program !== null) return { program, isMissing: false, note: '' }
  if ((process.env['NEWSFOLD_REQUIRE'] ?? '').split(/[\s,]+/).includes(name)) {
    throw new Error(`NEWSFOLD_REQUIRE names "${name}", but this machine has no ${what}`)
  }
  process.stderr.write(`Skipped: tests that need ${what}, which this machine does not have.\n`)
  return { program: '', isMissing: true, note: ` (skipped: needs ${what})` }
}
