import type { MemberRecord, StoryRecord } from '../../archive/stories.ts'
import { html, type Html } from '../html.ts'
import { formatTime } from './format-time.ts'
import type { View } from './view.ts'

/** About three lines on a phone. */
const excerptLength = 110

export function sourceName(view: View, member: MemberRecord): string {
  return view.site.sources.get(member.sourceId)?.name ?? member.origin ?? member.sourceId
}

function excerptOf(story: StoryRecord): string {
  const text = (story.summary ?? story.bodyText).replaceAll(/\s+/g, ' ').trim()
  const characters = Array.from(text.slice(0, excerptLength * 2))
  return characters.length > excerptLength ? `${characters.slice(0, excerptLength).join('')}…` : text
}

/** What a reader must know before the text: that it was corrected, or taken back. */
export function marksOf(story: StoryRecord): Html {
  return html`${story.withdrawnAt ? html`<mark class="withdrawn">已撤下 <i lang="en">withdrawn</i></mark>` : null}
  ${story.revision > 1 ? html`<mark>更正 <i lang="en">corrected</i></mark>` : null}`
}

function storyLine(view: View, story: StoryRecord): Html {
  const names = [...new Set(story.members.map((member) => sourceName(view, member)))]
  const shown = names.slice(0, 3)
  const more = names.length - shown.length
  return html`<li lang="${story.language ?? 'zh'}">
    <a href="${view.link(`/stories/${story.id}`)}">${story.title}</a>
    <p class="excerpt">${excerptOf(story)}</p>
    <p class="facts">
      <time datetime="${story.published?.at ?? story.firstSeenAt.toISOString()}">${formatTime(story.published)}</time>
      <span>${shown.join(' · ')}${more > 0 ? ` +${more}` : ''}</span>
      ${marksOf(story)}
    </p>
  </li>`
}

/** Stories, the latest first. */
export function storyList(view: View, stories: readonly StoryRecord[], whenEmpty: Html): Html {
  if (stories.length === 0) return html`<p class="empty">${whenEmpty}</p>`
  return html`<ol class="stories">
    ${stories.map((story) => storyLine(view, story))}
  </ol>`
}

/** The formats of a feed, to be subscribed to. `path` has no extension: `/feeds/all`, `/feeds/search?q=…`. */
export function formatLinks(view: View, path: string): Html {
  const [file = '', search] = path.split('?')
  return html`<span class="formats">
    ${view.formats.map(
      (format) =>
        html`<a href="${view.link(`${file}.${format.extension}${search ? `?${search}` : ''}`)}">${format.name}</a> `,
    )}
  </span>`
}
