import { setTimeout as sleep } from 'node:timers/promises'
import { NewsfoldError, RefusedError, UnreachableError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import type { Fetched, HttpClient } from './http-client.ts'
import { askRobots, robotsMaxBytes, type RobotsVerdict } from './robots.ts'
import { RunStopped, type PoliteContext } from './run-context.ts'

/** One deadline for names, connections, redirects and body: slow drips end here. */
const timeoutMs = 30_000
/** A run waits this much beyond its own pace; hosts that want more are left to the next run. */
const patienceMs = 60_000
/** For a 429 that does not say how long. */
const defaultSlowDownMs = 60_000

export interface PoliteRequest {
  readonly url: string
  readonly etag: string | null
  readonly lastModified: string | null
  readonly maxBytes: number
  /** `browser`: rendered by a Chromium before it is read. Absent: as it comes. */
  readonly render?: Source['render']
}

/**
 * One GET as a source may: robots.txt is asked first, the host's slot is waited for, both again at each redirect.
 * `failed` covers what robots.txt forbids (`robots.disallowed`, `robots.unreachable`) and hosts that want to be left
 * alone for longer than a run lasts (`http.slow-down`).
 * @throws {RunStopped} the run is being stopped
 */
export async function fetchPolitely(context: PoliteContext, request: PoliteRequest): Promise<Fetched> {
  try {
    await passGate(context, request.url)
    return await fetchCounted(context, request, (url) => passGate(context, url))
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { kind: 'failed', error, url: request.url, status: null, retryAfterMs: null, requests: 0, receivedBytes: 0 }
  }
}

async function passGate(context: PoliteContext, url: string): Promise<void> {
  // What is no address goes to the client as it is, which says so.
  if (!URL.canParse(url)) return
  const { origin } = new URL(url)
  const before = context.robotsAsked.get(origin) ?? Promise.resolve()
  const asking = before.then(
    () => askRobotsPolitely(context, url),
    () => askRobotsPolitely(context, url),
  )
  context.robotsAsked.set(origin, asking)
  const verdict = await asking
  if (verdict.kind === 'disallowed') throw verdict.error
  await waitForSlot(context, url, Math.max(context.source.politeness.delay, verdict.crawlDelayMs))
}

function askRobotsPolitely(context: PoliteContext, url: string): Promise<RobotsVerdict> {
  const { source, ports, options } = context
  const takeSlot = (robotsUrl: string) => waitForSlot(context, robotsUrl, source.politeness.delay)
  return askRobots(url, {
    store: ports.robots,
    userAgent: options.userAgent,
    now: () => ports.now(),
    fetchRobots: async (robotsUrl) => {
      await takeSlot(robotsUrl)
      const request = { url: robotsUrl, etag: null, lastModified: null, maxBytes: robotsMaxBytes }
      return await fetchCounted(context, request, takeSlot)
    },
  })
}

async function waitForSlot(context: PoliteContext, url: string, delayMs: number): Promise<void> {
  const { host } = new URL(url)
  if (context.stopping.aborted) throw new RunStopped()
  if (context.closedHosts.has(host)) throw slowDownError(url)
  const ownPaceMs = delayMs * (context.source.politeness.concurrency + 1)
  const waitMs = await context.ports.pacing.reserve(host, delayMs, patienceMs + ownPaceMs)
  if (context.stopping.aborted) throw new RunStopped()
  if (waitMs === Number.POSITIVE_INFINITY) {
    context.closedHosts.add(host)
    throw slowDownError(url)
  }
  if (waitMs <= 0) return
  try {
    await sleep(waitMs, undefined, { signal: context.stopping })
  } catch {
    throw new RunStopped()
  }
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
  if (fetched.kind !== 'failed' || (fetched.status !== 429 && fetched.status !== 503)) return
  const askedMs = fetched.retryAfterMs ?? (fetched.status === 429 ? defaultSlowDownMs : null)
  if (askedMs === null) return
  const { host } = new URL(fetched.url)
  await context.ports.pacing.slowDown(host, askedMs)
  context.log.warn({ host, status: fetched.status, forMs: askedMs }, 'host.slowed-down')
}

function slowDownError(url: string): UnreachableError {
  return new UnreachableError(
    'http.slow-down',
    `Did not ask for ${url}: its host asked us to wait for longer than a run does. The next run takes it; ` +
      'if this stays, give the source a longer delay.',
  )
}
