import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../archive/database.ts'
import { ConfigurationError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import {
  crawlNow,
  crawlTargets,
  pauseCrawls,
  resumeCrawls,
  type CrawlTargets,
  type Steering,
} from '../queue/steer-crawls.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath } from './operator-session.ts'

export const crawlActions = ['crawl', 'pause', 'resume'] as const
export type CrawlAction = (typeof crawlActions)[number]

export interface OperatorActionsOptions {
  readonly database: Database
  readonly sources: () => ReadonlyMap<string, Source>
  /** `null` as long as it is not open. */
  readonly queue: () => JobQueue | null
  readonly requireOperator: RequireOperator
  readonly now: () => Date
}

const names = z.array(z.string().min(1)).default([])
const bodySchema = z
  .strictObject({ sources: names, tags: names, all: z.literal(true).optional() })
  .refine(({ sources, tags, all }) => sources.length + tags.length > 0 !== (all === true), {
    // An empty body must not stop everything.
    error: 'expected "sources" or "tags" with names, or "all": true',
  })

/** The page of ours that a form asked to come back to. */
export function pathBack(to: string | null): string {
  const isOurs = to !== null && /^\/operator(?:\/[\w/.-]*)?(?:\?[^\s\\]*)?$/.test(to) && !to.includes('//')
  return isOurs ? to : `${operatorPath}/sources`
}

const isForm = (request: FastifyRequest): request is FastifyRequest<{ Body: URLSearchParams }> =>
  request.body instanceof URLSearchParams

/** What a body names; forms have `source`, `tag`, and `all`. */
function readBody(request: FastifyRequest): unknown {
  if (!isForm(request)) return request.body ?? {}
  const form = request.body
  return { sources: form.getAll('source'), tags: form.getAll('tag'), ...(form.has('all') ? { all: true } : {}) }
}

async function act(action: CrawlAction, steering: Steering, targets: CrawlTargets, now: Date) {
  if (action === 'crawl') return { crawled: await crawlNow(steering, targets) }
  if (action === 'resume') return resumeCrawls(steering, targets)
  await pauseCrawls(steering, targets, now)
  return { paused: targets }
}

/** Bodies of forms as `URLSearchParams`, within a scope. */
export function readForms(scope: FastifyInstance): void {
  const type = 'application/x-www-form-urlencoded'
  scope.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) =>
    done(null, new URLSearchParams(body.toString())),
  )
}

/** Answers a form with the page that it came from, a program with JSON. */
export function answerAction(request: FastifyRequest, reply: FastifyReply, done: string, answer: object): FastifyReply {
  if (!isForm(request)) return reply.send(answer)
  const [path = '', query = ''] = pathBack(request.body.get('to')).split('?')
  const params = new URLSearchParams(query)
  params.set('done', done)
  return reply.redirect(`${path}?${params.toString()}`, 303)
}

/** `POST /operator/crawl`, `/operator/pause`, `/operator/resume`: what the commands of these names do. */
export function addOperatorActions(app: FastifyInstance, options: OperatorActionsOptions): void {
  const { database, sources, requireOperator, now } = options
  const handle = async (action: CrawlAction, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wanted = bodySchema.safeParse(readBody(request))
    if (!wanted.success) {
      return reply.code(400).send({ error: z.prettifyError(wanted.error), code: 'operator.bad-body' })
    }
    const queue = options.queue()
    if (!queue) {
      const error = '队列尚未打开。The queue is not open yet: try again in a moment.'
      return reply.code(503).header('retry-after', '5').send({ error, code: 'queue.not-open' })
    }
    const steering = { queue, database, sources: [...sources().values()] }
    try {
      const targets = wanted.data.all ? ('everything' as const) : crawlTargets(steering.sources, wanted.data)
      return answerAction(request, reply, action, await act(action, steering, targets, now()))
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      return reply.code(404).send({ error: error.message, code: error.code })
    }
  }
  void app.register(async (scope) => {
    readForms(scope)
    for (const action of crawlActions) {
      scope.post(`${operatorPath}/${action}`, { onRequest: requireOperator }, (request, reply) =>
        handle(action, request, reply),
      )
    }
  })
}
