import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** What a site answers to one path. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
  /** With its quotes, and `W/` when only the meaning of the bytes is the same. */
  readonly etag?: string
  readonly lastModified?: Date
  readonly cacheControl?: string
}

/** Answers one path. `hit` counts the requests of this path from 1: what makes counters and adverts change. */
export type Route = (hit: number) => Reply

export type Routes = ReadonlyMap<string, Route>

/** A strong ETag of bytes. */
export function etagOf(body: Uint8Array | string): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 20)}"`
}

/** A reply of UTF-8 text that says so. */
export function textReply(contentType: string, text: string): Reply {
  return { status: 200, contentType: `${contentType}; charset=utf-8`, body: Buffer.from(text) }
}

/** A reply of a file. */
export function fileReply(contentType: string, body: Uint8Array): Reply {
  return { status: 200, contentType, body }
}

/**
 * Whether the asker already has this reply, by RFC 9110 §13.2.2: If-None-Match is compared weakly and, when it
 * is there, If-Modified-Since is not looked at.
 */
export function isKnown(reply: Reply, headers: IncomingHttpHeaders): boolean {
  if (reply.status !== 200) return false
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    if (reply.etag === undefined) return false
    const opaque = reply.etag.replace(/^W\//, '')
    return noneMatch.trim() === '*' || [...noneMatch.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaque)
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return reply.lastModified !== undefined && !Number.isNaN(since) && reply.lastModified.getTime() <= since
}

/** The header fields that a reply has in common with its 304. */
export function validatorsOf(reply: Reply): OutgoingHttpHeaders {
  return {
    ...(reply.etag === undefined ? {} : { etag: reply.etag }),
    ...(reply.lastModified === undefined ? {} : { 'last-modified': reply.lastModified.toUTCString() }),
    ...(reply.cacheControl === undefined ? {} : { 'cache-control': reply.cacheControl }),
  }
}
