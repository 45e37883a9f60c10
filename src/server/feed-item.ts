import type { StoryRecord } from '../archive/stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { FeedDocument, FeedItem } from '../model/feed-document.ts'
import type { Source } from '../model/source.ts'
import type { StatedTime } from '../model/time.ts'
import { hasCleanBody } from './clean-bodies.ts'

/** What a server knows of its sources and of itself. */
export interface Site {
  /** How readers reach it, without a slash at the end. */
  readonly publicUrl: string
  readonly sources: ReadonlyMap<string, Source>
  /** Ids of sources whose articles may be shown; `null` or absent: of all. */
  readonly visible?: ReadonlySet<string> | null
  /** WebSub hubs that readers may subscribe at, our own first; absent: nothing is pushed. */
  readonly hubs?: readonly string[]
}

function instant(at: Date): StatedTime {
  return { at: at.toISOString(), precision: 'second', zone: 'UTC', from: 'archive' }
}

/** What stands above the text of an article that its publisher took back; the text itself stays. */
export const withdrawnNotice = '此稿已被发布者撤下 Withdrawn by its publisher'

function contentOf(story: StoryRecord, content: FeedDefinition['content']): string | null {
  const notice = story.withdrawnAt ? `<p><strong>${withdrawnNotice}</strong></p>` : ''
  if (content === 'full') return notice + story.bodyHtml
  return notice === '' ? null : notice
}

/** Moves with each revision that we saw and with a withdrawal, whatever the page says of itself. */
function updateOf(story: StoryRecord): StatedTime | null {
  const times = [story.revision > 1 ? story.revisedAt : null, story.withdrawnAt].filter((time) => time !== null)
  return times.length === 0 ? null : instant(new Date(Math.max(...times.map((time) => time.getTime()))))
}

/** One story as one item. Its id is the story's, for ever. */
export function feedItemOf(story: StoryRecord, site: Site, content: FeedDefinition['content']): FeedItem {
  const source = site.sources.get(story.sourceId)
  const copies = story.members
    .filter((member) => member.id !== story.articleId)
    .map((member) => ({
      name: site.sources.get(member.sourceId)?.name ?? member.origin ?? member.url,
      url: member.url,
    }))
  return {
    id: `urn:uuid:${story.id}`,
    url: story.url,
    title: story.title,
    summary: story.summary,
    contentHtml: contentOf(story, content),
    isContentClean: content === 'full' && hasCleanBody(story),
    authors: story.byline
      ? [story.byline]
      : [source?.name ?? story.origin].filter((name) => name !== undefined && name !== null),
    origin: story.origin ?? source?.name ?? null,
    categories: source?.tags ?? [],
    publishedAt: story.published,
    updatedAt: updateOf(story),
    images: story.images,
    attachments: story.attachments,
    copies,
    language: story.language,
    events: story.events,
  }
}

/** Where a document is and what is beside it, as paths of this server. */
export interface FeedPaths {
  readonly self: string
  /** The page that shows the same. */
  readonly home: string
  readonly first: string
  readonly newer: string | null
  readonly older: string | null
  readonly last: string
}

/** How long a reader may wait before it asks again. */
const ttlMinutes = 5

/** A feed's stories as the document that the writers take. */
export function feedDocumentOf(
  feed: FeedDefinition,
  stories: readonly StoryRecord[],
  site: Site,
  paths: FeedPaths,
): FeedDocument {
  // Files that nobody knows the address of name none.
  const at = (path: string | null) => (path && site.publicUrl !== '' ? `${site.publicUrl}${path}` : null)
  const isWhole = paths.newer === null && paths.older === null
  return {
    title: feed.title,
    description: feed.description ?? feed.title,
    // RSS demands a page that the feed speaks for.
    homeUrl: at(paths.home) ?? stories[0]?.url ?? null,
    selfUrl: at(paths.self),
    hubUrl: site.hubs?.[0] ?? null,
    language: feed.languages?.length === 1 ? (feed.languages[0] ?? null) : null,
    updatedAt: latestChange(stories),
    ttlMinutes,
    items: stories.map((story) => feedItemOf(story, site, feed.content)),
    ...(isWhole
      ? {}
      : { pages: { first: at(paths.first), previous: at(paths.newer), next: at(paths.older), last: at(paths.last) } }),
  }
}

function latestChange(stories: readonly StoryRecord[]): StatedTime | null {
  if (stories.length === 0) return null
  return instant(new Date(Math.max(...stories.map(({ changedAt }) => changedAt.getTime()))))
}
