import { readFileSync } from 'node:fs'
import { platform } from 'node:os'

/** A user and group by number. */
export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/**
 * Whom PostgreSQL runs as, which refuses to run as root.
 * @returns `postgres` where the system has it, else `nobody`; `null` when this process is no root and can run it itself
 */
export function unprivilegedUser(): SystemUser | null {
  if (platform() === 'win32' || process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return found ? { uid: Number(found[2]), gid: Number(found[3]) } : { uid: 65_534, gid: 65_534 }
}
