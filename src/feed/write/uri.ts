import { xmlText } from '../xml-text.ts'

/** Addresses that need no work: a host in small ASCII letters, a path, ... */
const plainStart = /^https?:\/\/[a-z0-9.-]+(?::\d+)?\//
/** ... and after it no character that RFC 3986 forbids, no dot segments, no `%` without its two digits. */
const irregular = /[^\w\-.~!$&'()*+,;=:@/?%#]|%(?![\dA-Fa-f]{2})|\/\.|#.*#/

/** What the URL standard leaves as it is in paths and queries although RFC 3986 does not allow it there. */
const leftover = /[|\\^`{}[\]"<>]|%(?![\da-f]{2})/gi

function encode(text: string): string {
  return text.replace(leftover, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

function parseUrl(link: string, base: string | null | undefined): URL | null {
  try {
    return new URL(link, base ?? undefined)
  } catch {
    return null
  }
}

/**
 * The absolute http(s) URI of a link: Chinese and spaces percent-encoded (RFC 3987 §3.1), relative links resolved.
 * @returns `null` when it is no http(s) link, or is relative and `base` is none
 */
export function toUri(link: string | null | undefined, base?: string | null): string | null {
  if (!link) return null
  if (plainStart.test(link) && !irregular.test(link)) return link
  const url = parseUrl(xmlText(link).trim(), base)
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') return null
  return `${url.protocol}//${url.host}${encode(url.pathname + url.search + url.hash)}`
}
