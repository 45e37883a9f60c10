import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'

const manifest = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))

/** The program's version, from its manifest. */
export const version = manifest.version

/** Who publishers may turn to; where the operator names nobody, the machine is named. */
function contactOf(contact: string | null): string {
  if (contact === null) return `operator of ${hostname()}`
  return contact.includes('@') ? `mailto:${contact.replace(/^mailto:/, '')}` : contact
}

/** How requests name themselves to publishers. */
export function userAgent(contact: string | null): string {
  return `Newsfold/${version} (+${contactOf(contact)})`
}
