import type { FastifyInstance } from 'fastify'
import type { Source } from '../model/source.ts'
import { queuesWithin } from '../queue/queue-figures.ts'
import { addOperatorActions, pathBack } from './operator-actions.ts'
import { createOperatorGate, type RequireOperator } from './operator-gate.ts'
import { addQueueBoard } from './queue-board.ts'
import { addQueuePage } from './queue-page.ts'
import { addOperatorPages } from './operator-pages.ts'
import { operatorSessions } from './operator-session.ts'
import { signInPage } from './pages/operator-parts.ts'
import type { View } from './pages/view.ts'
import type { ServerOptions } from './server.ts'
import type { SourceWatch } from './source-facts.ts'

const now = () => new Date()
/** Whoever steers is told soon when a queue does not answer. */
const patienceMs = 2000

/**
 * Adds everything below `/operator` that is not about deliveries.
 * @returns what lets operators alone through, for other routes
 */
export function addOperator(
  app: FastifyInstance,
  options: ServerOptions,
  site: {
    readonly publicUrl: () => string
    readonly sources: () => ReadonlyMap<string, Source>
    readonly view: View
    readonly watch: SourceWatch
  },
): RequireOperator {
  const { database, queues = () => null, queueStore, log } = options
  const { publicUrl, sources, view, watch } = site
  const sessions = operatorSessions(options.operatorToken ?? null)
  const requireOperator = createOperatorGate({ sessions, publicUrl })
  const requirePerson = createOperatorGate({
    sessions,
    publicUrl,
    signInPage: (request) => signInPage(view, pathBack(request.raw.url ?? null), false),
  })
  const asked = () => {
    const open = queues()
    return open && queuesWithin(open, patienceMs)
  }
  addOperatorActions(app, { database, sources, queues: asked, view, requireOperator, now })
  addOperatorPages(app, { view, watch, sessions, requireOperator: requirePerson, publicUrl, now })
  const hasBoard = queueStore !== undefined
  addQueuePage(app, { database, queues: asked, hasBoard, view, requireOperator: requirePerson, now })
  if (queueStore) {
    const requireOperator = requirePerson
    addQueueBoard(app, { database, findStore: queueStore, requireOperator, view, patienceMs, log })
  }
  return requireOperator
}
