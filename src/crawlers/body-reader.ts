import type { Readable, Transform } from 'node:stream'
import { Readable as NodeReadable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { NewsfoldError, RefusedError, UnreachableError, UnreadableError } from '../model/errors.ts'

/** No honest server encodes more than twice; each further layer multiplies what a bomb unpacks to. */
const maxEncodings = 2

/** Content-Encoding values that mean "as it is"; servers put charsets there by mistake. */
const plainEncodings: ReadonlySet<string> = new Set(['identity', 'none', 'utf-8', 'utf8', 'gbk', 'gb2312'])

interface BodySource {
  readonly url: string
  readonly contentEncoding: string | null
  /** Bound of the bytes on the wire and, by itself, of the decoded bytes. */
  readonly maxBytes: number
  /** Whether a longer body is cut off at `maxBytes` instead of being refused. */
  readonly isTruncated: boolean
  readonly signal: AbortSignal
  /** Told of bytes on the wire as they come. */
  readonly onBytes: (count: number) => void
}

/**
 * Reads a response body to its end, undoing its content encodings.
 * @throws {RefusedError} `http.too-large`
 * @throws {UnreachableError} `http.incomplete`: the body ended before its encoding did
 * @throws {UnreadableError} `http.bad-encoding`: unknown, too many or invalid content encodings
 */
export async function readBody(stream: Readable, from: BodySource): Promise<Uint8Array> {
  const { url, maxBytes, isTruncated, signal } = from
  let receivedBytes = 0
  async function* counted(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      receivedBytes += chunk.length
      from.onBytes(chunk.length)
      if (receivedBytes > maxBytes && !isTruncated) throw tooLarge(url, maxBytes, 'received')
      yield chunk
    }
  }
  try {
    let decoded: AsyncIterable<Buffer> = counted(stream)
    // The header lists encodings in the order in which they were applied (RFC 9110 §8.4).
    for (const name of encodingsOf(url, from.contentEncoding).toReversed()) decoded = decode(name, decoded, signal)
    return await collect(decoded, from)
  } catch (error) {
    // What a stream says on being destroyed is no news.
    stream.on('error', () => undefined).destroy()
    throw toBodyError(error, url)
  }
}

async function collect(source: AsyncIterable<Buffer>, from: BodySource): Promise<Uint8Array> {
  const { url, maxBytes, isTruncated } = from
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    chunks.push(chunk)
    if (size <= maxBytes) continue
    if (!isTruncated) throw tooLarge(url, maxBytes, 'unpacked')
    break
  }
  return new Uint8Array(Buffer.concat(chunks, Math.min(size, maxBytes)))
}

function encodingsOf(url: string, contentEncoding: string | null): readonly string[] {
  const names = (contentEncoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && !plainEncodings.has(name))
  const isKnown = names.every((name) => /^(?:x-)?gzip$|^deflate$|^br$/.test(name))
  if (isKnown && names.length <= maxEncodings) return names
  throw new UnreadableError(
    'http.bad-encoding',
    `Cannot read ${url}: expected at most ${maxEncodings} content encodings of gzip, deflate, br, ` +
      `got "${names.join(', ').slice(0, 100)}". The server has to be corrected.`,
  )
}

async function* decode(name: string, source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  // A body of no bytes is what servers send to say "nothing", whatever its header says.
  if (first.done === true) return
  const rest = NodeReadable.from(joined(first.value, iterator))
  const decoder = decoderOf(name, first.value)
  // The consumer sees the decoder's error as its own; the promise must not be left to reject unseen.
  const flow = pipeline(rest, decoder, { signal }).catch((error: unknown) => {
    decoder.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  for await (const chunk of decoder) yield Buffer.from(chunk)
  await flow
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

function decoderOf(name: string, firstBytes: Buffer): Transform {
  switch (name) {
    case 'br':
      return createBrotliDecompress()
    case 'deflate':
      // Servers disagree whether "deflate" has the zlib header that RFC 9110 asks for; its low four bits are 8.
      return ((firstBytes[0] ?? 0) & 15) === 8 ? createInflate() : createInflateRaw()
    default:
      return createGunzip()
  }
}

function tooLarge(url: string, maxBytes: number, how: 'received' | 'unpacked'): RefusedError {
  return new RefusedError(
    'http.too-large',
    `Stopped reading ${url}: expected at most ${maxBytes} bytes, ${how} more. It is no page or feed to be read here; ` +
      'remove it from the source if it is listed there.',
  )
}

function toBodyError(error: unknown, url: string): unknown {
  if (error instanceof NewsfoldError || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new UnreachableError(
      'http.incomplete',
      `Cannot read ${url}: expected a whole body, got one that ends too early. It is tried again later.`,
      error,
    )
  }
  // zlib's and brotli's own codes: Z_DATA_ERROR, ERR__ERROR_FORMAT_….
  if (/^(?:Z_|ERR__)/.test(code)) {
    return new UnreadableError(
      'http.bad-encoding',
      `Cannot read ${url}: its body is not what its Content-Encoding says (${error.message}). ` +
        'The server has to be corrected.',
      error,
    )
  }
  return error
}
