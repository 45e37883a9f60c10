import { readFileSync } from 'node:fs'
import { z } from 'zod'

const manifest = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))

/** The program's version, from its manifest. */
export const version = manifest.version

/** How requests name themselves to publishers, with somebody to turn to. */
export function userAgent(contact: string): string {
  return `Newsfold/${version} (+${contact})`
}
