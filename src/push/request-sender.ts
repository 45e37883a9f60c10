import { checkedAddresses, parseHttpUrl, resolveBySystem, type ResolveHost } from '../crawlers/address-guard.ts'
import { readBody } from '../crawlers/body-reader.ts'
import { ConnectionPools } from '../crawlers/connection-pools.ts'
import { connectionError, timeoutError } from '../crawlers/http-errors.ts'
import { parseRetryAfter } from '../crawlers/retry-after.ts'
import { NewsfoldError } from '../model/errors.ts'
import type { Sent } from './sent.ts'

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Sends requests to addresses that others gave us. */
export interface RequestSender {
  /** One request, no redirect followed: WebSub takes 2xx alone for a success (§5.3, §7). */
  send(request: OutgoingRequest): Promise<Sent>
  close(): Promise<void>
}

export interface RequestSenderOptions {
  readonly userAgent: string
  /** `host:port` pairs that may be at private addresses. */
  readonly allowPrivateHosts: readonly string[]
  readonly now: () => Date
  readonly resolveHost?: ResolveHost
}

/** For all of a request. Subscribers are asked to take it first and work on it later. */
const timeoutMs = 10_000
/** A challenge is 43 characters; answers of chat services are shorter than this. */
const maxAnswerBytes = 16_384

/**
 * A sender behind the same guard as crawls: names looked up once, every address checked, the checked ones dialled,
 * time and bytes bounded.
 */
export function createRequestSender(options: RequestSenderOptions): RequestSender {
  const pools = new ConnectionPools()
  const { userAgent, allowPrivateHosts, now, resolveHost = resolveBySystem } = options

  const ask = async (request: OutgoingRequest, url: URL, signal: AbortSignal): Promise<Sent> => {
    const addresses = await checkedAddresses(url, allowPrivateHosts, resolveHost)
    signal.throwIfAborted()
    const response = await pools.of(url.origin, addresses).request({
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity', ...request.headers },
      body: request.body ?? null,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const header = (name: string): string | null => response.headers[name]?.toString() ?? null
    const body = await readBody(response.body, {
      url: url.href,
      contentEncoding: header('content-encoding'),
      maxBytes: maxAnswerBytes,
      isTruncated: true,
      signal,
      onBytes: () => undefined,
    })
    return {
      kind: 'answered',
      status: response.statusCode,
      text: Buffer.from(body).toString('utf8'),
      retryAfterMs: parseRetryAfter(header('retry-after'), now()),
    }
  }

  return {
    send: async (request) => {
      const deadline = new AbortController()
      const timer = setTimeout(() => deadline.abort(), timeoutMs)
      try {
        const url = parseHttpUrl(request.url)
        try {
          return await ask(request, url, deadline.signal)
        } catch (error) {
          throw deadline.signal.aborted ? timeoutError(url, timeoutMs) : connectionError(error, url)
        }
      } catch (error) {
        if (error instanceof NewsfoldError) return { kind: 'failed', error }
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => pools.close(),
  }
}
