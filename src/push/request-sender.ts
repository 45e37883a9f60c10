import { checkedAddresses, parseHttpUrl, resolveBySystem, type ResolveHost } from '../crawlers/address-guard.ts'
import { readBody } from '../crawlers/body-reader.ts'
import { ConnectionPools } from '../crawlers/connection-pools.ts'
import { connectionError, timeoutError } from '../crawlers/http-errors.ts'
import { parseRetryAfter } from '../crawlers/retry-after.ts'
import { NewsfoldError } from '../model/errors.ts'

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What came of one request. */
export type Sent =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The first bytes of the body, enough for a challenge or an error code. */
      readonly text: string
      /** What the server asked for, at most a day. */
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'failed'; readonly error: NewsfoldError }

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

/** Whether a server took what it was sent. */
export function isTaken(sent: Sent): boolean {
  return sent.kind === 'answered' && sent.status >= 200 && sent.status < 300
}

/** One line on what came of a request, its address cut to the host: those of chat services and callbacks are secrets. */
export function describeSent(sent: Sent): string {
  if (sent.kind === 'failed') return sent.error.message.replaceAll(/(https?:\/\/[^\s/?#]+)[/?#]\S*/g, '$1/…')
  const says = sent.text.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  return `Expected status 2xx, got ${sent.status}${says === '' ? '' : `: ${says}`}`
}
