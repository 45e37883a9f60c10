import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { listenForStories } from '../archive/story-listener.ts'
import { describeError, UnreachableError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { QueryError } from '../search/query-error.ts'
import { feedFormats } from './feed-formats.ts'
import { createHostGuard } from './host-guard.ts'
import { badSearchPage } from './pages/feed-page.ts'
import { messagePage } from './pages/layout.ts'
import type { View } from './pages/view.ts'
import { addPushRoutes } from './push-routes.ts'
import { withoutToken } from '../push/topic-address.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { securityHeaders } from './rendering.ts'
import { createRenderingStore, type Publication, type RenderingStore } from './rendering-store.ts'
import { addHealthRoutes, addMetricsRoute } from './health.ts'
import { readinessChecks } from './readiness-checks.ts'
import type { ReadinessCheck } from './readiness.ts'
import { viewOf } from './site-view.ts'
import { respond } from './respond.ts'
import { BadAddressError } from './search-address.ts'

export interface PushOptions {
  /** Hubs of others that are told of changes, beside our own. */
  readonly hubs: readonly string[]
  /** `host:port` pairs of subscribers that may be at private addresses. */
  readonly allowPrivateHosts: readonly string[]
  /** Pages that may listen for new stories at the same time; 500 if absent. */
  readonly mostStreams?: number
}

export interface ServerOptions {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How readers reach it; `null`: at the address it listens on. */
  readonly publicUrl: string | null
  /** Names that readers may reach it by, beside those that follow from the above. */
  readonly hostNames?: readonly string[]
  /** Opens what operators alone may do; absent: nobody may. */
  readonly operatorToken?: string
  /** Absent: feeds name no hub, and nobody can subscribe to be told. */
  readonly push?: PushOptions
  readonly log: Logger
  /** What `/readyz` asks; the archive if absent. */
  readonly readiness?: readonly ReadinessCheck[]
  /** What answers are counted in. */
  readonly metrics?: Metrics
  /** Whether `/metrics` is here, or at an address of its own. */
  readonly showsMetrics?: boolean
}

export interface RunningServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** Whether the port asked for was taken and another one is used. */
  readonly isOtherPort: boolean
  /** From now on it publishes these sources: their names, and feeds of their tags. */
  useSources(sources: readonly Source[]): void
  stop(): Promise<void>
}

/** Answers what the publisher has at an address; a search that cannot be understood is told what is wrong. */
function show(parts: Parts) {
  const { store, view } = parts
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const [path, query] = splitAddress(request.raw.url ?? '/')
    const params = new URLSearchParams(query)
    let publication: Publication | null
    try {
      publication = parts.publisher.find(path, params)
    } catch (error) {
      if (!(error instanceof BadAddressError || error instanceof QueryError)) throw error
      return sendBadRequest(reply, view, path, params.get('q') ?? '', error)
    }
    const rendering = publication && (await store.get(publication))
    if (!rendering) return sendMessage(reply, view, 404, notHere(path))
    reply.hijack()
    respond(request.raw, reply.raw, rendering)
    return reply
  }
}

function splitAddress(url: string): [string, string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

function notHere(path: string): string {
  if (path.startsWith('/feeds/')) {
    return `没有名为“${decodedPath(path.slice('/feeds/'.length))}”的订阅源。There is no feed of this name.`
  }
  if (path.startsWith('/stories/')) return '没有这篇报道。There is no such story.'
  return '没有这个页面。There is no such page.'
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function sendMessage(reply: FastifyReply, view: View, status: number, message: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(messagePage(view, status, message))
}

/** The page of a search says it in its place; a reader of feeds gets one line of JSON. */
function sendBadRequest(
  reply: FastifyReply,
  view: View,
  path: string,
  query: string,
  error: BadAddressError | QueryError,
): FastifyReply {
  void reply.code(400).header('cache-control', 'no-store')
  if (path.endsWith('.html')) {
    return reply.type('text/html; charset=utf-8').send(badSearchPage(view, query.slice(0, 500), error.message))
  }
  const at = error instanceof QueryError ? { at: error.at } : {}
  return reply.send({ error: error.message, code: error.code, ...at })
}

/** Methods that change nothing; `OPTIONS` for scripts that ask for JSON with `If-None-Match`. */
const readingMethods = 'GET, HEAD, OPTIONS'

function sendOptions(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path] = splitAddress(request.raw.url ?? '/')
  if (path.endsWith('.json')) {
    void reply.headers({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': readingMethods,
      'access-control-allow-headers': 'If-None-Match, If-Modified-Since, Cache-Control',
      'access-control-max-age': '86400',
    })
  }
  return reply.code(204).header('allow', readingMethods).send()
}

interface Parts {
  /** Another one when the sources change. */
  publisher: Publisher
  readonly store: RenderingStore
  readonly view: View
}

const publishedPaths = [
  '/',
  '/feeds.opml',
  '/feeds/*',
  '/stories/*',
  '/newsfold.css',
  '/live-search.js',
  '/new-stories.js',
] as const

function addRoutes(app: FastifyInstance, options: ServerOptions, parts: Parts): void {
  const { database, log } = options
  const { view } = parts
  for (const path of publishedPaths) {
    app.get(path, show(parts))
    app.options(path, (request, reply) => sendOptions(request, reply))
    app.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE'],
      url: path,
      handler: (_request, reply) =>
        reply.code(405).header('allow', readingMethods).send({ error: '只能读取。This can be read only.' }),
    })
  }
  app.get('/search', (request, reply) => {
    const [, query] = splitAddress(request.raw.url ?? '/')
    return reply.redirect(`/feeds/search.html${query === '' ? '' : `?${query}`}`, 302)
  })
  addHealthRoutes(app, options.readiness ?? readinessChecks(database))
  if (options.metrics && options.showsMetrics) addMetricsRoute(app, options.metrics)
  app.setNotFoundHandler((request, reply) => sendMessage(reply, view, 404, notHere(request.raw.url ?? '/')))
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 503
    if (status >= 500) log.error({ err: error, path: withoutToken(request.url) }, 'request.failed')
    const message =
      status >= 500 ? '暂时无法读取存档，请稍后再试。The archive cannot be read at the moment.' : describeError(error)
    if (status >= 500) void reply.header('retry-after', '10')
    return reply.code(status).header('cache-control', 'no-store').send({ error: message })
  })
}

/** How many ports after the one asked for are tried before any free one is taken. */
const nextPorts = 20

async function listen(app: FastifyInstance, host: string, port: number): Promise<{ url: string; isOther: boolean }> {
  const candidates = port === 0 ? [0] : [...Array.from({ length: nextPorts }, (_, index) => port + index), 0]
  for (const candidate of candidates.filter((candidate) => candidate <= 65_535)) {
    try {
      return { url: await app.listen({ host, port: candidate }), isOther: candidate !== port }
    } catch (error) {
      const isTaken =
        error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
      if (isTaken && candidate !== 0) continue
      throw new UnreachableError(
        'server.cannot-listen',
        `Cannot listen on ${host}:${port}: ${describeError(error)}. Set NEWSFOLD_HOST to an address of this machine.`,
        error,
      )
    }
  }
  throw new UnreachableError('server.cannot-listen', `Cannot listen on ${host}:${port}: no port is free.`)
}

/** Node's defaults keep slow sockets for minutes. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 10_000 } as const

/** RFC 9110 §15.5.20: asked for a name that this server does not go by. */
function refuseHost(response: ServerResponse): void {
  response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end('This server does not go by the name asked for. Its operator adds names with NEWSFOLD_HOST_NAMES.\n')
}

/** The names that readers may use. */
function hostNamesOf({ host, publicUrl, hostNames = [] }: ServerOptions): string[] {
  return [host, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname]), ...hostNames]
}

function measureAnswer(metrics: Metrics, response: ServerResponse): void {
  const startedAt = performance.now()
  response.once('finish', () => {
    metrics.answers.inc({ status: response.statusCode })
    metrics.answerSeconds.observe((performance.now() - startedAt) / 1000)
  })
}

/**
 * Node's own server with what is ready answered before any routing: most requests are for bytes that are there, and
 * most of them are answered by 304.
 */
function serverOf(
  store: RenderingStore,
  isOurs: (host: string | undefined) => boolean,
  metrics: Metrics | null,
  others: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  return createServer({ ...timeouts, connectionsCheckingInterval: 2000 }, (request, response) => {
    if (!isOurs(request.headers.host)) {
      refuseHost(response)
      return
    }
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const rendering = isReading && request.url !== undefined ? store.current(request.url) : null
    if (metrics) measureAnswer(metrics, response)
    if (rendering) respond(request, response, rendering)
    else others(request, response)
  })
}

function byId(sources: readonly Source[]): ReadonlyMap<string, Source> {
  return new Map(sources.map((source) => [source.id, source]))
}

/**
 * Starts the HTTP server: feeds, searches, pages, health.
 * @throws {ConfigurationError} a feed's definition cannot be searched for
 * @throws {UnreachableError} it cannot listen
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { database, feeds, log } = options
  let sources = byId(options.sources)
  let publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? ''
  const view = viewOf({
    publicUrl: () => publicUrl,
    sources: () => sources,
    feeds: feeds.filter((feed) => !feed.private),
    hubs: options.push?.hubs ?? null,
  })
  const store = createRenderingStore(log, () => Date.now())
  const newPublisher = () =>
    createPublisher({ database, view, formats: feedFormats, now: () => new Date(), isPaged: true })
  const parts: Parts = { publisher: newPublisher(), store, view }
  const isOurs = createHostGuard(hostNamesOf(options))
  const app = Fastify({
    serverFactory: (others) => serverOf(store, isOurs, options.metrics ?? null, others),
    forceCloseConnections: true,
    exposeHeadRoutes: true,
  })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(securityHeaders)
  })
  addRoutes(app, options, parts)
  const push = addPushRoutes(app, options, { publicUrl: () => publicUrl, sources: () => sources })
  const { url, isOther } = await listen(app, options.host, options.port)
  publicUrl ||= url
  const stopListening = listenForStories(database, log, () => {
    store.invalidate()
    push.invalidate()
  })
  return {
    url,
    isOtherPort: isOther,
    useSources: (changed) => {
      sources = byId(changed)
      parts.publisher = newPublisher()
      store.invalidate()
      push.invalidate()
    },
    stop: async () => {
      await stopListening()
      await push.stop()
      await app.close()
    },
  }
}
