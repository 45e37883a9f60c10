import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { chooseStories } from '../archive/choose-stories.ts'
import type { Database } from '../archive/database.ts'
import { findTokenFeed } from '../archive/feed-tokens.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { privatePath, tokenHash } from '../push/feed-token.ts'
import { feedFormats } from './feed-formats.ts'
import { feedQueryOf } from './feed-query.ts'
import { createPublisher } from './publisher.ts'
import { createRenderingStore, type Publication } from './rendering-store.ts'
import { respond } from './respond.ts'
import { viewOf } from './site-view.ts'
import { rememberTokens } from './token-memory.ts'

export interface PrivateFeedsOptions {
  readonly database: Database
  /** As they are at each moment. */
  readonly feeds: readonly FeedDefinition[]
  readonly sources: () => ReadonlyMap<string, Source>
  readonly hubs: readonly string[] | null
  readonly publicUrl: () => string
  readonly log: Logger
}

const now = () => performance.now()

/** The same bytes for their subscriber alone: kept by no cache between. */
function privately(publication: Publication, token: string): Publication {
  return {
    address: privatePath(token, publication.address),
    isPinned: false,
    render: async () => {
      const draft = await publication.render()
      return draft && { ...draft, isPrivate: true, isForAllOrigins: false }
    },
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const form = /^\/private\/([\w-]{20,100})(\/(?:feeds\/[a-z0-9-]+\.[a-z]+|stories\/[0-9a-f-]{36}))$/

/**
 * Serves private feeds to those who have a token. Each request asks the archive whether the token still holds, so what
 * is revoked is closed at once; while the archive is away, a token that held before does.
 * @returns how to say that everything may be out of date
 */
export function addPrivateFeeds(app: FastifyInstance, options: PrivateFeedsOptions): () => void {
  const { database, sources, hubs, publicUrl, log } = options
  const store = createRenderingStore(log, now)
  const findFeed = rememberTokens((hash) => findTokenFeed(database, hash), now)

  /** Whether a story is in a feed, however far back. */
  const hasStory = async (feed: FeedDefinition, storyId: string): Promise<boolean> => {
    if (!uuid.test(storyId)) return false
    const { maxAgeMs: _maxAgeMs, ...query } = feedQueryOf(feed, sources())
    return (await chooseStories(database, { ...query, ids: [storyId], limit: 1 })).length > 0
  }

  const find = async (path: string, params: URLSearchParams): Promise<Publication | null> => {
    const [, token, ownPath] = form.exec(path) ?? []
    if (token === undefined || ownPath === undefined) return null
    const opened = await findFeed(tokenHash(token))
    const feed = options.feeds.find((feed) => feed.private && feed.id === opened)
    if (!feed) return null
    const [, kind, id = ''] = /^\/(feeds|stories)\/([^.]*)/.exec(ownPath) ?? []
    if (!(kind === 'feeds' ? id === feed.id : await hasStory(feed, id))) return null
    const view = viewOf({ publicUrl: () => `${publicUrl()}${privatePath(token, '')}`, sources, feeds: [feed], hubs })
    const publisher = createPublisher({ database, view, formats: feedFormats, now: () => new Date(), isPaged: true })
    const publication = publisher.find(ownPath, params)
    return publication && privately(publication, token)
  }

  app.get('/private/*', async (request, reply) => {
    const url = request.raw.url ?? ''
    const mark = url.indexOf('?')
    const path = mark === -1 ? url : url.slice(0, mark)
    const publication = await find(path, new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)))
    const rendering = publication && (await store.get(publication))
    // One answer for a wrong token and a wrong feed.
    if (!rendering) return reply.callNotFound()
    reply.hijack()
    respond(request.raw, reply.raw, rendering)
    return reply
  })
  return () => store.invalidate()
}
