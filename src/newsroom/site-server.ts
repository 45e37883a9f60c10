import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ConfigurationError } from '../model/errors.ts'
import { isKnown, validatorsOf, type Reply, type Routes } from './reply.ts'

const address = '127.0.0.1'

/** One request, told when it is over. Times are of `performance.now()`. */
export interface SeenRequest {
  readonly path: string
  /** How the asker names itself; empty when it does not. */
  readonly agent: string
  readonly beganAt: number
  readonly endedAt: number
}

export interface SiteServer {
  readonly port: number
  /** How often each path was asked for, whatever the answer was. */
  requests(): Readonly<Record<string, number>>
  /** Cuts open connections. */
  close(): Promise<void>
}

export interface SiteServerOptions {
  /** 0: any free one. */
  readonly port: number
  /** How long each answer takes, in milliseconds. */
  readonly latencyMs: number
  /** Called once, when the port is known and before the first request is answered. */
  readonly routes: (port: number) => Routes
  readonly notFound: Reply
  readonly saw?: ((request: SeenRequest) => void) | undefined
}

/**
 * Serves a site on loopback.
 * @throws {ConfigurationError} the port is taken
 */
export async function serveSite(options: SiteServerOptions): Promise<SiteServer> {
  const hits = new Map<string, number>()
  // The same as Newsfold's own server: Node's defaults keep slow sockets for minutes.
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2000 })
  const port = await listen(server, options.port)
  const routes = options.routes(port)

  server.on('request', (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const hit = (hits.get(path) ?? 0) + 1
    hits.set(path, hit)
    const beganAt = performance.now()
    const agent = request.headers['user-agent'] ?? ''
    response.once('close', () => options.saw?.({ path, agent, beganAt, endedAt: performance.now() }))
    const reply = routes.get(path)?.(hit) ?? options.notFound
    if (options.latencyMs === 0) send(request, response, reply)
    else setTimeout(() => send(request, response, reply), options.latencyMs).unref()
  })

  return {
    port,
    requests: () => Object.fromEntries(hits),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Cannot serve a demo site on ${address}:${port}: ${cause.message}. Choose another port, or 0 for a free one.`
      reject(new ConfigurationError('newsroom-port-taken', message, cause))
    })
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port)
    })
  })
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  if (isKnown(reply, request.headers)) {
    response.writeHead(304, validatorsOf(reply)).end()
    return
  }
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': reply.body.byteLength,
    ...validatorsOf(reply),
  })
  response.end(request.method === 'HEAD' ? undefined : reply.body)
}
