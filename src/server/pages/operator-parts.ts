import { html, type Html } from '../html.ts'
import type { SourceFacts } from '../source-facts.ts'
import { layout } from './layout.ts'
import { both, type Words } from './source-words.ts'
import type { SourcesTools } from './sources-page.ts'
import type { View } from './view.ts'

const actionWords = {
  crawl: { zh: '立即抓取', en: 'Crawl now' },
  pause: { zh: '暂停', en: 'Pause' },
  resume: { zh: '继续', en: 'Resume' },
  retry: { zh: '重试', en: 'Retry' },
} as const

const doneWords: Readonly<Record<string, Words>> = {
  crawl: { zh: '已列入抓取。', en: 'Asked for.' },
  pause: { zh: '已暂停。', en: 'Paused.' },
  resume: { zh: '已继续。', en: 'Goes on.' },
  retry: { zh: '已放回队列。', en: 'Put back.' },
}

/** Whom buttons are for, as a field of a form: one source, one tag, a queue, everything. */
interface ActionTarget {
  readonly name: 'source' | 'tag' | 'all' | 'crawls' | 'deliveries'
  readonly value: string
}

/** One button each action. @param to the page that is shown afterwards */
export function actionForm(
  { name, value }: ActionTarget,
  to: string,
  actions: readonly (keyof typeof actionWords)[],
  label: Html | null = null,
): Html {
  return html`<form class="actions" method="post">
    <input type="hidden" name="to" value="${to}" /> <input type="hidden" name="${name}" value="${value}" />
    ${label}
    ${actions.map((action) => html`<button formaction="/operator/${action}">${both(actionWords[action])}</button> `)}
  </form>`
}

/** What every page of an operator begins with. @param done what was just done, by the address */
export function operatorBar(done: string | null): Html {
  const words = doneWords[done ?? '']
  return html`<nav class="operator">
      <a href="/operator/sources">${both({ zh: '来源', en: 'Sources' })}</a>
      <a href="/operator/queue">${both({ zh: '队列', en: 'Queues' })}</a>
      <form method="post" action="/operator/sign-out"><button>${both({ zh: '退出', en: 'Sign out' })}</button></form>
    </nav>
    ${words ? html`<p class="done" role="status">${both(words)}</p>` : null}`
}

/** Buttons for one source. Its own pause alone is lifted by them. */
export function sourceTools(facts: SourceFacts, done: string | null): Html {
  const to = `/operator/sources/${facts.source.id}`
  return html`${operatorBar(done)}
  ${actionForm({ name: 'source', value: facts.source.id }, to, ['crawl', 'pause', 'resume'])}`
}

/** Buttons for everything or all with a tag, and for each source. @param to where the page is */
export function sourcesTools(tag: string | null, to: string, done: string | null): SourcesTools {
  const whom = tag === null ? both({ zh: '全部来源', en: 'Everything' }) : html`#${tag}`
  const target = tag === null ? ({ name: 'all', value: '1' } as const) : ({ name: 'tag', value: tag } as const)
  return {
    top: html`${operatorBar(done)} ${actionForm(target, to, ['crawl', 'pause', 'resume'], whom)}`,
    of: ({ source, isPaused }) =>
      actionForm({ name: 'source', value: source.id }, to, ['crawl', isPaused ? 'resume' : 'pause']),
  }
}

/** Where the token is exchanged for a session. */
export function signInPage(view: View, to: string, isWrong: boolean): string {
  const body = html`<main>
    <h1>操作员 <i lang="en">Operator</i></h1>
    ${isWrong ? html`<p class="problem">${both({ zh: '令牌不对。', en: 'This is not the token.' })}</p>` : null}
    <form class="chooser" method="post" action="/operator/sign-in">
      <input type="hidden" name="to" value="${to}" />
      <input
        type="password"
        name="token"
        required
        autocomplete="current-password"
        placeholder="令牌 Token"
        aria-label="令牌 Token"
      />
      <button>${both({ zh: '登录', en: 'Sign in' })}</button>
    </form>
    <p class="facts">
      ${both({
        zh: '令牌在数据文件夹的 operator-token 文件中，第一次启动时生成。',
        en: 'The token is in the file operator-token of the data folder, made at the first start.',
      })}
    </p>
  </main>`
  return layout(view, { title: '操作员 Operator · Newsfold', body })
}
