import type { FastifyInstance } from 'fastify'
import { createReadiness, type ReadinessCheck } from './readiness.ts'

/**
 * `/healthz`: this process lives and its loop turns; it asks for nothing else, since a restart mends no database that
 * is away. `/readyz`: it can do its work; 503 with what is missing otherwise, within 2 s.
 */
export function addHealthRoutes(app: FastifyInstance, checks: readonly ReadinessCheck[]): void {
  const startedAt = Date.now()
  const ask = createReadiness(checks)
  app.get('/healthz', (_request, reply) =>
    reply.header('cache-control', 'no-store').send({
      status: 'ok',
      pid: process.pid,
      upSeconds: Math.floor((Date.now() - startedAt) / 1000),
    }),
  )
  app.get('/readyz', async (_request, reply) => {
    const readiness = await ask()
    if (readiness.status !== 'ready') void reply.code(503).header('retry-after', '5')
    return reply.header('cache-control', 'no-store').send(readiness)
  })
}
