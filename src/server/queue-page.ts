import type { FastifyInstance } from 'fastify'
import type { Database } from '../archive/database.ts'
import { findFailedWork, findQueueFigures, type OpenQueues } from '../queue/queue-figures.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath } from './operator-session.ts'
import { messagePage } from './pages/layout.ts'
import { queuePage } from './pages/queue-page.ts'
import type { View } from './pages/view.ts'
import { boardPath } from './queue-board.ts'

export interface QueuePageOptions {
  readonly database: Database
  readonly queues: () => OpenQueues | null
  readonly hasBoard: boolean
  readonly view: View
  readonly requireOperator: RequireOperator
  readonly now: () => Date
}

/** As many as a person looks at. */
const failedShown = 100

/** `/operator/queue`: both queues on one page; `/operator/queue.json`: their figures for programs. */
export function addQueuePage(app: FastifyInstance, options: QueuePageOptions): void {
  const { database, queues, view, now } = options
  const guarded = { onRequest: options.requireOperator }
  app.get<{ Querystring: { done?: string } }>(`${operatorPath}/queue`, guarded, async (request, reply) => {
    void reply.type('text/html; charset=utf-8')
    const open = queues()
    if (!open) {
      const says = '队列尚未打开。The queues are not open yet: try again in a moment.'
      return reply
        .code(503)
        .header('retry-after', '5')
        .send(messagePage(view, 503, says))
    }
    const all = { ...open, database }
    const [figures, failed] = await Promise.all([findQueueFigures(all), findFailedWork(all, failedShown)])
    const { done = null } = request.query
    const board = options.hasBoard ? boardPath : null
    return reply.send(queuePage(view, { figures, failed, boardPath: board, done, now: now() }))
  })
  app.get(`${operatorPath}/queue.json`, guarded, async (_request, reply) => {
    const open = queues()
    if (!open) return reply.code(503).header('retry-after', '5').send({ code: 'queue.not-open' })
    const all = { ...open, database }
    return { ...(await findQueueFigures(all)), failed: await findFailedWork(all, failedShown) }
  })
}
