import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isOwnOrigin } from './host-guard.ts'

/** A hook that lets operators through: `app.get(path, { onRequest: requireOperator }, …)`. */
export type RequireOperator = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * Makes the hook for routes that change anything or show what readers are not to see. The token goes into a header
 * that browsers never send by themselves, and pages of others are refused whatever they send.
 * @param token `null`: nobody is let through
 */
export function createOperatorGate(token: string | null, publicUrl: () => string): RequireOperator {
  const expected = token === null ? null : digest(token)
  return async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    const { authorization = '', origin, host } = request.headers
    if (!isOwnOrigin(origin, host, publicUrl())) {
      return reply.code(403).send({ error: '来自其他网站。From another site.', code: 'operator.other-origin' })
    }
    const [, given] = /^Bearer ([\w-]{1,200})$/i.exec(authorization) ?? []
    if (given !== undefined && expected && timingSafeEqual(digest(given), expected)) return undefined
    return reply.code(401).header('www-authenticate', 'Bearer realm="newsfold"').send({
      error: '需要操作员令牌。The operator token is needed: Authorization: Bearer <token>.',
      code: 'operator.token',
    })
  }
}
