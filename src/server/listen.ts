import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { describeError, UnreachableError } from '../model/errors.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { RenderingStore } from './rendering-store.ts'
import { respond } from './respond.ts'

/** How many ports after the one asked for are tried before any free one is taken. */
const nextPorts = 20

/**
 * Listens on the port asked for, or on another one when it is taken.
 * @throws {UnreachableError} it cannot
 */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<{ url: string; isOther: boolean }> {
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
export function serverOf(
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
