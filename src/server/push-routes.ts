import type { FastifyInstance } from 'fastify'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { addEventStream } from './event-stream.ts'
import { addHub } from './hub-route.ts'
import type { RequireOperator } from './operator-gate.ts'
import { addDeliveryRoutes } from './operator-routes.ts'
import { addPrivateFeeds } from './private-feeds.ts'
import { createPublications } from './push-publications.ts'
import type { ServerOptions } from './server.ts'

const now = () => new Date()

/** What of the push has to be told of a server's life. */
export interface PushRoutes {
  /** Everything may be out of date. */
  invalidate(): void
  stop(): Promise<void>
}

/** Adds what readers subscribe at: the hub, the stream of new stories, private feeds; and what operators see of it. */
export function addPushRoutes(
  app: FastifyInstance,
  options: ServerOptions,
  site: {
    readonly publicUrl: () => string
    readonly sources: () => ReadonlyMap<string, Source>
    readonly feeds: () => readonly FeedDefinition[]
    readonly requireOperator: RequireOperator
  },
): PushRoutes {
  const { database, log, push } = options
  const { publicUrl, sources } = site
  if (push) {
    const publications = createPublications({
      database,
      get feeds() {
        return site.feeds()
      },
      sources,
      hubs: push.hubs,
      now,
    })
    addHub(app, { database, publications, allowPrivateHosts: push.allowPrivateHosts, publicUrl, now })
  }
  addDeliveryRoutes(app, database, site.requireOperator)
  const invalidate = addPrivateFeeds(app, {
    database,
    get feeds() {
      return site.feeds()
    },
    sources,
    hubs: push?.hubs ?? null,
    publicUrl,
    log,
  })
  const bound = push?.mostStreams === undefined ? {} : { mostClients: push.mostStreams }
  const stop = addEventStream(app, { database, sources, log, publicUrl, ...bound })
  return { invalidate, stop }
}
