import type { HealthChange } from '../../archive/source-health.ts'
import type { CrawlRun } from '../../model/crawl-run.ts'
import { formatPerWeek } from '../../model/source-health.ts'
import type { Rhythm } from '../../queue/rhythm.ts'
import { html, type Html } from '../html.ts'
import type { SourceFacts, SourceHistory } from '../source-facts.ts'
import { publicHomepage, withoutAddresses } from '../without-addresses.ts'
import { runBars, weekBars, weekPicture } from './charts.ts'
import { layout } from './layout.ts'
import {
  both,
  kindWords,
  roughly,
  scheduleWords,
  skippedWords,
  standingWords,
  whenOf,
  type Words,
} from './source-words.ts'
import { standingMark } from './sources-page.ts'
import type { View } from './view.ts'

/** One source as people see it. */
export interface SourcePage {
  /** `/sources`, below which the page is. */
  readonly path: string
  readonly facts: SourceFacts
  readonly history: SourceHistory
  readonly now: Date
  /** Whether addresses and messages as they are may be seen: they may hold keys. */
  readonly isForOperator: boolean
}

const runsShown = 20
const weeks = 26

const outcomeWords: Readonly<Record<CrawlRun['outcome'], Words>> = {
  succeeded: { zh: '成功', en: 'succeeded' },
  partial: { zh: '部分', en: 'partial' },
  failed: { zh: '失败', en: 'failed' },
  aborted: { zh: '中断', en: 'stopped' },
}

function fact(name: Words, value: Html | string): Html {
  return html`<div>
    <dt>${both(name)}</dt>
    <dd>${value}</dd>
  </div>`
}

function factList(view: View, { path, facts, history, now }: SourcePage): Html {
  const { source, health, isPaused, nextRunAt } = facts
  const homepage = publicHomepage(source.homepage)
  const tags = source.tags.map(
    (tag) => html`<a href="${view.link(`${path}?tag=${encodeURIComponent(tag)}`)}">#${tag}</a> `,
  )
  return html`<dl class="grid">
    ${fact({ zh: '上次抓取', en: 'Last run' }, whenOf(history.runs[0]?.finishedAt ?? null, now))}
    ${fact({ zh: '最新公告', en: 'Last new item' }, whenOf(health?.lastNewAt ?? null, now))}
    ${fact({ zh: '每周篇数', en: 'Items a week' }, formatPerWeek(health?.perWeek))}
    ${fact({ zh: '下次抓取', en: 'Next run' }, whenOf(isPaused ? null : nextRunAt, now))}
    ${fact({ zh: '计划', en: 'Schedule' }, scheduleWords(source))}
    ${fact({ zh: '种类', en: 'Kind' }, both(kindWords[source.kind]))}
    ${tags.length === 0 ? null : fact({ zh: '标签', en: 'Tags' }, html`${tags}`)}
    ${homepage === null ? null : fact({ zh: '主页', en: 'Homepage' }, html`<a href="${homepage}" rel="noreferrer">${new URL(homepage).host}</a>`)}
  </dl>`
}

function rhythmLine(rhythm: Rhythm | null): Html | null {
  if (!rhythm) return null
  const [usual, unusual] = [roughly(rhythm.usualGapMs), roughly(rhythm.unusualMs)]
  return html`<p class="facts">
    ${both({
      zh: `通常每隔 ${usual.zh}有新公告；${unusual.zh}没有就算反常。`,
      en: `Usually something new every ${usual.en}; silence for ${unusual.en} is unusual.`,
    })}
  </p>`
}

function pictures({ facts, history, now }: SourcePage): Html | null {
  if (history.hours.length === 0) return null
  const { timeZone } = facts.source
  const week = weekPicture(history.hours, timeZone)
  return html`<section>
    <h2>${both({ zh: '每周篇数', en: 'Items a week' })}</h2>
    ${weekBars(history.hours, now, weeks)} ${rhythmLine(history.rhythm)}
    ${
      week &&
      html`<h2>${both({ zh: '发布时段', en: 'When it publishes' })}</h2>
        ${week}
        <p class="facts">${timeZone}</p>`
    }
  </section>`
}

function runLine(run: CrawlRun, { now, isForOperator }: SourcePage): Html {
  const took = roughly(run.finishedAt.getTime() - run.startedAt.getTime())
  const errors =
    isForOperator && run.errors.length > 0
      ? html`<p class="problem">${run.errors.map((error) => html`${error}<br />`)}</p>`
      : null
  return html`<tr>
    <td>${whenOf(run.finishedAt, now)}</td>
    <td><span class="dot run-${run.outcome}"></span>${both(outcomeWords[run.outcome])}</td>
    <td class="n">${run.found}</td>
    <td class="n">${run.stored}</td>
    <td class="n">${run.revised}</td>
    <td class="n">${run.unchanged}</td>
    <td class="n">${run.failed}</td>
    <td class="n">${both(took)}</td>
    <td>${skippedWords(run.skipped).map((words) => html`${words}<br />`)}${errors}</td>
  </tr>`
}

function runTable(page: SourcePage): Html {
  const { runs } = page.history
  if (runs.length === 0) return html`<p class="empty">${both({ zh: '尚未抓取。', en: 'Not read yet.' })}</p>`
  const heads: readonly Words[] = [
    { zh: '时间', en: 'When' },
    { zh: '结果', en: 'Outcome' },
    { zh: '列出', en: 'found' },
    { zh: '新', en: 'new' },
    { zh: '更正', en: 'revised' },
    { zh: '未变', en: 'unchanged' },
    { zh: '失败', en: 'failed' },
    { zh: '用时', en: 'took' },
    { zh: '略过', en: 'skipped' },
  ]
  return html`${runBars(runs, { height: 60, most: 60 })}
    <div class="scroll">
      <table class="runs">
        <thead>
          <tr>
            ${heads.map((words) => html`<th>${both(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${runs.slice(0, runsShown).map((run) => runLine(run, page))}
        </tbody>
      </table>
    </div>`
}

function changeLine(change: HealthChange, { now, isForOperator }: SourcePage): Html {
  const { reason } = change
  const before = change.before ? html`${both(standingWords[change.before])} → ` : null
  return html`<li>
    ${whenOf(change.at, now)} ${before}<mark class="is-${change.after}">${both(standingWords[change.after])}</mark>
    <span class="facts" lang="en">${reason === null ? '' : isForOperator ? reason : withoutAddresses(reason)}</span>
  </li>`
}

function changeList(page: SourcePage): Html | null {
  const { changes } = page.history
  if (changes.length === 0) return null
  return html`<section>
    <h2>${both({ zh: '状况变化', en: 'Changes of health' })}</h2>
    <ul class="changes">
      ${changes.map((change) => changeLine(change, page))}
    </ul>
  </section>`
}

function healthLine({ facts, isForOperator, now }: SourcePage): Html {
  const { health } = facts
  const reason = health?.reason ?? null
  return html`<p>
    ${standingMark(facts)} ${health && html`<span class="facts">${whenOf(health.since, now)}</span>`}
    ${reason === null ? null : html`<span lang="en">${isForOperator ? reason : withoutAddresses(reason)}</span>`}
  </p>`
}

/** One source: how it is, when it is read, what its runs brought. */
export function sourcePage(view: View, page: SourcePage, tools: Html | null = null): string {
  const { source } = page.facts
  const search = view.link(`/feeds/search.html?source=${encodeURIComponent(source.id)}`)
  const listings = page.isForOperator ? source.listings.map(({ url }) => html`<code>${url}</code> `) : []
  const body = html`<main class="wide">
    <p class="facts"><a href="${view.link(page.path)}">← ${both({ zh: '全部来源', en: 'All sources' })}</a></p>
    <h1>${source.name}</h1>
    ${healthLine(page)} ${tools}
    <p><a href="${search}">${both({ zh: '它的公告', en: 'Its announcements' })}</a></p>
    ${factList(view, page)} ${listings.length === 0 ? null : html`<p class="facts">${listings}</p>`} ${pictures(page)}
    <section>
      <h2>${both({ zh: '最近抓取', en: 'Last runs' })}</h2>
      ${runTable(page)}
    </section>
    ${changeList(page)}
  </main>`
  return layout(view, { title: `${source.name} · Newsfold`, body })
}
