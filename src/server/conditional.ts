import type { IncomingHttpHeaders } from 'node:http'

/** What a representation is known by. */
export interface Validators {
  /** Strong, in quotes. */
  readonly etag: string
  readonly lastModified: Date | null
}

/**
 * Whether the client has these very bytes (RFC 9110 §13): `If-None-Match` decides alone where it is given, weak
 * comparison; else `If-Modified-Since`, to the second.
 */
export function isNotModified(headers: IncomingHttpHeaders, current: Validators): boolean {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === '*') return true
    const tags = noneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []
    return tags.some((tag) => tag.replace(/^W\//, '') === current.etag)
  }
  const since = headers['if-modified-since']
  if (since === undefined || !current.lastModified) return false
  const at = Date.parse(since)
  return Number.isFinite(at) && Math.floor(current.lastModified.getTime() / 1000) * 1000 <= at
}
