import type { FastifyReply, FastifyRequest } from 'fastify'
import { isOwnOrigin } from './host-guard.ts'
import type { OperatorSessions } from './operator-session.ts'

/** A hook that lets operators through: `app.get(path, { onRequest: requireOperator }, …)`. */
export type RequireOperator = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

export interface OperatorGateOptions {
  readonly sessions: OperatorSessions
  readonly publicUrl: () => string
  /** What somebody with a browser is shown in place of a page; absent: what programs are told. */
  readonly signInPage?: (request: FastifyRequest) => string
}

const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Browsers send the cookie by themselves, so that a change must be seen to come from a page of ours. */
function isFromOurPage({ method, headers }: FastifyRequest): boolean {
  return readingMethods.has(method) || headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin'
}

/**
 * Makes the hook for routes that change anything or show what readers are not to see. Programs send the token in a
 * header that browsers never send by themselves; people exchange it for a cookie. Pages of others are refused whatever
 * they send.
 */
export function createOperatorGate({ sessions, publicUrl, signInPage }: OperatorGateOptions): RequireOperator {
  return async (request, reply) => {
    // Pages that name no referrer say "null" for their origin, and the forms here have to be known as ours.
    void reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    const { authorization = '', origin, host, cookie } = request.headers
    if (!isOwnOrigin(origin, host, publicUrl())) {
      return reply.code(403).send({ error: '来自其他网站。From another site.', code: 'operator.other-origin' })
    }
    const [, given] = /^Bearer ([\w-]{1,200})$/i.exec(authorization) ?? []
    if (given !== undefined && sessions.isToken(given)) return undefined
    if (sessions.isOpen(cookie, new Date()) && isFromOurPage(request)) return undefined
    void reply.code(401).header('www-authenticate', 'Bearer realm="newsfold"')
    if (signInPage && readingMethods.has(request.method)) {
      return reply.type('text/html; charset=utf-8').send(signInPage(request))
    }
    return reply.send({
      error: '需要操作员令牌。The operator token is needed: Authorization: Bearer <token>.',
      code: 'operator.token',
    })
  }
}
