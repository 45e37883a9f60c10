import { findTokenFeed } from '../archive/feed-tokens.ts'
import { chooseStories } from '../archive/choose-stories.ts'
import { findStoriesById, findStory } from '../archive/stories.ts'
import { seenThrough } from '../archive/visible-stories.ts'
import type { Database } from '../archive/database.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { contentHashOf, type Publications, type TopicContent } from '../push/publications.ts'
import { tokenHash } from '../push/feed-token.ts'
import { splitTopic, tokenOf } from '../push/topic-address.ts'
import { QueryError } from '../search/query-error.ts'
import { feedFormats } from './feed-formats.ts'
import { feedItemOf } from './feed-item.ts'
import { readPlace } from './feed-place.ts'
import { feedQueryOf } from './feed-query.ts'
import { createPublisher } from './publisher.ts'
import { BadAddressError } from './search-address.ts'
import { publicSourcesOf, type PublicSources } from './public-sources.ts'
import { viewOf } from './site-view.ts'
import type { Publication } from './rendering-store.ts'

export interface PublicationsOptions {
  readonly database: Database
  /** As they are at each moment. */
  readonly feeds: readonly FeedDefinition[]
  /** As they are at this moment. */
  readonly sources: () => ReadonlyMap<string, Source>
  /** Hubs of others, beside our own. */
  readonly hubs: readonly string[]
  readonly now: () => Date
}

/** The feed of an address under `/feeds/`: its id and its format. */
const feedFile = /^\/feeds\/([a-z0-9-]+)\.([a-z]+)$/

/** Who has a token sees private sources too. */
function seenBy(isPrivate: boolean, { sources }: PublicationsOptions): PublicSources {
  return isPrivate ? { sources: sources(), visible: null } : publicSourcesOf(sources())
}

/** The feeds that an address gives access to: those for all, or the one of a token. */
async function feedsAt(
  publicUrl: string,
  feedId: string,
  { database, feeds }: PublicationsOptions,
): Promise<readonly FeedDefinition[]> {
  const token = tokenOf(publicUrl)
  if (token === null) return feeds.filter((feed) => !feed.private)
  const opened = await findTokenFeed(database, tokenHash(token))
  return feeds.filter((feed) => feed.private && feed.id === opened && feed.id === feedId)
}

async function findTopic(topic: string, options: PublicationsOptions): Promise<Publication | null> {
  const { database, hubs, now } = options
  const address = splitTopic(topic)
  const [, feedId, extension] = feedFile.exec(address?.path ?? '') ?? []
  const format = feedFormats.find((format) => format.extension === extension)
  if (!address || feedId === undefined || !format) return null
  const { publicUrl, path, query } = address
  const feeds = await feedsAt(publicUrl, feedId, options)
  const isPrivate = tokenOf(publicUrl) !== null
  const params = new URLSearchParams(query)
  if (readPlace(params)?.kind !== 'first' || (isPrivate && feeds.length === 0)) return null
  const { sources, visible } = seenBy(isPrivate, options)
  const view = viewOf({ publicUrl: () => publicUrl, sources: () => sources, visible: () => visible, feeds, hubs })
  const publisher = createPublisher({ database, view, formats: feedFormats, now, isPaged: true })
  try {
    return publisher.find(path, params)
  } catch (error) {
    if (error instanceof BadAddressError || error instanceof QueryError) return null
    throw error
  }
}

/** What is published here, for those who send it out. It needs no server: a worker reads topics as readers do. */
export function createPublications(options: PublicationsOptions): Publications {
  const { database, now } = options
  const definitionOf = (id: string) => options.feeds.find((feed) => feed.id === id)

  return {
    readTopic: async (topic): Promise<TopicContent | null> => {
      const publication = await findTopic(topic, options)
      const draft = await publication?.render()
      if (!draft) return null
      const body = Buffer.from(draft.body)
      return { body, contentType: draft.contentType, hash: contentHashOf(body) }
    },
    storiesOf: async (feedId, storyIds) => {
      const feed = definitionOf(feedId)
      if (!feed || storyIds.length === 0) return []
      const seen = seenBy(feed.private, options)
      const { maxAgeMs, ...query } = feedQueryOf(feed, seen.sources, seen.visible)
      const since = maxAgeMs === null ? null : new Date(now().getTime() - maxAgeMs)
      const chosen = await chooseStories(database, { ...query, since, ids: storyIds, limit: storyIds.length })
      const stories = await findStoriesById(
        database,
        chosen.map(({ id }) => id),
      )
      return stories.map(({ id, sortAt }) => ({ id, at: sortAt }))
    },
    readItem: async (feedId, storyId) => {
      const feed = definitionOf(feedId)
      const found = feed && (await findStory(database, storyId))
      if (!feed || !found) return null
      const seen = seenBy(feed.private, options)
      const [story] = await seenThrough(database, [found], seen.visible)
      return story ? feedItemOf(story, { publicUrl: '', sources: seen.sources }, feed.content) : null
    },
  }
}
