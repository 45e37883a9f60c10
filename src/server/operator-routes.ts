import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Database } from '../archive/database.ts'
import { listDeadLetters, retryDeadLetters } from '../archive/deliveries.ts'
import type { RequireOperator } from './operator-gate.ts'

/** As many as a person looks at. */
const mostShown = 200

const retrySchema = z.strictObject({
  /** Absent: all of them. */
  ids: z.array(z.uuid()).min(1).optional(),
})

/** What operators may ask of deliveries over HTTP. */
export function addDeliveryRoutes(app: FastifyInstance, database: Database, requireOperator: RequireOperator): void {
  const guarded = { onRequest: requireOperator }
  app.get('/operator/dead-letters', guarded, async () => ({ deadLetters: await listDeadLetters(database, mostShown) }))
  app.post('/operator/dead-letters/retry', guarded, async (request, reply) => {
    const wanted = retrySchema.safeParse(request.body ?? {})
    if (!wanted.success)
      return reply.code(400).send({ error: z.prettifyError(wanted.error), code: 'operator.bad-body' })
    return { retried: await retryDeadLetters(database, wanted.data.ids ?? null, new Date()) }
  })
}
