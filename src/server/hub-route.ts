import type { FastifyInstance } from 'fastify'
import type { Database } from '../archive/database.ts'
import { hubLoad, saveRequest, type SubscriptionRequest } from '../archive/subscriptions.ts'
import { NewsfoldError } from '../model/errors.ts'
import { readHubRequest } from '../push/hub-request.ts'
import type { Publications } from '../push/publications.ts'
import { hubPath } from '../push/topic-address.ts'
import { isOwnOrigin } from './host-guard.ts'

export interface HubOptions {
  readonly database: Database
  readonly publications: Publications
  /** `host:port` pairs of subscribers that may be at private addresses. */
  readonly allowPrivateHosts: readonly string[]
  readonly publicUrl: () => string
  readonly now: () => Date
}

/** A newsroom's readers, ten times over; each costs one request a change. */
const mostSubscriptions = 10_000
/** Each is rendered when anything changes: 20 ms for most, 50 for a search. */
const mostTopics = 300
/** Each is one question to an address that a stranger named. */
const mostRequests = 1000
const mostRequestsOfHost = 20
/** Callback, topic and secret at their longest. */
const mostBytes = 16_384
const retryAfterSeconds = '60'

/** Why the hub takes no more of this; `null`: it does. */
async function overload(options: HubOptions, request: SubscriptionRequest): Promise<string | null> {
  const load = await hubLoad(options.database, request)
  if (load.requestsOfHost >= mostRequestsOfHost) return 'too many requests of this host wait for confirmation'
  if (load.requests >= mostRequests) return 'too many requests wait for confirmation'
  // Whoever leaves is welcome.
  if (request.mode === 'subscribe' && load.subscriptions >= mostSubscriptions) return 'too many subscriptions'
  if (request.mode === 'subscribe' && load.otherTopics >= mostTopics) return 'too many topics'
  return null
}

/** Whether a topic is a feed of ours, so that its subscriber may be asked; others are told that it is none. */
async function decide(options: HubOptions, request: SubscriptionRequest): Promise<SubscriptionRequest> {
  if (request.mode === 'unsubscribe') return request
  const isOurs = request.topic.startsWith(`${options.publicUrl()}/`)
  if (isOurs && (await options.publications.readTopic(request.topic))) return request
  return { ...request, mode: 'denied', reason: 'There is no such feed here' }
}

/** The WebSub hub (W3C Recommendation of 23 January 2018): takes requests and leaves the rest to the workers. */
export function addHub(app: FastifyInstance, options: HubOptions): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: mostBytes },
      (_request, body, done) => done(null, body),
    )
    scope.get(hubPath, (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .type('text/plain; charset=utf-8')
        .send('A WebSub hub: POST hub.mode, hub.topic and hub.callback.\n'),
    )
    scope.post(hubPath, async (request, reply) => {
      void reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8')
      if (!isOwnOrigin(request.headers.origin, request.headers.host, options.publicUrl())) {
        return reply.code(403).send('Pages of other sites may not subscribe.\n')
      }
      let wanted: SubscriptionRequest
      try {
        const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
        wanted = await readHubRequest(form, options.allowPrivateHosts)
      } catch (error) {
        if (!(error instanceof NewsfoldError)) throw error
        return reply.code(400).send(`${error.message}\n`)
      }
      const reason = await overload(options, wanted)
      if (reason !== null) return reply.code(503).header('retry-after', retryAfterSeconds).send(`${reason}\n`)
      await saveRequest(options.database, await decide(options, wanted), options.now())
      return reply.code(202).send('Accepted: the callback is asked now.\n')
    })
  })
}
