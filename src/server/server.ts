import { readFileSync } from 'node:fs'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { countArchive } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { findRevisions, findStories, findStory } from '../archive/stories.ts'
import { listenForStories } from '../archive/story-listener.ts'
import { describeError, UnreachableError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { isNotModified } from './conditional.ts'
import type { Site } from './feed-item.ts'
import { createFeedStore, type FeedStore } from './feed-store.ts'
import { feedFormats } from './feed-formats.ts'
import { frontPage, notFoundPage, storyPage } from './pages.ts'

export interface ServerOptions {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How readers reach it; `null`: at the address it listens on. */
  readonly publicUrl: string | null
  readonly log: Logger
}

export interface RunningServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** Whether the port asked for was taken and another one is used. */
  readonly isOtherPort: boolean
  stop(): Promise<void>
}

/** Stories on the front page. */
const frontPageStories = 60
/** Readers may keep a feed this long without asking; a new release is not to wait longer than that. */
const feedMaxAgeSeconds = 60

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function sendFeed(store: FeedStore) {
  return async (request: FastifyRequest<{ Params: { file: string } }>, reply: FastifyReply) => {
    const [, feedId, extension] = /^(.+)\.([a-z]+)$/.exec(request.params.file) ?? []
    const feed = feedId && extension ? await store.get(feedId, extension) : null
    if (!feed) return sendNotFound(reply, `没有名为“${request.params.file}”的订阅源。There is no feed of this name.`)
    void reply.header('etag', feed.etag).header('cache-control', `public, max-age=${feedMaxAgeSeconds}`)
    if (feed.lastModified) void reply.header('last-modified', feed.lastModified.toUTCString())
    if (isNotModified(request.headers, feed)) return reply.code(304).send()
    return reply.type(feed.contentType).send(feed.body)
  }
}

function sendNotFound(reply: FastifyReply, what: string): FastifyReply {
  return reply.code(404).type('text/html; charset=utf-8').send(notFoundPage(what))
}

function addRoutes(app: FastifyInstance, options: ServerOptions, store: FeedStore, site: () => Site): void {
  const css = readFileSync(new URL('./newsfold.css', import.meta.url))
  const { database, feeds } = options

  app.get('/', async (_request, reply) => {
    const [stories, counts] = await Promise.all([
      findStories(database, { sourceIds: null, languages: null, limit: frontPageStories }),
      countArchive(database),
    ])
    const markup = frontPage({ stories, feeds, formats: feedFormats, site: site(), counts })
    return reply.type('text/html; charset=utf-8').send(markup)
  })
  app.get('/newsfold.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(css))
  app.get('/feeds/:file', sendFeed(store))
  app.get<{ Params: { id: string } }>('/stories/:id', async (request, reply) => {
    const { id } = request.params
    const story = uuid.test(id) ? await findStory(database, id) : null
    if (!story) return sendNotFound(reply, '没有这篇报道。There is no such story.')
    const revisions = await findRevisions(database, story.articleId)
    return reply.type('text/html; charset=utf-8').send(storyPage(story, revisions, site()))
  })
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    await database.query('select 1')
    return reply.send({ status: 'ready' })
  })
  app.setNotFoundHandler((_request, reply) => sendNotFound(reply, '没有这个页面。There is no such page.'))
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 503
    if (status >= 500) options.log.error({ err: error, path: request.url }, 'request.failed')
    const message =
      status >= 500 ? '暂时无法读取存档，请稍后再试。The archive cannot be read at the moment.' : describeError(error)
    if (status >= 500) void reply.header('retry-after', '10')
    return reply.code(status).send({ error: message })
  })
}

/** What pages may load: nothing but this server's stylesheet and the pictures of articles. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src * data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
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

/** Starts the HTTP server: feeds, pages, health. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const app = Fastify({
    // Node's defaults keep slow sockets for minutes.
    requestTimeout: 15_000,
    keepAliveTimeout: 10_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2000 },
    forceCloseConnections: true,
    exposeHeadRoutes: true,
  })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(securityHeaders)
  })
  const sources = new Map(options.sources.map((source) => [source.id, source]))
  let publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? ''
  const site = (): Site => ({ publicUrl, sources })
  const store = createFeedStore({
    database: options.database,
    feeds: options.feeds,
    formats: feedFormats,
    site,
    log: options.log,
  })
  addRoutes(app, options, store, site)
  const { url, isOther } = await listen(app, options.host, options.port)
  publicUrl ||= url
  const stopListening = listenForStories(options.database, options.log, () => store.invalidate())
  return {
    url,
    isOtherPort: isOther,
    stop: async () => {
      await stopListening()
      await app.close()
    },
  }
}
