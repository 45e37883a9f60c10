import type { FastifyInstance } from 'fastify'
import type { Database } from '../archive/database.ts'
import { findFailedWork, findQueueFigures, type AskedQueues } from '../queue/queue-figures.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath } from './operator-session.ts'
import { queuePage } from './pages/queue-page.ts'
import type { View } from './pages/view.ts'
import { boardPath } from './queue-board.ts'
import { notOpen, queueTrouble, sendQueueTrouble } from './queue-trouble.ts'

export interface QueuePageOptions {
  readonly database: Database
  readonly queues: () => AskedQueues | null
  readonly hasBoard: boolean
  readonly view: View
  readonly requireOperator: RequireOperator
  readonly now: () => Date
}

/** As many as a person looks at. */
const failedShown = 100

/** What there is to show, or why there is nothing. */
async function findAll({ database, queues }: QueuePageOptions) {
  const open = queues()
  if (!open) return { kind: 'trouble', trouble: notOpen } as const
  const all = { ...open, database }
  try {
    const [figures, failed] = await Promise.all([findQueueFigures(all), findFailedWork(all, failedShown)])
    return { kind: 'found', figures, failed } as const
  } catch (error) {
    const trouble = queueTrouble(error)
    if (!trouble) throw error
    return { kind: 'trouble', trouble } as const
  }
}

/** `/operator/queue`: both queues on one page; `/operator/queue.json`: their figures for programs. */
export function addQueuePage(app: FastifyInstance, options: QueuePageOptions): void {
  const { view, now } = options
  const guarded = { onRequest: options.requireOperator }
  app.get<{ Querystring: { done?: string } }>(`${operatorPath}/queue`, guarded, async (request, reply) => {
    const all = await findAll(options)
    if (all.kind === 'trouble') return sendQueueTrouble(reply, all.trouble, view)
    const { figures, failed } = all
    const { done = null } = request.query
    const board = options.hasBoard ? boardPath : null
    const page = queuePage(view, { figures, failed, boardPath: board, done, now: now() })
    return reply.type('text/html; charset=utf-8').send(page)
  })
  app.get(`${operatorPath}/queue.json`, guarded, async (_request, reply) => {
    const all = await findAll(options)
    if (all.kind === 'trouble') return sendQueueTrouble(reply, all.trouble, null)
    return { ...all.figures, failed: all.failed }
  })
}
