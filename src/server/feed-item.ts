import type { StoryRecord } from '../archive/stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { FeedDocument, FeedItem } from '../model/feed-document.ts'
import type { Source } from '../model/source.ts'
import type { StatedTime } from '../model/time.ts'

/** What a server knows of its sources and of itself. */
export interface Site {
  /** How readers reach it, without a slash at the end. */
  readonly publicUrl: string
  readonly sources: ReadonlyMap<string, Source>
}

function instant(at: Date): StatedTime {
  return { at: at.toISOString(), precision: 'second', zone: 'UTC', from: 'archive' }
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
    contentHtml: content === 'full' ? story.bodyHtml : null,
    authors: story.byline
      ? [story.byline]
      : [source?.name ?? story.origin].filter((name) => name !== undefined && name !== null),
    origin: story.origin ?? source?.name ?? null,
    categories: source?.tags ?? [],
    publishedAt: story.published,
    updatedAt: story.revision > 1 ? (story.modified ?? instant(story.changedAt)) : null,
    images: story.images,
    attachments: story.attachments,
    copies,
    language: story.language,
    events: story.events,
  }
}

/** A feed's stories as the document that the writers take. */
export function feedDocumentOf(
  feed: FeedDefinition,
  stories: readonly StoryRecord[],
  site: Site,
  extension: string,
): FeedDocument {
  const changed = stories.reduce<Date | null>(
    (latest, { changedAt }) => (latest && latest >= changedAt ? latest : changedAt),
    null,
  )
  return {
    title: feed.title,
    description: feed.description ?? feed.title,
    homeUrl: `${site.publicUrl}/`,
    selfUrl: `${site.publicUrl}/feeds/${feed.id}.${extension}`,
    hubUrl: null,
    language: feed.languages?.length === 1 ? (feed.languages[0] ?? null) : null,
    updatedAt: changed && instant(changed),
    ttlMinutes: 5,
    items: stories.map((story) => feedItemOf(story, site, feed.content)),
  }
}
