import type { StoryRecord } from '../../archive/stories.ts'
import type { FeedDefinition } from '../../model/feed-definition.ts'
import { html, type Html } from '../html.ts'
import { alternateLinks, layout } from './layout.ts'
import { searchForm, searchHelp } from './search-form.ts'
import { formatLinks, storyList } from './story-list.ts'
import type { View } from './view.ts'

/** One page of a feed, as people see it. */
export interface FeedPage {
  readonly feed: FeedDefinition
  /** `/feeds/all`, `/feeds/search?q=…`: what the extension of a format is put into. */
  readonly path: string
  readonly stories: readonly StoryRecord[]
  /** Addresses of the pages beside this one. */
  readonly newer: string | null
  readonly older: string | null
}

/** Links to the pages beside one; nothing when there are none. */
function pager(view: View, page: FeedPage): Html | null {
  if (!page.newer && !page.older) return null
  return html`<nav class="pager">
    ${page.newer ? html`<a rel="prev" href="${view.link(page.newer)}">← 较新 <i lang="en">Newer</i></a>` : html`<span></span>`}
    ${page.older ? html`<a rel="next" href="${view.link(page.older)}">较早 <i lang="en">Older</i> →</a>` : null}
  </nav>`
}

const nothingFound = html`没有符合条件的公告。<i lang="en">Nothing matches.</i>`

function subscription(view: View, path: string): Html {
  return html`<p class="subscribe">订阅 <i lang="en">Subscribe</i> ${formatLinks(view, path)}</p>`
}

/** A feed of the configuration as a page. */
export function feedPage(view: View, page: FeedPage): string {
  const { feed, path, stories } = page
  const body = html`<main>
    <h1>${feed.title}</h1>
    ${feed.description === undefined ? null : html`<p class="facts">${feed.description}</p>`}
    ${subscription(view, path)} ${storyList(view, stories, nothingFound)} ${pager(view, page)}
  </main>`
  return layout(view, {
    title: `${feed.title} · Newsfold`,
    body,
    links: alternateLinks(view, [{ title: feed.title, path }]),
  })
}

/** A search with its form; what it finds is replaced while a person types, where scripts run. */
export function searchPage(view: View, page: FeedPage): string {
  const { feed, path, stories } = page
  const body = html`<main>
    <h1>搜索 <i lang="en">Search</i></h1>
    ${searchForm(view, feed)}
    <div id="results" aria-live="polite">
      ${subscription(view, path)}
      ${feed.description === undefined ? null : html`<p class="facts">${feed.description}</p>`}
      ${storyList(view, stories, nothingFound)} ${pager(view, page)}
    </div>
    ${searchHelp}
  </main>`
  return layout(view, {
    title: `${feed.title} · Newsfold`,
    body,
    query: null,
    links: [
      ...alternateLinks(view, [{ title: feed.title, path }]),
      html`<script src="${view.link('/live-search.js')}" defer></script>`,
    ],
  })
}

/** A search that cannot be understood, with its form and what is wrong. */
export function badSearchPage(view: View, query: string, message: string): string {
  const body = html`<main>
    <h1>搜索 <i lang="en">Search</i></h1>
    ${searchForm(view, { query })}
    <div id="results" aria-live="polite"><p class="problem">${message}</p></div>
    ${searchHelp}
  </main>`
  const script = html`<script src="${view.link('/live-search.js')}" defer></script>`
  return layout(view, { title: '400 · Newsfold', body, query: null, links: [script] })
}
