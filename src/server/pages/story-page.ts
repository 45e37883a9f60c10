import type { RevisionRecord, StoryRecord } from '../../archive/stories.ts'
import type { AnnouncedEvent } from '../../model/article.ts'
import { html, trusted, type Html } from '../html.ts'
import { formatTime } from './format-time.ts'
import { alternateLinks, layout } from './layout.ts'
import { marksOf, sourceName } from './story-list.ts'
import { revisionLines } from './revisions.ts'
import type { View } from './view.ts'

function section(title: Html, list: readonly Html[]): Html | null {
  if (list.length === 0) return null
  return html`<section>
    <h2>${title}</h2>
    <ul>
      ${list.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`
}

function eventLine(event: AnnouncedEvent): Html {
  const end = event.end ? ` – ${formatTime(event.end)}` : ''
  return html`<time datetime="${event.start.at}">${formatTime(event.start)}${end}</time> ${event.title}
    ${event.place === null ? null : html`<span class="facts">${event.place}</span>`}`
}

/** The article of a story as its publisher has it, with where it is from. */
function articleOf(story: StoryRecord): Html {
  const facts = [
    formatTime(story.published),
    story.origin === null ? '' : `来源：${story.origin}`,
    story.byline === null ? '' : `作者：${story.byline}`,
  ].filter((fact) => fact !== '')
  return html`<article lang="${story.language ?? 'zh'}">
    <h1>${story.title}</h1>
    ${marksOf(story)}
    <p class="facts">
      ${facts.map((fact) => html`<span>${fact}</span> `)}
      <a href="${story.url}" rel="noreferrer">原文 <i lang="en">Original</i></a>
    </p>
    <div class="text">${trusted(story.bodyHtml)}</div>
  </article>`
}

/** One story: its text, who ran it, its files and events, and the texts that it had before. */
export function storyPage(view: View, story: StoryRecord, revisions: readonly RevisionRecord[]): string {
  const members = story.members.map(
    (member) =>
      html`<a href="${member.url}" rel="noreferrer">${sourceName(view, member)}</a>
        <span class="facts">${member.title}</span>`,
  )
  const files = story.attachments.map((file) => html`<a href="${file.url}" rel="noreferrer">${file.name}</a>`)
  const texts = revisionLines(revisions, story.language ?? 'zh')
  const body = html`<main class="story">
    ${articleOf(story)} ${section(html`日程 <i lang="en">Announced events</i>`, story.events.map(eventLine))}
    ${section(html`附件 <i lang="en">Attachments</i>`, files)}
    ${section(html`刊载 <i lang="en">Published by</i>`, members)}
    ${section(html`修订 <i lang="en">Revisions</i>`, texts)}
  </main>`
  const feeds = view.feeds.slice(0, 1).map(({ id, title }) => ({ title, path: `/feeds/${id}` }))
  return layout(view, { title: `${story.title} · Newsfold`, body, links: alternateLinks(view, feeds) })
}
