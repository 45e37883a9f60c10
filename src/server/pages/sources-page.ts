import type { CrawlRun } from '../../model/crawl-run.ts'
import { formatPerWeek } from '../../model/source-health.ts'
import { html, type Html } from '../html.ts'
import { countStandings, sourcesPerPage, writeSourceChoice, type SourceChoice } from '../source-choice.ts'
import { sourceStandings, type SourceFacts } from '../source-facts.ts'
import { runBars, standingBar } from './charts.ts'
import { layout } from './layout.ts'
import { both, kindWords, scheduleWords, standingWords, whenOf } from './source-words.ts'
import type { View } from './view.ts'

/** The sources as people see them. */
export interface SourcesPage {
  /** `/sources`, where the page is. */
  readonly path: string
  readonly all: readonly SourceFacts[]
  readonly choice: SourceChoice
  readonly chosen: readonly SourceFacts[]
  readonly runs: ReadonlyMap<string, readonly CrawlRun[]>
  readonly now: Date
}

/** Runs that fit beside a name. */
export const barsInList = 24

/** How a source stands, as a coloured word. */
export function standingMark({ source, standing, isPaused }: SourceFacts): Html {
  const paused = isPaused ? html` <mark class="is-paused">${both({ zh: '暂停', en: 'paused' })}</mark>` : null
  const hidden = source.private ? html` <mark>${both({ zh: '不公开', en: 'private' })}</mark>` : null
  return html`<mark class="is-${standing}">${both(standingWords[standing])}</mark>${paused}${hidden}`
}

/** What operators have beside what readers see. */
export interface SourcesTools {
  readonly top: Html
  of(facts: SourceFacts): Html
}

function sourceLine(view: View, page: SourcesPage, facts: SourceFacts, tools: SourcesTools | null): Html {
  const { source, health, nextRunAt } = facts
  const runs = page.runs.get(source.id) ?? []
  const next = facts.isPaused ? null : nextRunAt
  return html`<li>
    <p class="line">
      <a href="${view.link(`${page.path}/${source.id}`)}">${source.name}</a>
      ${standingMark(facts)}
    </p>
    ${runBars(runs, { height: 26, most: barsInList })}
    <dl>
      <div>
        <dt>${both({ zh: '抓取', en: 'Last run' })}</dt>
        <dd>${whenOf(runs[0]?.finishedAt ?? null, page.now)}</dd>
      </div>
      <div>
        <dt>${both({ zh: '最新', en: 'Last new' })}</dt>
        <dd>${whenOf(health?.lastNewAt ?? null, page.now)}</dd>
      </div>
      <div>
        <dt>${both({ zh: '每周', en: 'A week' })}</dt>
        <dd>${formatPerWeek(health?.perWeek)}</dd>
      </div>
      <div>
        <dt>${both({ zh: '下次', en: 'Next run' })}</dt>
        <dd>${whenOf(next, page.now)}</dd>
      </div>
    </dl>
    <p class="facts">
      <span>${both(kindWords[source.kind])}</span> <span>${scheduleWords(source)}</span>
      ${source.tags.map((tag) => html`<a href="${chosenAt(view, page, { tag })}">#${tag}</a> `)}
    </p>
    ${tools && tools.of(facts)}
  </li>`
}

function chosenAt(view: View, page: SourcesPage, over: Partial<SourceChoice>): string {
  return view.link(writeSourceChoice(page.path, { ...page.choice, page: 1, ...over }))
}

function legend(view: View, page: SourcesPage): Html {
  const counts = countStandings(page.all)
  const { standing: chosen } = page.choice
  return html`${standingBar(counts)}
    <p class="legend">
      ${sourceStandings.flatMap((standing) => {
        const count = counts.get(standing)
        if (count === undefined) return []
        const isChosen = chosen === standing
        const address = chosenAt(view, page, { standing: isChosen ? null : standing })
        const words = html`<span class="dot is-${standing}"></span>${both(standingWords[standing])} ${count}`
        return [
          isChosen
            ? html`<a href="${address}" aria-current="true">${words}</a> `
            : html`<a href="${address}">${words}</a> `,
        ]
      })}
    </p>`
}

function chooser(view: View, { path, all, choice }: SourcesPage): Html {
  const tags = [...new Set(all.flatMap(({ source }) => source.tags))].toSorted()
  const options = tags.map((tag) =>
    tag === choice.tag
      ? html`<option value="${tag}" selected>${tag}</option>`
      : html`<option value="${tag}">${tag}</option>`,
  )
  return html`<form class="chooser" action="${view.link(path)}">
    ${choice.standing === null ? null : html`<input type="hidden" name="state" value="${choice.standing}" />`}
    <input type="search" name="q" value="${choice.words ?? ''}" placeholder="名称 Name" aria-label="名称 Name" />
    <select name="tag" aria-label="标签 Tag">
      <option value="">全部标签 All tags</option>
      ${options}
    </select>
    <button>筛选 <i lang="en">Filter</i></button>
  </form>`
}

function pager(view: View, page: SourcesPage): Html | null {
  const pages = Math.ceil(page.chosen.length / sourcesPerPage)
  const { page: number } = page.choice
  if (pages <= 1) return null
  const at = (number: number) => chosenAt(view, page, { page: number })
  return html`<nav class="pager">
    ${number > 1 ? html`<a rel="prev" href="${at(number - 1)}">← ${number - 1}</a>` : html`<span></span>`}
    <span>${number} / ${pages}</span>
    ${number < pages ? html`<a rel="next" href="${at(number + 1)}">${number + 1} →</a>` : html`<span></span>`}
  </nav>`
}

/** Those of the chosen ones that are on the page. */
export function onPage(chosen: readonly SourceFacts[], { page }: SourceChoice): readonly SourceFacts[] {
  return chosen.slice((page - 1) * sourcesPerPage, page * sourcesPerPage)
}

/** Every source with how it is. */
export function sourcesPage(view: View, page: SourcesPage, tools: SourcesTools | null = null): string {
  const shown = onPage(page.chosen, page.choice)
  const list =
    shown.length === 0
      ? html`<p class="empty">${both({ zh: '没有符合条件的来源。', en: 'No such source.' })}</p>`
      : html`<ol class="sources">
          ${shown.map((facts) => sourceLine(view, page, facts, tools))}
        </ol>`
  const body = html`<main class="wide">
    <h1>来源 <i lang="en">Sources</i></h1>
    <p class="facts">${page.all.length} 个来源 <i lang="en">${page.all.length} sources</i></p>
    ${tools && tools.top} ${legend(view, page)} ${chooser(view, page)} ${list} ${pager(view, page)}
  </main>`
  return layout(view, { title: '来源 Sources · Newsfold', body })
}
