import type { Dispatcher } from 'undici'
import { NewsfoldError, UnreadableError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import { checkedAddresses, parseHttpUrl, resolveBySystem, type ResolveHost } from './address-guard.ts'
import { blockOf, blockSampleBytes, blockStatuses } from './block-signs.ts'
import { readBody } from './body-reader.ts'
import { ConnectionPools } from './connection-pools.ts'
import { freshForMs } from './freshness.ts'
import { connectionError, sleptError, statusError, timeoutError } from './http-errors.ts'
import { parseRetryAfter } from './retry-after.ts'

export interface FetchRequest {
  readonly url: string
  /** Of the source's own; they stay at the origin that they were given for. */
  readonly headers?: Readonly<Record<string, string>>
  /** Validators of what is already known; with one of them the answer may be `not-modified`. */
  readonly etag?: string | null
  readonly lastModified?: string | null
  /** Bound of the body, received and unpacked alike. */
  readonly maxBytes: number
  /** A longer body is cut off there instead of being an error. */
  readonly isTruncated?: boolean
  /** For all of it: names, connections, redirects, body. */
  readonly timeoutMs: number
  /** `host:port` pairs that may be at private addresses. */
  readonly allowPrivateHosts: readonly string[]
  /** Asked before a redirect is followed; what it throws ends the request. Its time is not counted. */
  readonly beforeRedirect?: (url: string) => Promise<void>
}

interface Traffic {
  /** Requests on the wire, redirects included. */
  readonly requests: number
  /** Bytes of bodies as received. */
  readonly receivedBytes: number
}

export type Fetched = Traffic &
  (
    | { readonly kind: 'fetched'; readonly page: Page }
    | { readonly kind: 'not-modified'; readonly url: string; readonly fetchedAt: Date }
    | {
        readonly kind: 'failed'
        readonly error: NewsfoldError
        /** Who failed: the last address, after redirects, where there was an answer. */
        readonly url: string
        /** `null` when there was no answer. */
        readonly status: number | null
        /** What the server asked for, at most a day. */
        readonly retryAfterMs: number | null
        /** Who keeps programs out, when the answer shows it: `HTTP 403`, `Cloudflare challenge`. */
        readonly block?: string | null
      }
  )

export interface HttpClient {
  /**
   * One GET. What the web does is a value (`failed` with an error of a stable code); only a caller's abort is thrown.
   * Keeps no cookies.
   */
  fetchPage(request: FetchRequest, signal?: AbortSignal): Promise<Fetched>
  close(): Promise<void>
}

export interface HttpClientOptions {
  /** What servers see: `Newsfold/<version> (+<contact url>)`. */
  readonly userAgent: string
  readonly now: () => Date
  readonly resolveHost?: ResolveHost
}

/** RFC 9110 leaves the number open; more than 10 is a loop in practice, and browsers stop at 20. */
const maxRedirects = 10

/** No event loop is busy for so long. */
const sleptMs = 5000

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * A client that asks public addresses only, looks a name up once a request, dials what it checked, does so again at
 * each redirect, and bounds bytes, time, encodings and redirects.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pools = new ConnectionPools()
  const resolveHost = options.resolveHost ?? resolveBySystem
  return {
    async fetchPage(request, signal) {
      const traffic = { requests: 0, receivedBytes: 0 }
      try {
        return await followRedirects({ request, options, pools, resolveHost, traffic, signal: signal ?? null })
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason
        if (!(error instanceof NewsfoldError)) throw error
        return { kind: 'failed', error, url: request.url, status: null, retryAfterMs: null, ...traffic }
      }
    },
    close: () => pools.close(),
  }
}

interface Exchange {
  readonly request: FetchRequest
  readonly options: HttpClientOptions
  readonly pools: ConnectionPools
  readonly resolveHost: ResolveHost
  readonly traffic: { requests: number; receivedBytes: number }
  readonly signal: AbortSignal | null
}

async function followRedirects(exchange: Exchange): Promise<Fetched> {
  const { request } = exchange
  const first = parseHttpUrl(request.url)
  let remainingMs = request.timeoutMs
  let url = first
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const startedAt = performance.now()
    const answer = await askOnce(exchange, url, { remainingMs, isFirstOrigin: url.origin === first.origin })
    remainingMs -= performance.now() - startedAt
    if (answer.kind !== 'redirect') return answer
    url = parseHttpUrl(answer.location, url.href)
    await request.beforeRedirect?.(url.href)
  }
  throw new UnreadableError(
    'http.redirects',
    `Cannot fetch ${request.url}: expected at most ${maxRedirects} redirects, got one more, to ${url.href}. ` +
      'Open the address in a browser and list where it leads to.',
  )
}

type Answer = Fetched | { readonly kind: 'redirect'; readonly location: string }

/** One request on the wire, without redirects. */
async function askOnce(
  exchange: Exchange,
  url: URL,
  hop: { remainingMs: number; isFirstOrigin: boolean },
): Promise<Answer> {
  // A timer of our own, because AbortSignal.timeout would hold all of this in memory until its time is over.
  const deadline = new AbortController()
  const leftMs = Math.max(0, hop.remainingMs)
  const dueAt = performance.now() + leftMs
  const timer = setTimeout(() => deadline.abort(), leftMs)
  const signal = exchange.signal ? AbortSignal.any([deadline.signal, exchange.signal]) : deadline.signal
  try {
    const addresses = await orAbort(
      checkedAddresses(url, exchange.request.allowPrivateHosts, exchange.resolveHost),
      signal,
    )
    exchange.traffic.requests += 1
    const response = await exchange.pools.of(url.origin, addresses).request({
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: requestHeaders(exchange, hop.isFirstOrigin),
      signal,
      // The signal above is the deadline of all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    return await readAnswer(exchange, url, response, signal)
  } catch (error) {
    if (deadline.signal.aborted && exchange.signal?.aborted !== true) {
      // A timer that comes so late was slept through, and the host has done nothing wrong.
      if (performance.now() - dueAt > sleptMs) throw sleptError(url)
      throw timeoutError(url, exchange.request.timeoutMs)
    }
    throw connectionError(error, url)
  } finally {
    clearTimeout(timer)
  }
}

async function readAnswer(
  exchange: Exchange,
  url: URL,
  response: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<Answer> {
  const { request, options, traffic } = exchange
  const status = response.statusCode
  const location = header(response, 'location')
  if (redirectStatuses.has(status) && location !== null) {
    await response.body.dump({ limit: 65_536, signal })
    return { kind: 'redirect', location: decodeLocation(location) }
  }
  const hasValidators = Boolean(request.etag) || Boolean(request.lastModified)
  if (status === 304 && hasValidators) {
    await response.body.dump({ limit: 65_536, signal })
    return { kind: 'not-modified', url: url.href, fetchedAt: options.now(), ...traffic }
  }
  if (status < 200 || status > 299) {
    const retryAfterMs = parseRetryAfter(header(response, 'retry-after'), options.now())
    const block = await blockBehind(exchange, response, { url, signal })
    return {
      kind: 'failed',
      error: statusError(url, status, block),
      url: url.href,
      status,
      retryAfterMs,
      block,
      ...traffic,
    }
  }
  const body = await readBody(response.body, {
    url: url.href,
    contentEncoding: header(response, 'content-encoding'),
    maxBytes: request.maxBytes,
    isTruncated: request.isTruncated === true,
    signal,
    onBytes: (count) => {
      traffic.receivedBytes += count
    },
  })
  const page: Page = {
    requestedUrl: request.url,
    url: url.href,
    status,
    contentType: header(response, 'content-type'),
    etag: header(response, 'etag'),
    lastModified: header(response, 'last-modified'),
    body,
    fetchedAt: options.now(),
    freshForMs: freshForMs((name) => header(response, name)),
  }
  return { kind: 'fetched', page, ...traffic }
}

/** Reads as much of a refusal as shows who refuses, and gives the connection back. */
async function blockBehind(
  { traffic }: Exchange,
  response: Dispatcher.ResponseData,
  at: { url: URL; signal: AbortSignal },
): Promise<string | null> {
  const { statusCode: status, body } = response
  if (!blockStatuses.has(status) && status !== 503) {
    body.on('error', () => undefined).destroy()
    return null
  }
  let sample: Uint8Array = new Uint8Array()
  try {
    sample = await readBody(body, {
      url: at.url.href,
      contentEncoding: header(response, 'content-encoding'),
      maxBytes: blockSampleBytes,
      isTruncated: true,
      signal: at.signal,
      onBytes: (count) => {
        traffic.receivedBytes += count
      },
    })
  } catch {
    // The status alone says enough.
  }
  return blockOf({ status, header: (name) => header(response, name), body: sample })
}

function requestHeaders(exchange: Exchange, isFirstOrigin: boolean): Record<string, string> {
  const { request, options } = exchange
  const own = isFirstOrigin ? (request.headers ?? {}) : {}
  const headers: Record<string, string> = {
    accept: 'text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.8',
    'user-agent': options.userAgent,
  }
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value
  headers['accept-encoding'] = 'gzip, deflate, br'
  if (request.etag) headers['if-none-match'] = request.etag
  if (request.lastModified) headers['if-modified-since'] = request.lastModified
  return headers
}

function header(response: Dispatcher.ResponseData, name: string): string | null {
  const value = response.headers[name]
  return (Array.isArray(value) ? value.join(', ') : value) ?? null
}

/** undici hands headers on as Latin-1; servers that leave Chinese paths unencoded mean UTF-8. */
function decodeLocation(location: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(location, 'latin1'))
  } catch {
    return location
  }
}

/** The work itself cannot be aborted (a name's look-up), but nobody has to wait for it. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return await new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
