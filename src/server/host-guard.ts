import { isIP } from 'node:net'

/** As many spellings as a server behind proxies sees, with room; others are looked at each time. */
const mostRemembered = 100

/**
 * Whether a request is for us by its Host header. Another site that lets its name lead to this machine (DNS rebinding)
 * makes browsers send its own name, while addresses and `localhost` cannot be had by others.
 * @param names that readers may use, without port
 */
export function createHostGuard(names: readonly string[]): (host: string | undefined) => boolean {
  const known = new Set(['localhost', ...names.map((name) => name.toLowerCase())])
  const remembered = new Map<string, boolean>()

  const look = (host: string): boolean => {
    if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}/`)) return false
    const name = new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
    return isIP(name) !== 0 || known.has(name) || name.endsWith('.localhost')
  }
  return (host) => {
    // HTTP/1.0, which no browser speaks.
    if (host === undefined) return true
    const before = remembered.get(host)
    if (before !== undefined) return before
    const isOurs = look(host)
    if (remembered.size < mostRemembered) remembered.set(host, isOurs)
    return isOurs
  }
}

/** Whether a request that changes something comes from a page of ours, or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined, publicUrl: string): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const from = new URL(origin)
  return from.host === host || (URL.canParse(publicUrl) && from.origin === new URL(publicUrl).origin)
}
