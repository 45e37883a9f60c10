import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { listenForStories } from '../archive/story-listener.ts'
import { describeError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import type { QueueStore } from '../queue/queue-store.ts'
import type { OpenQueues } from '../queue/queue-figures.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { QueryError } from '../search/query-error.ts'
import { feedFormats } from './feed-formats.ts'
import { createHostGuard } from './host-guard.ts'
import { listen, serverOf } from './listen.ts'
import { badSearchPage } from './pages/feed-page.ts'
import { messagePage } from './pages/layout.ts'
import type { View } from './pages/view.ts'
import { addOperator } from './operator.ts'
import { addPushRoutes } from './push-routes.ts'
import { withoutToken } from '../push/topic-address.ts'
import { createPublisher } from './publisher.ts'
import { publishSite } from './published-site.ts'
import { securityHeaders } from './rendering.ts'
import { createAheadRenderer } from './render-ahead.ts'
import { createRenderingStore, type Publication, type RenderingStore } from './rendering-store.ts'
import { addHealthRoutes, addMetricsRoute } from './health.ts'
import { readinessChecks } from './readiness-checks.ts'
import type { ReadinessQuestion } from './readiness.ts'
import { watchSources } from './source-facts.ts'
import { createSourcePublications } from './source-publications.ts'
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
  /** What operators steer, and what knows when sources are read next; `null` as long as they are not open. */
  readonly queues?: () => OpenQueues | null
  /** Where they are, for Bull Board; absent: it is not there. */
  readonly queueStore?: () => Promise<QueueStore>
  readonly log: Logger
  /** What `/readyz` asks; the archive if absent. */
  readonly readiness?: ReadinessQuestion
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
  /** From now on it publishes these feeds. */
  useFeeds(feeds: readonly FeedDefinition[]): void
  /** Whether all feeds for everybody were rendered once: it can go on while the database is away. */
  hasFeeds(): boolean
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
      publication = parts.find(path, params)
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
  if (path.startsWith('/sources/')) return '没有这个来源。There is no such source.'
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
  if (path.endsWith('.json') || path.startsWith('/api/')) {
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
  /** What an address shows, by its form; `null`: nothing. */
  find(path: string, params: URLSearchParams): Publication | null
  readonly store: RenderingStore
  readonly view: View
}

const publishedPaths = [
  '/',
  '/feeds.opml',
  '/feeds/*',
  '/stories/*',
  '/favicon.svg',
  '/newsfold.css',
  '/live-search.js',
  '/new-stories.js',
  '/sources',
  '/sources/*',
  '/api/*',
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
  addHealthRoutes(app, options.readiness ?? { checks: readinessChecks(database) })
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

/** The names that readers may use. */
function hostNamesOf({ host, publicUrl, hostNames = [] }: ServerOptions): string[] {
  return [host, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname]), ...hostNames]
}

const now = () => new Date()

/**
 * Starts the HTTP server: feeds, searches, pages, health.
 * @throws {ConfigurationError} a feed's definition cannot be searched for
 * @throws {UnreachableError} it cannot listen
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { database, log } = options
  const site = publishSite({ ...options, hubs: options.push?.hubs ?? null })
  const { view } = site
  const store = createRenderingStore(log, () => performance.now())
  const newPublisher = () => createPublisher({ database, view, formats: feedFormats, now, isPaged: true })
  let publisher = newPublisher()
  const queue = () => options.queues?.()?.queue ?? null
  const watch = watchSources({ database, sources: site.sources, queue, now })
  const openWatch = watchSources({ database, sources: site.publicOnes, queue, now })
  const findSources = createSourcePublications({ watch: openWatch, view, now })
  const parts: Parts = {
    find: (path, params) => publisher.find(path, params) ?? findSources(path, params),
    store,
    view,
  }
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
  const requireOperator = addOperator(app, options, { ...site, watch })
  const push = addPushRoutes(app, options, { ...site, requireOperator })
  const { url, isOther } = await listen(app, options.host, options.port)
  site.listensAt(url)
  const stopListening = listenForStories(database, log, () => {
    store.invalidate()
    push.invalidate()
  })
  const ahead = createAheadRenderer(store, log)
  ahead.begin(publisher.pinned())
  const renew = (): void => {
    publisher = newPublisher()
    store.invalidate()
    push.invalidate()
    ahead.begin(publisher.pinned())
  }
  return {
    url,
    isOtherPort: isOther,
    useSources: (changed) => {
      site.useSources(changed)
      renew()
    },
    useFeeds: (changed) => {
      site.useFeeds(changed)
      renew()
    },
    hasFeeds: () => ahead.hasFinished(),
    stop: async () => {
      ahead.stop()
      await stopListening()
      await push.stop()
      await app.close()
    },
  }
}
