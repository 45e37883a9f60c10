import { createRequire } from 'node:module'
import { RefusedError, UnreachableError, type NewsfoldError } from '../model/errors.ts'
import type { Fetched } from './http-client.ts'

/** What is kept of a robots.txt. */
export interface RobotsEntry {
  /** The file's text, empty when there is none; `null`: it could not be read, so nothing may be asked. */
  readonly text: string | null
  /** In words, for the message: `status 503`. */
  readonly reason: string
  readonly expiresAt: Date
}

export interface RobotsStore {
  find(origin: string): Promise<RobotsEntry | null>
  save(origin: string, entry: RobotsEntry): Promise<void>
}

export type RobotsVerdict =
  | { readonly kind: 'allowed'; readonly crawlDelayMs: number }
  | { readonly kind: 'disallowed'; readonly error: NewsfoldError }

/** RFC 9309 §2.4: a copy should not be used for more than 24 hours; publishers see a change taken up within the day. */
const lifetimeMs = 6 * 3_600_000
/** How soon a host that did not give its robots.txt is asked for it again. */
const unreachableLifetimeMs = 10 * 60_000
/** Clocks of machines differ by seconds; what is kept for longer than it can be was kept by a clock that was ahead. */
const slackMs = 300_000
/** RFC 9309 §2.5: at least this much is read. */
export const robotsMaxBytes = 500 * 1024
/** Some files ask for hours between two pages, which was meant for others or by nobody. */
const maxCrawlDelayMs = 60_000

/** Whether a file that is kept still counts. */
export function isCurrent({ text, expiresAt }: RobotsEntry, now: Date): boolean {
  const leftMs = expiresAt.getTime() - now.getTime()
  return leftMs > 0 && leftMs <= (text === null ? unreachableLifetimeMs : lifetimeMs) + slackMs
}

interface ParsedRobots {
  isAllowed(url: string, userAgent: string): boolean | undefined
  getCrawlDelay(userAgent: string): number | undefined
}

// Its types declare a default export that the CommonJS module does not have.
const require = createRequire(import.meta.url)
const parseRobots: (url: string, text: string) => ParsedRobots = require('robots-parser')

/**
 * Whether robots.txt (RFC 9309) lets an address be asked for: a file that is not there (4xx) allows all, one that
 * cannot be read (5xx, no answer) forbids all.
 * @param from.fetchRobots asks for a robots.txt, with pace and guard; truncated at `robotsMaxBytes`
 */
export async function askRobots(
  url: string,
  from: { store: RobotsStore; userAgent: string; now: () => Date; fetchRobots: (url: string) => Promise<Fetched> },
): Promise<RobotsVerdict> {
  const { origin } = new URL(url)
  const robotsUrl = `${origin}/robots.txt`
  const kept = await from.store.find(origin)
  const entry = kept && isCurrent(kept, from.now()) ? kept : await fetchEntry(robotsUrl, origin, from)
  if (entry.text === null) {
    const error = new UnreachableError(
      'robots.unreachable',
      `Did not ask for ${url}: expected to read ${robotsUrl}, got ${entry.reason}, which forbids all until it can be ` +
        'read (RFC 9309). It is tried again later.',
    )
    return { kind: 'disallowed', error }
  }
  const robots = parseRobots(robotsUrl, tameRobots(entry.text))
  const agent = productToken(from.userAgent)
  if (robots.isAllowed(url, agent) === false) {
    const error = new RefusedError(
      'robots.disallowed',
      `Did not ask for ${url}: ${robotsUrl} forbids it. Remove it from the source, or ask the publisher for leave.`,
    )
    return { kind: 'disallowed', error }
  }
  const crawlDelayMs = Math.max(0, (robots.getCrawlDelay(agent) ?? 0) * 1000)
  return { kind: 'allowed', crawlDelayMs: Math.min(crawlDelayMs, maxCrawlDelayMs) }
}

async function fetchEntry(
  robotsUrl: string,
  origin: string,
  from: { store: RobotsStore; now: () => Date; fetchRobots: (url: string) => Promise<Fetched> },
): Promise<RobotsEntry> {
  const fetched = await from.fetchRobots(robotsUrl)
  const expireIn = (ms: number) => new Date(from.now().getTime() + ms)
  if (fetched.kind === 'fetched') {
    const text = new TextDecoder().decode(fetched.page.body)
    return await keep(from.store, origin, { text, reason: 'status 200', expiresAt: expireIn(lifetimeMs) })
  }
  // Never asked with validators, so this is a server's mistake.
  if (fetched.kind === 'not-modified') return { text: null, reason: 'status 304', expiresAt: from.now() }
  const { status, error } = fetched
  // 429 is no "there is none" but "not now". A loop of redirects counts as none (RFC 9309 §2.3.1.2).
  const isClientError = status !== null && status >= 400 && status < 500 && status !== 429
  if (isClientError || error.code === 'http.redirects') {
    return await keep(from.store, origin, { text: '', reason: 'none', expiresAt: expireIn(lifetimeMs) })
  }
  const reason = status === null ? (inWords[error.code] ?? error.code) : `status ${status}`
  const entry = { text: null, reason, expiresAt: expireIn(unreachableLifetimeMs) }
  // Refused addresses are a matter of one source's settings, not of the host.
  return error.retry === 'never' ? entry : await keep(from.store, origin, entry)
}

/** What kept a robots.txt from being read, for a message. */
const inWords: Readonly<Record<string, string>> = {
  'http.dns': 'no address for the name of its host',
  'http.connection': 'no connection to its host',
  'http.timeout': 'no answer in time',
  'http.tls': 'no trusted certificate',
  'http.refused-address': 'a private address',
}

async function keep(store: RobotsStore, origin: string, entry: RobotsEntry): Promise<RobotsEntry> {
  await store.save(origin, entry)
  return entry
}

/** `Newsfold/1.0 (+https://…)` is `Newsfold` in a robots.txt. */
function productToken(userAgent: string): string {
  return userAgent.split(/[/\s]/, 1)[0] ?? userAgent
}

/** Patterns with more wildcards than this take a matcher seconds; real ones have two or three. */
const maxWildcards = 16

/** Drops what the parser takes for the end of a group though it is none (Sitemap, Host), and patterns made to stall it. */
function tameRobots(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => !/^\s*(?:sitemap|host)\s*:/i.test(line) && line.split('*').length <= maxWildcards + 1)
    .join('\n')
}

/** The sitemaps that a robots.txt names (sitemaps.org, "Specifying the Sitemap location"); absolute ones only. */
export function sitemapsOf(text: string): string[] {
  const urls = text.split(/\r\n|\r|\n/).flatMap((line) => /^\s*sitemap\s*:\s*(\S+)/i.exec(line)?.[1] ?? [])
  return [...new Set(urls.filter((url) => /^https?:/i.test(url) && URL.canParse(url)))]
}

/** Robots files for one process. */
export function createMemoryRobots(): RobotsStore {
  const entries = new Map<string, RobotsEntry>()
  return {
    find: (origin) => Promise.resolve(entries.get(origin) ?? null),
    save(origin, entry) {
      entries.set(origin, entry)
      return Promise.resolve()
    },
  }
}
