import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { findStories, type StoryFilter } from '../archive/stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { FeedDocument } from '../model/feed-document.ts'
import { feedDocumentOf, type Site } from './feed-item.ts'

/** A feed as it goes over the wire. */
export interface RenderedFeed {
  readonly body: Buffer
  readonly contentType: string
  /** Strong: the hash of the bytes. */
  readonly etag: string
  /** When an item of it was changed last; `null` for a feed without items. */
  readonly lastModified: Date | null
}

/** One way to write a feed, by the extension of its address. */
export interface FeedFormat {
  readonly extension: string
  readonly name: string
  readonly contentType: string
  write(document: FeedDocument): string
}

interface Entry {
  rendered: RenderedFeed | null
  /** The change of the archive that the bytes show. */
  version: number
  rendering: Promise<RenderedFeed> | null
}

/** Bytes of feeds, rendered once for each change of the archive and kept. */
export interface FeedStore {
  /** The current bytes; the last good ones while the database is away. `null`: no such feed or format. */
  get(feedId: string, extension: string): Promise<RenderedFeed | null>
  /** Everything that is kept may be out of date. */
  invalidate(): void
}

function filterOf(feed: FeedDefinition, site: Site): StoryFilter {
  const { tags, sources } = feed
  const tagged = tags
    ? [...site.sources.values()].filter((source) => source.tags.some((tag) => tags.includes(tag))).map(({ id }) => id)
    : null
  const sourceIds = sources && tagged ? sources.filter((id) => tagged.includes(id)) : (sources ?? tagged)
  return { sourceIds, languages: feed.languages ?? null, limit: feed.items }
}

/** How long a reader waits for newer bytes than those that are there. */
const patienceMs = 2000

/** Feeds of a database, by definition and format. */
export function createFeedStore(options: {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly formats: readonly FeedFormat[]
  readonly site: () => Site
  readonly log: Logger
}): FeedStore {
  const entries = new Map<string, Entry>()
  let version = 0

  const render = async (feed: FeedDefinition, format: FeedFormat): Promise<RenderedFeed> => {
    const site = options.site()
    const stories = await findStories(options.database, filterOf(feed, site))
    const document = feedDocumentOf(feed, stories, site, format.extension)
    const body = Buffer.from(format.write(document))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
    const lastModified = document.updatedAt ? new Date(document.updatedAt.at) : null
    return { body, contentType: format.contentType, etag, lastModified }
  }

  const refresh = async (entry: Entry, feed: FeedDefinition, format: FeedFormat): Promise<RenderedFeed> => {
    const seen = version
    try {
      entry.rendered = await render(feed, format)
      entry.version = seen
      return entry.rendered
    } catch (error) {
      // Readers get the last good bytes: a feed is never emptied or broken by our own trouble.
      if (!entry.rendered) throw error
      options.log.warn({ err: error, feed: feed.id }, 'feed.kept')
      return entry.rendered
    } finally {
      entry.rendering = null
    }
  }

  return {
    get: async (feedId, extension) => {
      const feed = options.feeds.find(({ id }) => id === feedId)
      const format = options.formats.find((format) => format.extension === extension)
      if (!feed || !format) return null
      const key = `${feedId}.${extension}`
      const entry = entries.get(key) ?? { rendered: null, version: -1, rendering: null }
      entries.set(key, entry)
      if (entry.rendered && entry.version === version) return entry.rendered
      entry.rendering ??= refresh(entry, feed, format)
      const { rendered, rendering } = entry
      if (!rendered) return rendering
      // The archive tries for long to reach a database that is away; a reader that can be served does not wait for it.
      const timer = new AbortController()
      try {
        return await Promise.race([rendering, sleep(patienceMs, rendered, { signal: timer.signal })])
      } finally {
        timer.abort()
      }
    },
    invalidate: () => {
      version++
    },
  }
}
