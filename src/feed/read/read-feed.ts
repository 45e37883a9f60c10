import { UnreadableError } from '../../model/errors.ts'
import type { FeedDocument } from '../../model/feed-document.ts'
import { decodeFeed } from './decode.ts'
import { readJsonFeed } from './read-json-feed.ts'
import { readXmlFeed } from './read-xml-feed.ts'
import { parseXml } from './xml-tree.ts'

/** Where a feed's bytes came from. */
export interface FeedSource {
  /** Absolute address, after redirects. */
  readonly url: string
  /** The `Content-Type` header as received. */
  readonly contentType?: string | null
  /** IANA zone of dates that state none. Absent: Asia/Shanghai for Chinese feeds, else UTC. */
  readonly timeZone?: string
}

const feedTypes = /^\s*(?:application\/(?:rss|atom|rdf|feed)\+(?:xml|json)|text\/(?:rss|atom)(?:\+xml)?)/i

/** How far into a document its root element is looked for, past comments and processing instructions. */
const HEAD_LENGTH = 4096

/** Whether bytes are worth a try with `readFeed`: by their beginning, or by a media type that only feeds have. */
export function looksLikeFeed(body: Uint8Array, contentType?: string | null): boolean {
  const head = decodeFeed(body.subarray(0, HEAD_LENGTH), contentType).trimStart()
  if (/^<(?:!doctype\s+html|html)\b/i.test(head)) return false
  if (head.startsWith('{'))
    return /"version"\s*:\s*"https?:\/\/(?:www\.)?jsonfeed\.org\//.test(head) || feedTypes.test(contentType ?? '')
  if (/<(?:[\w.-]+:)?(?:rss|rdf|feed|channel)[\s>]/i.test(head) && !/<(?:html|body)[\s>]/i.test(head)) return true
  return head.startsWith('<') && feedTypes.test(contentType ?? '')
}

function found(text: string, source: FeedSource): string {
  const type = source.contentType?.split(';')[0]?.trim() || 'no media type'
  const start = text.slice(0, 60).replace(/\s+/g, ' ').trim()
  return `received ${type}, ${text.length} characters, beginning ${JSON.stringify(start)}`
}

/**
 * Reads a feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1, in any charset, repaired where it is broken.
 * Links are absolute; dates are only those that the feed states.
 * @throws {UnreadableError} code `not-a-feed`: the bytes are none of these
 */
export function readFeed(body: Uint8Array, from: FeedSource): FeedDocument {
  const text = decodeFeed(body, from.contentType)
  const start = text.trimStart()
  const feed = /^[{[]/.test(start) ? readJsonFeed(start, from) : readXmlFeed(parseXml(text), from)
  if (feed) return feed
  throw new UnreadableError(
    'not-a-feed',
    `Cannot read ${from.url} as a feed: expected RSS, Atom or JSON Feed, ${found(start, from)}. ` +
      'Check the address, or use another kind of listing for this page.',
  )
}
