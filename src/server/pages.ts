import type { MemberRecord, RevisionRecord, StoryRecord } from '../archive/stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { StatedTime } from '../model/time.ts'
import { isTimeZone } from '../model/time-zone.ts'
import type { Site } from './feed-item.ts'
import type { FeedFormat } from './feed-store.ts'
import { html, trusted, type Html } from './html.ts'

/** Minutes east of UTC of `+08:00`; `null` of a zone's name. */
function offsetMinutes(zone: string): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? []
  if (!sign) return null
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
}

/** As the publisher stated it: the day alone where no time of day was given. */
export function formatTime(time: StatedTime | null): string {
  if (!time) return ''
  const hasTime = time.precision === 'minute' || time.precision === 'second' || time.precision === 'hour'
  // Node 20 knows no offsets as time zones: the clock is moved instead.
  const offset = offsetMinutes(time.zone)
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: offset === null && isTimeZone(time.zone) ? time.zone : 'UTC',
    dateStyle: 'short',
    ...(hasTime ? { timeStyle: 'short' } : {}),
  }).format(new Date(Date.parse(time.at) + (offset ?? 0) * 60_000))
}

function page(title: string, body: Html, feeds: readonly Html[] = []): string {
  return html`<!doctype html>
    <html lang="zh">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/newsfold.css" />
        ${feeds}
      </head>
      <body>
        ${body}
      </body>
    </html>`.markup
}

const sourceName = (site: Site, member: MemberRecord): string =>
  site.sources.get(member.sourceId)?.name ?? member.origin ?? member.sourceId

function storyLine(story: StoryRecord, site: Site): Html {
  const names = [...new Set(story.members.map((member) => sourceName(site, member)))]
  return html`<li>
    <a href="/stories/${story.id}">${story.title}</a>
    <p>
      <time datetime="${story.published?.at ?? story.firstSeenAt.toISOString()}">${formatTime(story.published)}</time>
      ${names.join(' · ')} ${story.revision > 1 ? html`<mark>更正 corrected</mark>` : null}
    </p>
  </li>`
}

/** The front page: the newest stories and the feeds to subscribe to. */
export function frontPage(options: {
  readonly stories: readonly StoryRecord[]
  readonly feeds: readonly FeedDefinition[]
  readonly formats: readonly FeedFormat[]
  readonly site: Site
  readonly counts: { readonly articles: number; readonly stories: number }
}): string {
  const { stories, feeds, formats, site, counts } = options
  const links = feeds.flatMap((feed) =>
    formats.map(
      (format) =>
        html`<link
          rel="alternate"
          type="${format.contentType.split(';')[0] ?? ''}"
          title="${feed.title}"
          href="/feeds/${feed.id}.${format.extension}"
        />`,
    ),
  )
  const body = html`<header>
      <h1>Newsfold</h1>
      <p>
        ${counts.articles} 篇公告，${counts.stories} 个报道 · ${counts.articles} articles in ${counts.stories} stories
      </p>
    </header>
    <section>
      <h2>订阅 Feeds</h2>
      <ul class="feeds">
        ${feeds.map(
          (feed) =>
            html`<li>
              ${feed.title}
              ${formats.map((format) => html`<a href="/feeds/${feed.id}.${format.extension}">${format.name}</a> `)}
            </li>`,
        )}
      </ul>
    </section>
    <main>
      <h2>最新 Newest</h2>
      ${
        stories.length === 0
          ? html`<p>还没有内容，抓取进行中。Nothing yet: the first crawl is on its way.</p>`
          : html`<ol class="stories">
              ${stories.map((story) => storyLine(story, site))}
            </ol>`
      }
    </main>`
  return page('Newsfold', body, links)
}

/** One story: its text, who ran it, its files, and the texts that it had before. */
export function storyPage(story: StoryRecord, revisions: readonly RevisionRecord[], site: Site): string {
  const facts = [
    formatTime(story.published),
    story.origin && `来源：${story.origin}`,
    story.byline && `作者：${story.byline}`,
  ].filter((fact) => fact)
  const body = html`<header><a href="/">Newsfold</a></header>
    <main>
      <article lang="${story.language ?? 'zh'}">
        <h1>${story.title}</h1>
        <p class="facts">${facts.join('　')}</p>
        ${trusted(story.bodyHtml)}
      </article>
      <h2>刊载 Published by</h2>
      <ul>
        ${story.members.map(
          (member) =>
            html`<li><a href="${member.url}" rel="noreferrer">${sourceName(site, member)}</a> ${member.title}</li>`,
        )}
      </ul>
      ${
        story.attachments.length > 0
          ? html`<h2>附件 Attachments</h2>
              <ul>
                ${story.attachments.map((file) => html`<li><a href="${file.url}" rel="noreferrer">${file.name}</a></li>`)}
              </ul>`
          : null
      }
      ${
        revisions.length > 1
          ? html`<h2>修订 Revisions</h2>
              <ol>
                ${revisions.map((revision) => html`<li>${revision.seenAt.toISOString()} ${revision.title}</li>`)}
              </ol>`
          : null
      }
    </main>`
  return page(`${story.title} · Newsfold`, body)
}

/** What a person sees at an address that is not there. */
export function notFoundPage(what: string): string {
  return page(
    '404 · Newsfold',
    html`<main>
      <h1>404</h1>
      <p>${what}</p>
      <p><a href="/">Newsfold</a></p>
    </main>`,
  )
}
