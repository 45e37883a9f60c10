import type { Database } from '../../src/archive/database.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import type { PushContext } from '../../src/push/push-context.ts'
import { startPush } from '../../src/push/push-service.ts'
import { createRequestSender } from '../../src/push/request-sender.ts'
import { createTopicCache } from '../../src/push/topic-cache.ts'
import { webhookTargets } from '../../src/push/webhook-target.ts'
import { openDeliveryQueue, type DeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { createPublications } from '../../src/server/push-publications.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { sources } from '../server/a-server.ts'
import { silent } from '../silent.ts'

/** A server with workers that deliver. */
export interface TestNewsfold {
  readonly server: RunningServer
  readonly queue: DeliveryQueue
  /** What became of each try: `webhook taken`. */
  readonly tries: readonly string[]
  topic(file: string): string
  /** Puts the clock on by so many milliseconds. */
  passTime(ms: number): void
  stop(): Promise<void>
}

export interface NewsfoldOptions {
  readonly feeds?: readonly Record<string, unknown>[]
  readonly allowPrivateHosts: readonly string[]
  readonly hubs?: readonly string[]
  readonly redisUrl?: string | null
  readonly operatorToken?: string
  /** Without workers. */
  readonly isIdle?: boolean
  readonly mostClients?: number
  readonly hostNames?: readonly string[]
}

/** Server and workers on an archive, as `newsfold start` wires them. */
export async function aNewsfold(database: Database, options: NewsfoldOptions): Promise<TestNewsfold> {
  const feeds = (options.feeds ?? [{ id: 'all', title: '全部公告' }]).map((feed) => feedDefinitionSchema.parse(feed))
  const { allowPrivateHosts, hubs = [], redisUrl = null, operatorToken } = options
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const server = await startServer({
    database,
    feeds,
    sources,
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    push: { hubs, allowPrivateHosts, ...(options.mostClients ? { mostStreams: options.mostClients } : {}) },
    ...(options.hostNames ? { hostNames: options.hostNames } : {}),
    ...(operatorToken === undefined ? {} : { operatorToken }),
    log: silent,
  })
  const publications = createPublications({
    database,
    feeds,
    sources: () => new Map(sources.map((source) => [source.id, source])),
    hubs,
    now,
  })
  const sender = createRequestSender({ userAgent: 'Newsfold/test', allowPrivateHosts, now })
  const queue = openDeliveryQueue({ databaseUrl: database.connectionString, redisUrl }, silent)
  const topics = createTopicCache(publications)
  const pinged = feeds.map(({ id }) => ({ feedId: id, topic: `${server.url}/feeds/${id}.rss` }))
  const webhooks = webhookTargets(feeds)
  const tries: string[] = []
  const tried: PushContext['tried'] = (channel, outcome) => tries.push(`${channel} ${outcome}`)
  const context = { database, publications, topics, sender, webhooks, hubs, pinged, tried, now, log: silent }
  const stopPush = options.isIdle ? () => sender.close() : startPush(context, queue)
  return {
    server,
    queue,
    tries,
    topic: (file) => `${server.url}/feeds/${file}`,
    passTime: (ms) => {
      ahead += ms
    },
    stop: async () => {
      await stopPush()
      await queue.close()
      await server.stop()
    },
  }
}

/** Asks a hub for something. */
export function askHub(newsfold: TestNewsfold, parameters: Record<string, string>, headers = {}): Promise<Response> {
  const body = new URLSearchParams(parameters)
  return fetch(`${newsfold.server.url}/hub`, { method: 'POST', body, headers })
}
