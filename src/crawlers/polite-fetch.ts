import { NewsfoldError, RefusedError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import type { Fetched, HttpClient } from './http-client.ts'
import { askRobots, robotsMaxBytes, type RobotsVerdict } from './robots.ts'
import { isLeftForNow } from './retry.ts'
import { RunStopped, type PoliteContext } from './run-context.ts'
import { RequestTurn } from './request-turn.ts'

/** One deadline for names, connections, redirects and body: slow drips end here. */
const timeoutMs = 30_000
/** For answers that do not say how long: a limit counts by the minute, a server that is down is restarted in less. */
const defaultSlowDownMs: ReadonlyMap<number, number> = new Map([
  [429, 60_000],
  [503, 30_000],
])
/** Who asks for peace so often in a row, each time after he got it, is left to the next run: a place is not for waiting. */
const mostSlowDowns = 3

export interface PoliteRequest {
  readonly url: string
  readonly etag: string | null
  readonly lastModified: string | null
  readonly maxBytes: number
  /** `browser`: rendered by a Chromium before it is read. Absent: as it comes. */
  readonly render?: Source['render']
}

/**
 * One GET as a source may: robots.txt is asked first, the host's turn is waited for, both again at each redirect.
 * `failed` covers what robots.txt forbids (`robots.disallowed`, `robots.unreachable`), hosts that want to be left
 * alone for longer, or more often, than a run waits (`http.slow-down`), and those that too many others ask
 * (`http.crowded`).
 * @throws {RunStopped} the run is being stopped
 */
export async function fetchPolitely(context: PoliteContext, request: PoliteRequest): Promise<Fetched> {
  const turn = new RequestTurn(context)
  try {
    await passGate(context, turn, request.url)
    return await fetchCounted(context, request, (url) => passGate(context, turn, url))
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { kind: 'failed', error, url: request.url, status: null, retryAfterMs: null, requests: 0, receivedBytes: 0 }
  } finally {
    turn.end()
  }
}

async function passGate(context: PoliteContext, turn: RequestTurn, url: string): Promise<void> {
  // What is no address goes to the client as it is, which says so.
  if (!URL.canParse(url)) return
  turn.giveBack()
  const { origin } = new URL(url)
  const before = context.robotsAsked.get(origin) ?? Promise.resolve()
  const asking = before.then(
    () => askRobotsPolitely(context, url),
    () => askRobotsPolitely(context, url),
  )
  context.robotsAsked.set(origin, asking)
  const verdict = await asking
  if (verdict.kind === 'disallowed') throw verdict.error
  await turn.take(url, Math.max(context.source.politeness.delay, verdict.crawlDelayMs))
}

function askRobotsPolitely(context: PoliteContext, url: string): Promise<RobotsVerdict> {
  const { source, ports, options } = context
  return askRobots(url, {
    store: ports.robots,
    userAgent: options.userAgent,
    now: () => ports.now(),
    fetchRobots: async (robotsUrl) => {
      const turn = new RequestTurn(context)
      const take = (next: string) => turn.take(next, source.politeness.delay)
      try {
        await take(robotsUrl)
        const request = { url: robotsUrl, etag: null, lastModified: null, maxBytes: robotsMaxBytes }
        const fetched = await fetchCounted(context, request, take)
        // Where it has moved to was not asked, which says nothing of the file.
        if (fetched.kind === 'failed' && isLeftForNow(fetched.error)) throw fetched.error
        return fetched
      } finally {
        turn.end()
      }
    },
  })
}

async function fetchCounted(
  context: PoliteContext,
  request: PoliteRequest,
  beforeRedirect: (url: string) => Promise<void>,
): Promise<Fetched> {
  const { source, ports, options } = context
  // The process may have been stopped for long, here or in any wait before.
  if (options.isStillOurs?.() === false) throw new RunStopped()
  const { render, ...rest } = request
  const fetcher = render === 'browser' ? rendererOf(context) : ports.http
  const fetched = await fetcher.fetchPage(
    {
      ...rest,
      headers: isOfSource(context, request.url) ? source.headers : {},
      timeoutMs,
      allowPrivateHosts: source.allowPrivateHosts,
      isTruncated: request.maxBytes === robotsMaxBytes,
      beforeRedirect,
    },
    context.ending,
  )
  countTraffic(context, fetched)
  await heedSlowDown(context, fetched)
  if (fetched.kind !== 'failed') return fetched
  // Stopped while it waited for an answer, it knows nothing of the host: that its time is up is no failure of the page.
  if (options.isStillOurs?.() === false) throw new RunStopped()
  if (fetched.error.code === 'http.slept') {
    await beforeRedirect(request.url)
    return await fetchCounted(context, request, beforeRedirect)
  }
  return fetched
}

export function countTraffic({ tally }: Pick<PoliteContext, 'tally'>, fetched: Fetched): void {
  tally.requests += fetched.requests
  tally.bytes += fetched.receivedBytes
}

function rendererOf({ ports }: PoliteContext): Pick<HttpClient, 'fetchPage'> {
  const { renderer } = ports
  if (renderer) return { fetchPage: (request, signal) => renderer.renderPage(request, signal) }
  throw new RefusedError(
    'browser.absent',
    'Cannot render pages here: "render: browser" works in crawls, not in this command.',
  )
}

/** A source's own headers may hold keys: they go where its file points to, not to whatever a page links. */
function isOfSource({ source }: PoliteContext, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { origin } = new URL(url)
  return [source.homepage, ...source.listings.map((listing) => listing.url)].some(
    (own) => own !== undefined && new URL(own).origin === origin,
  )
}

async function heedSlowDown(context: PoliteContext, fetched: Fetched): Promise<void> {
  // Who did not answer has not said anything.
  if (fetched.kind === 'failed' && fetched.status === null) return
  const { slowDowns, source, ports, log } = context
  const peace = askedPeace(fetched)
  // As nearly all answers are.
  if (peace === null && slowDowns.size === 0) return
  const { host } = new URL(fetched.kind === 'fetched' ? fetched.page.url : fetched.url)
  if (peace === null) {
    slowDowns.delete(host)
    return
  }
  await ports.pacing.slowDown(host, peace.forMs)
  const inARow = (slowDowns.get(host) ?? 0) + 1
  slowDowns.set(host, inARow)
  // Those that were under way together were asked before the first one was answered.
  if (inARow >= mostSlowDowns + source.politeness.concurrency - 1) context.closedHosts.set(host, 'slow-down')
  log.warn({ host, ...peace }, 'host.slowed-down')
}

/** How long a host asks to be left alone; `null`: it does not. A challenge is meant for programs, however slow they are. */
function askedPeace(fetched: Fetched): { readonly status: number; readonly forMs: number } | null {
  if (fetched.kind !== 'failed' || fetched.status === null) return null
  const { status, retryAfterMs, block } = fetched
  const defaultMs = defaultSlowDownMs.get(status)
  if (defaultMs === undefined) return null
  const isChallenge = status === 503 && typeof block === 'string'
  const forMs = retryAfterMs ?? (isChallenge ? null : defaultMs)
  return forMs === null ? null : { status, forMs }
}
