import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isOwnOrigin } from './host-guard.ts'
import { pathBack, readForms } from './operator-actions.ts'
import type { RequireOperator } from './operator-gate.ts'
import { operatorPath, type OperatorSessions } from './operator-session.ts'
import { signInPage, sourcesTools, sourceTools } from './pages/operator-parts.ts'
import { sourcePage } from './pages/source-page.ts'
import { barsInList, onPage, sourcesPage } from './pages/sources-page.ts'
import type { View } from './pages/view.ts'
import { chooseSources, readSourceChoice, writeSourceChoice } from './source-choice.ts'
import type { SourceWatch } from './source-facts.ts'

export interface OperatorPagesOptions {
  readonly view: View
  readonly watch: SourceWatch
  readonly sessions: OperatorSessions
  /** Shows a form to sign in where nobody is. */
  readonly requireOperator: RequireOperator
  readonly publicUrl: () => string
  readonly now: () => Date
}

const html = 'text/html; charset=utf-8'
const sourcesPath = `${operatorPath}/sources`

function paramsOf(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
}

async function showSources({ view, watch, now }: OperatorPagesOptions, params: URLSearchParams): Promise<string> {
  const choice = readSourceChoice(params)
  const all = await watch.all({ isFresh: true })
  const chosen = chooseSources(all, choice)
  const ids = onPage(chosen, choice).map(({ source }) => source.id)
  const runs = await watch.runsOf(ids, barsInList)
  const tools = sourcesTools(choice.tag, writeSourceChoice(sourcesPath, choice), params.get('done'))
  return sourcesPage(view, { path: sourcesPath, all, choice, chosen, runs, now: now() }, tools)
}

function addSignIn(app: FastifyInstance, options: OperatorPagesOptions): void {
  const { view, sessions, requireOperator, publicUrl, now } = options
  void app.register(async (scope) => {
    readForms(scope)
    scope.post(`${operatorPath}/sign-in`, async (request, reply) => {
      void reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
      const { origin, host } = request.headers
      if (!isOwnOrigin(origin, host, publicUrl()))
        return reply.code(403).send({ error: '来自其他网站。From another site.' })
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
      const to = pathBack(form.get('to'))
      if (!sessions.isToken(form.get('token')?.trim() ?? ''))
        return reply
          .code(401)
          .type(html)
          .send(signInPage(view, to, true))
      const isSecure = publicUrl().startsWith('https:')
      return reply.header('set-cookie', sessions.begin(now(), isSecure)).redirect(to, 303)
    })
    scope.post(`${operatorPath}/sign-out`, { onRequest: requireOperator }, async (_request, reply) =>
      reply.header('set-cookie', sessions.end()).redirect('/', 303),
    )
  })
}

/** The pages on which operators see what readers do not, and have things done. */
export function addOperatorPages(app: FastifyInstance, options: OperatorPagesOptions): void {
  const { view, watch, requireOperator, now } = options
  const guarded = { onRequest: requireOperator }
  addSignIn(app, options)
  app.get(operatorPath, guarded, (_request, reply) => reply.redirect(sourcesPath, 303))
  app.get(sourcesPath, guarded, async (request, reply) =>
    reply.type(html).send(await showSources(options, paramsOf(request))),
  )
  app.get<{ Params: { id: string } }>(`${sourcesPath}/:id`, guarded, async (request, reply): Promise<FastifyReply> => {
    const facts = (await watch.all({ isFresh: true })).find(({ source }) => source.id === request.params.id)
    if (!facts) {
      reply.callNotFound()
      return reply
    }
    const history = await watch.historyOf(facts.source.id)
    const tools = sourceTools(facts, paramsOf(request).get('done'))
    const page = { path: sourcesPath, facts, history, now: now(), isForOperator: true }
    return reply.type(html).send(sourcePage(view, page, tools))
  })
}
