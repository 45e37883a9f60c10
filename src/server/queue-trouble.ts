import type { FastifyReply } from 'fastify'
import { UnreachableError } from '../model/errors.ts'
import { messagePage } from './pages/layout.ts'
import type { View } from './pages/view.ts'

/** Why nothing can be said or done about the queues at this moment. */
export interface QueueTrouble {
  readonly code: string
  readonly says: string
}

export const notOpen: QueueTrouble = {
  code: 'queue.not-open',
  says: '队列尚未打开。The queues are not open yet: try again in a moment.',
}

/** @returns `null`: it is something else */
export function queueTrouble(error: unknown): QueueTrouble | null {
  if (!(error instanceof UnreachableError) || error.code !== 'queue.unreachable') return null
  return { code: error.code, says: `队列无应答，请稍后再试。${error.message}` }
}

/** 503, as JSON or as a page for people. @param view `null`: JSON */
export function sendQueueTrouble(reply: FastifyReply, { code, says }: QueueTrouble, view: View | null): FastifyReply {
  void reply.code(503).header('retry-after', '5')
  if (view === null) return reply.send({ error: says, code })
  return reply.type('text/html; charset=utf-8').send(messagePage(view, 503, says))
}
