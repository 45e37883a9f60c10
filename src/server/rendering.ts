import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Encoding } from './accept-encoding.ts'

/** What an address shows, before it is made ready for the wire. */
export interface Draft {
  readonly body: string | Buffer
  readonly contentType: string
  /** When anything of it was changed last; `null` when that is not known. */
  readonly lastModified: Date | null
  /** How long readers may keep it without asking. */
  readonly maxAgeSeconds: number
  /** After this it shows something else though nothing was changed: to the end of an hour, for feeds of a certain age. */
  readonly freshForMs?: number | null
  /** `Access-Control-Allow-Origin: *`: pages of others may read it. */
  readonly isForAllOrigins?: boolean
  /** For one reader's eyes: no cache in between may keep it. */
  readonly isPrivate?: boolean
  /** `Link` (RFC 8288): where the feed is and which hubs push it (WebSub §4). */
  readonly link?: string | null
}

/** Bytes in one encoding with the header that goes before them. */
interface Encoded {
  readonly body: Buffer
  readonly header: readonly string[]
}

/** Something as it goes over the wire, in each encoding once made. */
export interface Rendering {
  readonly draft: Draft
  /** Strong, one an encoding (RFC 9110 §8.8.3.3): the hash of the plain bytes, and how they are encoded. */
  readonly etags: Readonly<Record<Encoding, string>>
  /** To the second. */
  readonly lastModified: Date | null
  readonly encoded: Map<Encoding, Encoded>
  readonly notModifiedHeaders: Readonly<Record<Encoding, readonly string[]>>
  readonly encoding: Map<Encoding, Promise<Encoded>>
  /** Bytes that it holds in memory. */
  size: number
}

/** Below this the header that names the encoding takes what the encoding saves. */
const leastEncoded = 600
/** 5 is where more effort stops to pay for text: twice the time for a hundredth of the size. */
const brotliQuality = 5

const gzipAsync = promisify(gzip)
const brotliAsync = promisify(brotliCompress)

/** What pages may load: nothing but this server's style, script and searches, and the pictures of articles. */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; " +
    "img-src * data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

function commonHeader(draft: Draft, etag: string, lastModified: Date | null): string[] {
  return [
    'etag',
    etag,
    'cache-control',
    `${draft.isPrivate ? 'private' : 'public'}, max-age=${draft.maxAgeSeconds}`,
    'vary',
    'Accept-Encoding',
    ...(lastModified ? ['last-modified', lastModified.toUTCString()] : []),
    ...(draft.isForAllOrigins
      ? ['access-control-allow-origin', '*', 'access-control-expose-headers', 'ETag, Last-Modified']
      : []),
  ]
}

function encodedOf(rendering: Rendering, encoding: Encoding, body: Buffer): Encoded {
  const { draft, lastModified } = rendering
  const header = [
    'content-type',
    draft.contentType,
    ...(encoding === 'identity' ? [] : ['content-encoding', encoding]),
    'content-length',
    String(body.length),
    ...commonHeader(draft, rendering.etags[encoding], lastModified),
    'accept-ranges',
    'none',
    ...(draft.link ? ['link', draft.link] : []),
    ...Object.entries(securityHeaders).flat(),
  ]
  return { body, header }
}

/**
 * Makes a draft ready for the wire.
 * @param previous what the address showed before: a client that knows its time must see that this is newer
 */
export function renderingOf(draft: Draft, previous: Rendering | null): Rendering {
  const body = Buffer.from(draft.body)
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27)
  // The same bytes again: what they were compressed to holds as well.
  if (previous?.etags.identity === `"${hash}"`) return previous
  const etags = { identity: `"${hash}"`, gzip: `"${hash}-gzip"`, br: `"${hash}-br"` }
  const lastModified = laterThan(previous, draft.lastModified)
  const notModified = (etag: string) => commonHeader(draft, etag, lastModified)
  const rendering: Rendering = {
    draft: { ...draft, body: '' },
    etags,
    lastModified,
    encoded: new Map(),
    encoding: new Map(),
    notModifiedHeaders: {
      identity: notModified(etags.identity),
      gzip: notModified(etags.gzip),
      br: notModified(etags.br),
    },
    size: body.length,
  }
  rendering.encoded.set('identity', encodedOf(rendering, 'identity', body))
  return rendering
}

/** Two changes within one second, or an item that went, must not have one time. */
function laterThan(previous: Rendering | null, stated: Date | null): Date | null {
  const date = stated && new Date(Math.floor(stated.getTime() / 1000) * 1000)
  const before = previous?.lastModified
  if (!before) return date
  return date && date > before ? date : new Date(before.getTime() + 1000)
}

/** The encoding that is sent when this one is asked for: small bodies go as they are. */
export function usedEncoding(rendering: Rendering, wanted: Encoding): Encoding {
  return (rendering.encoded.get('identity')?.body.length ?? 0) < leastEncoded ? 'identity' : wanted
}

async function encode(rendering: Rendering, encoding: Encoding): Promise<Encoded> {
  const plain = rendering.encoded.get('identity')?.body ?? Buffer.alloc(0)
  const body =
    encoding === 'br'
      ? await brotliAsync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
      : await gzipAsync(plain)
  const encoded = encodedOf(rendering, encoding, body)
  rendering.encoded.set(encoding, encoded)
  rendering.encoding.delete(encoding)
  rendering.size += body.length
  return encoded
}

/** The bytes in an encoding, made at the first request for it. */
export function encodedBody(rendering: Rendering, encoding: Encoding): Encoded | Promise<Encoded> {
  const ready = rendering.encoded.get(encoding)
  if (ready) return ready
  const underWay = rendering.encoding.get(encoding) ?? encode(rendering, encoding)
  rendering.encoding.set(encoding, underWay)
  return underWay
}
