import type { FailedWork, QueueFigures } from '../../queue/queue-figures.ts'
import { html, type Html } from '../html.ts'
import { layout } from './layout.ts'
import { actionForm, operatorBar } from './operator-parts.ts'
import { both, whenOf, type Words } from './source-words.ts'
import type { View } from './view.ts'

/** The queues as operators see them. */
export interface QueuePage {
  readonly figures: QueueFigures
  readonly failed: readonly FailedWork[]
  /** Where Bull Board is; `null`: nowhere. */
  readonly boardPath: string | null
  readonly done: string | null
  readonly now: Date
}

const path = '/operator/queue'

const stateWords: Readonly<Record<keyof QueueFigures['crawls']['counts'], Words>> = {
  waiting: { zh: '等待', en: 'waiting' },
  active: { zh: '进行', en: 'running' },
  delayed: { zh: '未到时', en: 'delayed' },
  failed: { zh: '放弃', en: 'failed' },
  completed: { zh: '完成', en: 'completed' },
}
const states = ['waiting', 'active', 'delayed', 'failed', 'completed'] as const

const queueWords: Readonly<Record<FailedWork['queue'], Words>> = {
  crawls: { zh: '抓取', en: 'Crawls' },
  deliveries: { zh: '推送', en: 'Deliveries' },
}

function queueLine(name: FailedWork['queue'], { isPaused, counts }: Omit<QueueFigures['crawls'], 'schedules'>): Html {
  const state = isPaused
    ? html`<mark class="is-paused">${both({ zh: '暂停', en: 'paused' })}</mark>`
    : html`<mark class="is-healthy">${both({ zh: '开放', en: 'open' })}</mark>`
  return html`<tr>
    <td>${both(queueWords[name])}</td>
    <td>${state}</td>
    ${states.map((state) => html`<td class="n">${counts[state]}</td>`)}
    <td>${actionForm({ name, value: '1' }, path, [isPaused ? 'resume' : 'pause', 'retry'])}</td>
  </tr>`
}

function failedLine(work: FailedWork, now: Date): Html {
  return html`<tr>
    <td>${whenOf(work.failedAt, now)}</td>
    <td>${both(queueWords[work.queue])}</td>
    <td>${work.to === null ? work.subject : `${work.subject} → ${work.to}`}</td>
    <td class="n">${work.attempts}</td>
    <td lang="en">${work.reason}</td>
  </tr>`
}

function failedTable({ failed, now }: QueuePage): Html {
  if (failed.length === 0)
    return html`<p class="empty">${both({ zh: '没有放弃的任务。', en: 'Nothing was given up.' })}</p>`
  const heads: readonly Words[] = [
    { zh: '时间', en: 'When' },
    { zh: '队列', en: 'Queue' },
    { zh: '对象', en: 'Of' },
    { zh: '次数', en: 'tries' },
    { zh: '原因', en: 'reason' },
  ]
  return html`<div class="scroll">
    <table class="runs">
      <tr>
        ${heads.map((words) => html`<th>${both(words)}</th>`)}
      </tr>
      ${failed.map((work) => failedLine(work, now))}
    </table>
  </div>`
}

/** Archive lines that stand beside the queue of deliveries: it is made of them. */
function dueLine({ figures }: QueuePage): Html {
  return html`<p class="facts">
    ${figures.deliveries.channels.map(
      ({ channel, waiting, dead }) =>
        html`<span
          >${channel}: ${waiting} ${both({ zh: '待送', en: 'due' })}, ${dead}
          ${both({ zh: '放弃', en: 'given up' })}</span
        > `,
    )}
  </p>`
}

/** What waits, runs and was given up, on either backend. */
export function queuePage(view: View, page: QueuePage): string {
  const { figures, boardPath } = page
  const { backend, crawls, deliveries, held } = figures
  const heldNames = [...held.sources, ...held.tags.map((tag) => `#${tag}`)]
  const store = { postgres: 'PostgreSQL', redis: 'Redis' }[backend]
  const body = html`<main class="wide">
    <h1>队列 <i lang="en">Queues</i></h1>
    ${operatorBar(page.done)}
    <p class="facts">
      <span>${store}</span> <span>${crawls.schedules} ${both({ zh: '个计划', en: 'schedules' })}</span>
      ${boardPath === null ? null : html`<a href="${boardPath}/">Bull Board</a>`}
    </p>
    <div class="scroll">
      <table class="runs">
        <tr>
          <th></th>
          <th></th>
          ${states.map((state) => html`<th>${both(stateWords[state])}</th>`)}
          <th></th>
        </tr>
        ${queueLine('crawls', crawls)} ${queueLine('deliveries', deliveries)}
      </table>
    </div>
    ${dueLine(page)}
    ${actionForm({ name: 'all', value: '1' }, path, ['crawl', 'pause', 'resume', 'retry'], both({ zh: '全部', en: 'Everything' }))}
    ${heldNames.length === 0 ? null : html`<p>${both({ zh: '暂停的来源和标签', en: 'Paused sources and tags' })}: ${heldNames.join(', ')}</p>`}
    <h2>${both({ zh: '放弃的', en: 'Given up' })}</h2>
    ${failedTable(page)}
  </main>`
  return layout(view, { title: '队列 Queues · Newsfold', body })
}
