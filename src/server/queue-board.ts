import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { forgetQueuesPaused, keepQueuesPaused, type QueueName } from '../archive/schedule-pauses.ts'
import type { Database } from '../archive/database.ts'
import { deliveryQueueName } from '../queue/jobs.ts'
import type { QueueStore } from '../queue/queue-store.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath } from './operator-session.ts'
import type { View } from './pages/view.ts'
import { queueTrouble, sendQueueTrouble } from './queue-trouble.ts'

export const boardPath = `${operatorPath}/queue/board`

/** What Bull Board needs beyond our own pages: styles that its script writes, and addresses that are relative to its own. */
const boardHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "font-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
} as const

/** Its files carry a hash in their names; everything else is of this moment, and all of it is for one person. */
const isFile = (url: string): boolean => url.startsWith(`${boardPath}/static/`)
const cacheOf = (url: string): string => (isFile(url) ? 'private, max-age=86400' : 'private, no-store')

interface Board {
  readonly app: FastifyInstance
  readonly hear: (withinMs: number) => Promise<void>
  close(): Promise<void>
}

/** As much of Bull Board's adapter as a pause takes. */
interface PausableAdapter {
  pause(): Promise<void>
  resume(): Promise<void>
}

/** What is paused here is kept as it is elsewhere, and what goes on is not paused again. */
function keepingPauses<A extends PausableAdapter>(adapter: A, name: QueueName, database: Database): A {
  const [pause, resume] = [adapter.pause.bind(adapter), adapter.resume.bind(adapter)]
  adapter.pause = async () => {
    await keepQueuesPaused(database, [name], new Date())
    await pause()
  }
  adapter.resume = async () => {
    await forgetQueuesPaused(database, [name])
    await resume()
  }
  return adapter
}

interface BoardOptions {
  readonly database: Database
  readonly findStore: () => Promise<QueueStore>
  readonly log: Logger
}

/** Loaded when somebody looks at it, so that no start waits for it. */
async function openBoard({ database, findStore, log }: BoardOptions): Promise<Board> {
  const [{ createBullBoard }, { BullMQAdapter }, { FastifyAdapter }, { default: Fastify }, { inspectQueues }] =
    await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/fastify'),
      import('fastify'),
      import('../queue/inspect-queues.ts'),
    ])
  const { queues, hear, close } = inspectQueues(await findStore(), log)
  const adapter = new FastifyAdapter()
  adapter.setBasePath(boardPath)
  createBullBoard({
    queues: queues.map((queue) => {
      const name = queue.name === deliveryQueueName ? 'deliveries' : 'crawls'
      return keepingPauses(new BullMQAdapter(queue), name, database)
    }),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Newsfold', hideDocsLink: true } },
  })
  const app = Fastify()
  app.addHook('onSend', async (request, reply) => {
    void reply.headers({ ...boardHeaders, 'cache-control': cacheOf(request.url) })
  })
  await app.register(adapter.registerPlugin(), { prefix: boardPath })
  await app.ready()
  return {
    app,
    hear,
    close: async () => {
      await app.close()
      await close()
    },
  }
}

/**
 * Bull Board at `/operator/queue/board`: every job of the queues, on Redis and on PostgreSQL.
 * @param options.requireOperator what it does is done for operators alone, and from its own pages
 */
export function addQueueBoard(
  app: FastifyInstance,
  options: BoardOptions & {
    readonly requireOperator: RequireOperator
    readonly view: View
    /** How long an answer of the queues' store is waited for. */
    readonly patienceMs: number
  },
): void {
  let opening: Promise<Board> | null = null
  const board = (): Promise<Board> => {
    opening ??= openBoard(options).catch((error: unknown) => {
      opening = null
      throw error
    })
    return opening
  }
  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { app: inner, hear } = await board()
    try {
      // BullMQ waits for a store that is away for ever, and the board with it.
      if (!isFile(request.url)) await hear(options.patienceMs)
    } catch (error) {
      const trouble = queueTrouble(error)
      if (!trouble) throw error
      return sendQueueTrouble(reply, trouble, request.url.startsWith(`${boardPath}/api/`) ? null : options.view)
    }
    reply.hijack()
    inner.routing(request.raw, reply.raw)
    return reply
  }
  void app.register(async (scope) => {
    // Whatever is sent is read by the board itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const url of [boardPath, `${boardPath}/*`]) {
      scope.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url,
        onRequest: options.requireOperator,
        handler: pass,
      })
    }
  })
  app.addHook('onClose', async () => {
    await (await opening?.catch(() => null))?.close()
  })
}
