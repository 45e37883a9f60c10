import Fastify, { type FastifyInstance } from 'fastify'
import { ConfigurationError, describeError } from '../model/errors.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { createReadiness, type ReadinessQuestion } from './readiness.ts'

/**
 * `/healthz`: this process lives and its loop turns; it asks for nothing else, since a restart mends no database that
 * is away. `/readyz`: it can do its work, if need be without something that is missing; 503 with what that is
 * otherwise, within 2 s.
 */
export function addHealthRoutes(app: FastifyInstance, question: ReadinessQuestion): void {
  const startedAt = Date.now()
  const ask = createReadiness(question)
  app.get('/healthz', (_request, reply) =>
    reply.header('cache-control', 'no-store').send({
      status: 'ok',
      pid: process.pid,
      upSeconds: Math.floor((Date.now() - startedAt) / 1000),
    }),
  )
  app.get('/readyz', async (_request, reply) => {
    const readiness = await ask()
    if (readiness.status === 'not-ready') void reply.code(503).header('retry-after', '5')
    return reply.header('cache-control', 'no-store').send(readiness)
  })
}

/** `/metrics` in Prometheus' text format. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) =>
    reply
      .type(metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.exposition()),
  )
}

/**
 * A server for those who watch, beside or without the one for readers.
 * @returns how to stop it
 * @throws {ConfigurationError} the port is in use: another one would not be found by those who watch
 */
export async function startHealthServer(options: {
  readonly host: string
  readonly port: number
  readonly readiness: ReadinessQuestion
  readonly metrics: Metrics
}): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { host, port } = options
  const app = Fastify({ forceCloseConnections: true })
  addHealthRoutes(app, options.readiness)
  addMetricsRoute(app, options.metrics)
  try {
    const url = await app.listen({ host, port })
    return {
      url,
      stop: async () => {
        await app.close()
      },
    }
  } catch (error) {
    throw new ConfigurationError(
      'metrics.cannot-listen',
      `Cannot listen on ${host}:${port} for metrics: ${describeError(error)}. Set NEWSFOLD_METRICS_PORT to a free port, one a process.`,
      error,
    )
  }
}
