import type { StoryRecord } from '../../archive/stories.ts'
import { html, type Html } from '../html.ts'
import { alternateLinks, layout } from './layout.ts'
import { formatLinks, storyList } from './story-list.ts'
import type { View } from './view.ts'

function monthLinks(view: View): Html | null {
  if (view.months.length === 0) return null
  return html`<h2>存档 <i lang="en">Archive</i></h2>
    <p class="formats">
      ${view.months.map((month) => html`<a href="${view.link(`/archive/${month}`)}">${month}</a> `)}
    </p>`
}

/** All stories of a month, as an export has them. */
export function monthPage(view: View, month: string, stories: readonly StoryRecord[]): string {
  const body = html`<main>
    <h1>${month}</h1>
    <p class="facts">${stories.length} 个报道 <i lang="en">stories</i></p>
    ${storyList(view, stories, html`–`)}
  </main>`
  return layout(view, { title: `${month} · Newsfold`, body })
}

/** The front page: the newest stories and the feeds to subscribe to. */
export function frontPage(
  view: View,
  stories: readonly StoryRecord[],
  counts: { readonly articles: number; readonly stories: number },
): string {
  const body = html`<div class="columns">
    <main>
      <h1>最新 <i lang="en">Newest</i></h1>
      ${view.isLive ? html`<p id="new-stories" class="facts" role="status" hidden></p>` : null}
      <p class="facts">
        ${counts.articles} 篇公告，${counts.stories} 个报道 ·
        <i lang="en">${counts.articles} articles in ${counts.stories} stories</i>
      </p>
      ${storyList(
        view,
        stories,
        html`还没有内容，抓取进行中。<i lang="en">Nothing yet: the first crawl is on its way.</i>`,
      )}
    </main>
    <aside id="feeds">
      <h2>订阅 <i lang="en">Feeds</i></h2>
      <ul class="feeds">
        ${view.feeds.map(
          (feed) =>
            html`<li>
              <a href="${view.link(`/feeds/${feed.id}.html`)}">${feed.title}</a>
              ${formatLinks(view, `/feeds/${feed.id}`)}
            </li>`,
        )}
      </ul>
      ${monthLinks(view)}
    </aside>
  </div>`
  const feeds = view.feeds.map(({ id, title }) => ({ title, path: `/feeds/${id}` }))
  const script = html`<script src="${view.link('/new-stories.js')}" defer></script>`
  const links = [...alternateLinks(view, feeds), ...(view.isLive ? [script] : [])]
  return layout(view, { title: 'Newsfold', body, links })
}
