import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../archive/database.ts'
import { ConfigurationError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import { retryFailedWork, type AskedQueues } from '../queue/queue-figures.ts'
import { crawlNow, crawlTargets, pauseCrawls, resumeCrawls, type HoldTargets, type Steering } from '../queue/steer.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath } from './operator-session.ts'
import type { View } from './pages/view.ts'
import { notOpen, queueTrouble, sendQueueTrouble } from './queue-trouble.ts'

const actions = ['crawl', 'pause', 'resume', 'retry'] as const
type Action = (typeof actions)[number]

export interface OperatorActionsOptions {
  readonly database: Database
  readonly sources: () => ReadonlyMap<string, Source>
  /** `null` as long as they are not open. */
  readonly queues: () => AskedQueues | null
  readonly view: View
  readonly requireOperator: RequireOperator
  readonly now: () => Date
}

const names = z.array(z.string().min(1)).default([])
const whole = z.literal(true).optional()
const bodySchema = z.strictObject({ sources: names, tags: names, all: whole, crawls: whole, deliveries: whole }).refine(
  ({ sources, tags, all, crawls, deliveries }) =>
    // An empty body must not stop everything.
    [sources.length + tags.length > 0, all, crawls, deliveries].filter(Boolean).length === 1,
  { error: 'expected "sources" and "tags" with names, or one of "all", "crawls" and "deliveries" as true' },
)
type Body = z.output<typeof bodySchema>

/** What an action cannot be done to, for which there is nothing better to be done. */
class UnfitTargetError extends Error {}

/** The page of ours that a form asked to come back to. */
export function pathBack(to: string | null): string {
  const isOurs = to !== null && /^\/operator(?:\/[\w/.-]*)?(?:\?[^\s\\]*)?$/.test(to) && !to.includes('//')
  return isOurs ? to : `${operatorPath}/sources`
}

const isForm = (request: FastifyRequest): request is FastifyRequest<{ Body: URLSearchParams }> =>
  request.body instanceof URLSearchParams

/** What a body names; forms have `source`, `tag`, and one of the rest. */
function readBody(request: FastifyRequest): unknown {
  if (!isForm(request)) return request.body ?? {}
  const form = request.body
  const wholes = ['all', 'crawls', 'deliveries'].filter((name) => form.has(name)).map((name) => [name, true])
  return { sources: form.getAll('source'), tags: form.getAll('tag'), ...Object.fromEntries(wholes) }
}

/** @throws {ConfigurationError} there is no such source or tag */
function targetsOf(body: Body, sources: readonly Source[]): HoldTargets {
  if (body.all) return 'everything'
  if (body.crawls) return 'crawls'
  return body.deliveries ? 'deliveries' : crawlTargets(sources, body)
}

async function act(action: Action, steering: Steering, targets: HoldTargets, now: Date): Promise<object> {
  if (action === 'crawl') {
    if (targets === 'deliveries') throw new UnfitTargetError('there is nothing to be crawled for "deliveries"')
    return { crawled: await crawlNow(steering, targets === 'crawls' ? 'everything' : targets) }
  }
  if (action === 'pause') {
    await pauseCrawls(steering, targets, now)
    return { paused: targets }
  }
  if (action === 'resume') return resumeCrawls(steering, targets)
  if (typeof targets !== 'string') throw new UnfitTargetError('expected "all", "crawls" or "deliveries"')
  return { retried: await retryFailedWork(steering, targets, now) }
}

/** Bodies of forms as `URLSearchParams`, within a scope. */
export function readForms(scope: FastifyInstance): void {
  const type = 'application/x-www-form-urlencoded'
  scope.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) =>
    done(null, new URLSearchParams(body.toString())),
  )
}

/** Answers a form with the page that it came from, a program with JSON. */
function answer(request: FastifyRequest, reply: FastifyReply, action: Action, result: object): FastifyReply {
  if (!isForm(request)) return reply.send(result)
  const [path = '', query = ''] = pathBack(request.body.get('to')).split('?')
  const params = new URLSearchParams(query)
  params.set('done', action)
  return reply.redirect(`${path}?${params.toString()}`, 303)
}

/** `POST /operator/crawl`, `/operator/pause`, `/operator/resume`, `/operator/retry`: what the commands of these names do. */
export function addOperatorActions(app: FastifyInstance, options: OperatorActionsOptions): void {
  const { database, sources, queues, view, requireOperator, now } = options
  const handle = async (action: Action, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wanted = bodySchema.safeParse(readBody(request))
    if (!wanted.success) {
      return reply.code(400).send({ error: z.prettifyError(wanted.error), code: 'operator.bad-body' })
    }
    const page = isForm(request) ? view : null
    const open = queues()
    if (!open) return sendQueueTrouble(reply, notOpen, page)
    const steering = { ...open, database, sources: [...sources().values()] }
    try {
      const targets = targetsOf(wanted.data, steering.sources)
      return answer(request, reply, action, await act(action, steering, targets, now()))
    } catch (error) {
      if (error instanceof UnfitTargetError) {
        return reply.code(400).send({ error: error.message, code: 'operator.bad-body' })
      }
      const trouble = queueTrouble(error)
      if (trouble) return sendQueueTrouble(reply, trouble, page)
      if (!(error instanceof ConfigurationError)) throw error
      return reply.code(404).send({ error: error.message, code: error.code })
    }
  }
  void app.register(async (scope) => {
    readForms(scope)
    for (const action of actions) {
      scope.post(`${operatorPath}/${action}`, { onRequest: requireOperator }, (request, reply) =>
        handle(action, request, reply),
      )
    }
  })
}
