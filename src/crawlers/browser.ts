import { accessSync, constants } from 'node:fs'
import { ConfigurationError, describeError, NewsfoldError, UnreachableError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import type { Fetched, FetchRequest, HttpClient } from './http-client.ts'

/** What of Playwright is used here; the packages are optional, so their own types may not be there. */
interface BrowserRoute {
  request(): {
    url(): string
    method(): string
    resourceType(): string
    isNavigationRequest(): boolean
    /** @throws the request is a new window's */
    frame(): { parentFrame(): unknown; page(): unknown }
  }
  fulfill(answer: { status: number; headers: Record<string, string>; body: Buffer }): Promise<void>
  abort(reason?: string): Promise<void>
}
interface BrowserPage {
  close(): Promise<void>
  goto(url: string, options: { waitUntil: 'load'; timeout: number }): Promise<unknown>
  waitForLoadState(state: 'networkidle', options: { timeout: number }): Promise<void>
  content(): Promise<string>
  url(): string
}
interface BrowserContext {
  route(pattern: string, handle: (route: BrowserRoute) => Promise<void>): Promise<void>
  on(event: 'page', listener: (page: BrowserPage) => void): void
  newPage(): Promise<BrowserPage>
  close(): Promise<void>
}
interface RunningBrowser {
  newContext(options: { serviceWorkers: 'block'; userAgent: string; javaScriptEnabled: true }): Promise<BrowserContext>
  isConnected(): boolean
  close(): Promise<void>
}
interface CrawleePlaywright {
  launchPlaywright(context: {
    launcher: unknown
    useIncognitoPages: true
    launchOptions: { executablePath: string; headless: true; args: string[] }
  }): Promise<RunningBrowser>
}

/** Renders pages that only scripts write. */
export interface PageRenderer {
  /**
   * One page as it is once its scripts have written it. What goes wrong is a value, as with `HttpClient.fetchPage`.
   * @throws {ConfigurationError} code `browser.not-installed`: the message names what to install
   */
  renderPage(request: FetchRequest, signal?: AbortSignal): Promise<Fetched>
  close(): Promise<void>
}

export interface RendererOptions {
  /** All that a page asks for comes through it: guard, byte caps and redirect checks hold for its scripts' requests too. */
  readonly http: HttpClient
  readonly userAgent: string
  /** Path of a Chromium; `null`: looked for where systems put one. */
  readonly executable: string | null
  /** Imports the optional packages; a test may bring its own. */
  readonly importPackage?: (name: string) => Promise<unknown>
}

const packages = ['@crawlee/playwright', 'playwright-core'] as const
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
] as const

/** What a list is written from; pictures, fonts and films say nothing to a reader. */
const wantedTypes: ReadonlySet<string> = new Set(['document', 'script', 'xhr', 'fetch'])
/** Pages that need more to show a list are advertising. */
const maxRequests = 60
/** Lists come with the last answer; what polls for ever never falls silent. */
const idleMs = 3000

/**
 * What is answered here needs no network. What is not, such as WebSockets and what the browser asks for by itself, goes
 * to a proxy that is not there; WebRTC would go past a proxy.
 */
const withoutNetwork = [
  '--proxy-server=http://127.0.0.1:1',
  // Chromium goes past its proxy to addresses of this machine if it is not told so.
  '--proxy-bypass-list=<-loopback>',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
] as const

/** A renderer whose browser starts with its first page. */
export function createRenderer(options: RendererOptions): PageRenderer {
  let browser: Promise<RunningBrowser> | null = null
  const running = async (): Promise<RunningBrowser> => {
    const known = await browser?.catch(() => null)
    if (known?.isConnected()) return known
    browser = launch(options)
    return await browser
  }
  return {
    async renderPage(request, signal) {
      const started = await running()
      return await renderIn(started, options, request, signal)
    },
    async close() {
      const known = await browser?.catch(() => null)
      await known?.close()
    },
  }
}

function notInstalled(missing: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    'browser.not-installed',
    `Cannot render pages: expected ${missing}, found none. "render: browser" needs "npm install ${packages.join(' ')}" ` +
      'and a Chromium (Debian: "apt install chromium"), or NEWSFOLD_CHROMIUM set to its path.',
    cause,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function importOptional(name: string, importPackage: (name: string) => Promise<unknown>): Promise<object> {
  try {
    const module = await importPackage(name)
    if (typeof module === 'object' && module !== null) return module
  } catch (cause) {
    throw notInstalled(`the package ${name}`, cause)
  }
  throw notInstalled(`the package ${name}`)
}

function hasLaunch(module: object): module is CrawleePlaywright {
  return 'launchPlaywright' in module && typeof module.launchPlaywright === 'function'
}

const importByName = (name: string): Promise<unknown> => import(name)

async function launch({ executable, importPackage = importByName }: RendererOptions): Promise<RunningBrowser> {
  const crawlee = await importOptional(packages[0], importPackage)
  const playwright = await importOptional(packages[1], importPackage)
  if (!hasLaunch(crawlee) || !('chromium' in playwright))
    throw notInstalled('@crawlee/playwright 3 and playwright-core 1')
  const path = executable ?? usualPaths.find(isExecutable)
  if (path === undefined || !isExecutable(path)) throw notInstalled(path ? `a program at ${path}` : 'a Chromium')
  const args = [
    ...withoutNetwork,
    // Chromium's own sandbox needs rights that root must not use and that containers do not give.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
  return await crawlee.launchPlaywright({
    launcher: playwright.chromium,
    useIncognitoPages: true,
    launchOptions: { executablePath: path, headless: true, args },
  })
}

interface Rendering {
  /** Requests that were let through; many are under way at one time. */
  asked: number
  requests: number
  receivedBytes: number
  /** What came of the page itself, after redirects. */
  main: Extract<Fetched, { kind: 'fetched' }> | null
  failure: Extract<Fetched, { kind: 'failed' }> | null
  /** What is no fault of the page: the run is being stopped. */
  broken: { readonly error: unknown } | null
}

async function renderIn(
  browser: RunningBrowser,
  options: RendererOptions,
  request: FetchRequest,
  signal: AbortSignal | undefined,
): Promise<Fetched> {
  const context = await browser.newContext({
    serviceWorkers: 'block',
    userAgent: options.userAgent,
    javaScriptEnabled: true,
  })
  const rendering: Rendering = { asked: 0, requests: 0, receivedBytes: 0, main: null, failure: null, broken: null }
  const close = () => void context.close().catch(() => undefined)
  signal?.addEventListener('abort', close, { once: true })
  try {
    let page: BrowserPage | null = null
    // Of the context, since what a page opens in a new window is no request of the page.
    await context.route('**/*', (route) => answer(route, { options, request, rendering, signal, page }))
    const own = await context.newPage()
    page = own
    context.on('page', (opened) => {
      if (opened !== own) void opened.close().catch(() => undefined)
    })
    await own.goto(request.url, { waitUntil: 'load', timeout: request.timeoutMs })
    await own.waitForLoadState('networkidle', { timeout: idleMs }).catch(() => undefined)
    const result = await resultOf(own, rendering, request)
    if (rendering.broken) throw rendering.broken.error
    return result
  } catch (error) {
    signal?.throwIfAborted()
    if (rendering.broken) throw rendering.broken.error
    if (rendering.failure) return { ...rendering.failure, ...trafficOf(rendering) }
    const failed = new UnreachableError(
      'browser.failed',
      `Cannot render ${request.url}: ${describeError(error).split('\n')[0]}`,
      error,
    )
    return {
      kind: 'failed',
      error: failed,
      url: request.url,
      status: null,
      retryAfterMs: null,
      ...trafficOf(rendering),
    }
  } finally {
    signal?.removeEventListener('abort', close)
    await context.close().catch(() => undefined)
  }
}

function trafficOf({ requests, receivedBytes }: Rendering) {
  return { requests, receivedBytes }
}

async function resultOf(page: BrowserPage, rendering: Rendering, request: FetchRequest): Promise<Fetched> {
  const { main } = rendering
  // A browser shows a feed or a file in a page of its own; what was sent is what is meant.
  if (main && !/html/i.test(main.page.contentType ?? 'html')) {
    return { ...main, page: { ...main.page, requestedUrl: request.url }, ...trafficOf(rendering) }
  }
  const body = new TextEncoder().encode(await page.content())
  if (main === null || body.length > request.maxBytes) {
    const reason =
      main === null ? 'its page never came' : `it grew to ${body.length} bytes, more than ${request.maxBytes}`
    const error = new UnreachableError('browser.failed', `Cannot render ${request.url}: ${reason}.`)
    return { kind: 'failed', error, url: request.url, status: null, retryAfterMs: null, ...trafficOf(rendering) }
  }
  const rendered: Page = {
    ...main.page,
    requestedUrl: request.url,
    body,
    contentType: 'text/html; charset=utf-8',
    // They are of the page before its scripts ran: the list may change while it does not.
    etag: null,
    lastModified: null,
    freshForMs: null,
  }
  return { kind: 'fetched', page: rendered, ...trafficOf(rendering) }
}

/**
 * Answers one request of a page with what our own client brings, so that the browser itself never goes out. Each page
 * that the browser is sent on to passes robots.txt and the host's pace, as a redirect does. Scripts and what they fetch
 * are parts of a page that was allowed: they are bounded by the address guard, their number and their bytes. Pictures,
 * fonts, films, frames and new windows are not asked for.
 */
async function answer(
  route: BrowserRoute,
  at: {
    options: RendererOptions
    request: FetchRequest
    rendering: Rendering
    signal: AbortSignal | undefined
    page: BrowserPage | null
  },
): Promise<void> {
  const { options, request, rendering, signal } = at
  const asked = route.request()
  const isPage = asked.isNavigationRequest()
  const from = placeOf(asked, at.page)
  const isElsewhere = from === 'elsewhere' || (isPage && from === 'frame')
  const isOver = rendering.asked >= maxRequests || rendering.receivedBytes >= request.maxBytes
  if (asked.method() !== 'GET' || !wantedTypes.has(asked.resourceType()) || isElsewhere || isOver) {
    return await route.abort('blockedbyclient')
  }
  rendering.asked += 1
  try {
    // The first page has passed already.
    if (isPage && rendering.main !== null) await request.beforeRedirect?.(asked.url())
    const fetched = await options.http.fetchPage(partOf(request, asked.url(), isPage), signal)
    rendering.requests += fetched.requests
    rendering.receivedBytes += fetched.receivedBytes
    if (fetched.kind !== 'fetched') {
      if (isPage && fetched.kind === 'failed') rendering.failure = fetched
      return await route.abort('failed')
    }
    if (isPage) rendering.main = fetched
    const { status, contentType, body } = fetched.page
    // What a page's own scripts may read of other hosts is theirs to say; here nothing is secret, and no cookie is sent.
    const answered = { 'access-control-allow-origin': '*', ...(contentType && { 'content-type': contentType }) }
    return await route.fulfill({ status, headers: answered, body: Buffer.from(body) })
  } catch (error) {
    if (!(error instanceof NewsfoldError)) rendering.broken ??= { error }
    return await route.abort('failed')
  }
}

/** Where in the browser a request comes from; `elsewhere`: no part of the page that is rendered. */
function placeOf(asked: ReturnType<BrowserRoute['request']>, page: BrowserPage | null): 'page' | 'frame' | 'elsewhere' {
  try {
    const frame = asked.frame()
    if (frame.page() !== page) return 'elsewhere'
    return frame.parentFrame() === null ? 'page' : 'frame'
  } catch {
    // A window that is being opened has no frame yet.
    return 'elsewhere'
  }
}

function partOf(request: FetchRequest, url: string, isPage: boolean): FetchRequest {
  // A source's own headers may hold keys: they go to the page's own origin only.
  const isOwn = new URL(url).origin === new URL(request.url).origin
  const { beforeRedirect, ...rest } = request
  const part = { ...rest, url, headers: isOwn ? (request.headers ?? {}) : {}, etag: null, lastModified: null }
  return isPage && beforeRedirect ? { ...part, beforeRedirect } : part
}
