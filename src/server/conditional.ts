import type { IncomingHttpHeaders } from 'node:http'
import type { Rendering } from './rendering.ts'

/** What a conditional request comes to (RFC 9110 §13.2.2). */
export type Condition = 'send' | 'not-modified' | 'failed'

function tagsOf(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}

/** Whether a tag names these bytes in any of their encodings: an entry of a cache may be known by one and asked by another. */
function isCurrent(tag: string, { etags }: Rendering): boolean {
  return tag === etags.identity || tag === etags.gzip || tag === etags.br
}

/** Weak comparison, as `If-None-Match` asks for. */
function isAnyMatch(header: string, rendering: Rendering): boolean {
  if (isCurrent(header, rendering) || header.trim() === '*') return true
  return tagsOf(header).some((tag) => isCurrent(tag.replace(/^W\//, ''), rendering))
}

/** An HTTP date; `null` for anything else, which is then as if it were not there. */
function httpDate(header: string | undefined): number | null {
  const at = header === undefined || !/^[A-Z][a-z]{2,8},? /.test(header) ? NaN : Date.parse(header)
  return Number.isFinite(at) ? at : null
}

/** Decides whether the client needs the bytes. `If-None-Match` decides alone where it is given. */
export function conditionOf(headers: IncomingHttpHeaders, rendering: Rendering): Condition {
  const noneMatch = headers['if-none-match']
  const match = headers['if-match']
  if (match !== undefined) {
    // Strong comparison: a weak tag never matches.
    const isMatch = match.trim() === '*' || tagsOf(match).some((tag) => isCurrent(tag, rendering))
    if (!isMatch) return 'failed'
  } else {
    const unmodifiedSince = httpDate(headers['if-unmodified-since'])
    const changed = rendering.lastModified
    if (unmodifiedSince !== null && changed && changed.getTime() > unmodifiedSince) return 'failed'
  }
  if (noneMatch !== undefined) return isAnyMatch(noneMatch, rendering) ? 'not-modified' : 'send'
  const since = httpDate(headers['if-modified-since'])
  if (since === null || !rendering.lastModified) return 'send'
  return rendering.lastModified.getTime() <= since ? 'not-modified' : 'send'
}
