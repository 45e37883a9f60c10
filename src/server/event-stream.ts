import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { lastLogNumber, readStoryLog, type LoggedStory } from '../archive/outbox.ts'
import { findStoriesById } from '../archive/stories.ts'
import { seenThrough } from '../archive/visible-stories.ts'
import { storyLogChannel } from '../archive/story-channel.ts'
import { listenTo } from '../archive/story-listener.ts'
import { describeError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import { publicSourcesOf } from './public-sources.ts'
import { securityHeaders } from './rendering.ts'

export interface EventStreamOptions {
  readonly database: Database
  readonly sources: () => ReadonlyMap<string, Source>
  readonly log: Logger
  readonly publicUrl: () => string
  /** Streams at the same time; the default leaves most of a process's sockets to readers. */
  readonly mostClients?: number
}

const usualMostClients = 500
/** Below the minute after which proxies close what is silent. */
const heartbeatMs = 20_000
/** Browsers wait this long before they come back. */
const retryMs = 3000
/** Who was away for longer loads the page anew. */
const mostMissed = 200
/** Who reads more slowly than this is let go, and comes back for the rest. */
const mostBufferedBytes = 256 * 1024

const headers = {
  ...securityHeaders,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies that gather answers would hold events back.
  'x-accel-buffering': 'no',
} as const

interface Client {
  readonly response: ServerResponse
  /** The number of the last event that it was sent. */
  last: number
}

/** The number behind which a client wants events; `null`: from now on. */
function numberOf(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null
}

/**
 * `/events`: new and changed stories as Server-Sent Events, named `new` and `changed`, each with the id by which a
 * client that was cut off goes on.
 * @returns how to stop
 */
export function addEventStream(app: FastifyInstance, options: EventStreamOptions): () => Promise<void> {
  const { database, sources, log, publicUrl, mostClients = usualMostClients } = options
  const clients = new Set<Client>()
  let underWay: Promise<void> | null = null
  let isAsked = false

  const eventsOf = async (lines: readonly LoggedStory[]): Promise<Map<number, string>> => {
    const found = await findStoriesById(database, [...new Set(lines.map(({ storyId }) => storyId))])
    const seen = publicSourcesOf(sources())
    const stories = new Map((await seenThrough(database, found, seen.visible)).map((story) => [story.id, story]))
    const events = new Map<number, string>()
    for (const { number, storyId, kind } of lines) {
      const story = stories.get(storyId)
      if (!story) continue
      const data = {
        id: `urn:uuid:${story.id}`,
        title: story.title,
        url: story.url,
        page: `${publicUrl()}/stories/${story.id}`,
        source: sources().get(story.sourceId)?.name ?? null,
        published: story.published?.at ?? null,
      }
      events.set(number, `id: ${number}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`)
    }
    return events
  }
  const send = (client: Client, text: string): void => {
    client.response.write(text)
    if (client.response.writableLength > mostBufferedBytes) client.response.destroy()
  }
  const tellAll = async (): Promise<void> => {
    const waiting = [...clients]
    if (waiting.length === 0) return
    const from = Math.min(...waiting.map(({ last }) => last))
    const lines = await readStoryLog(database, from, mostMissed)
    const events = await eventsOf(lines)
    for (const client of waiting) {
      const news = lines.filter(({ number }) => number > client.last)
      client.last = news.at(-1)?.number ?? client.last
      const text = news.map(({ number }) => events.get(number) ?? '').join('')
      if (text !== '') send(client, text)
    }
  }
  const tell = (): void => {
    isAsked = true
    underWay ??= (async () => {
      while (isAsked) {
        isAsked = false
        await tellAll().catch((error: unknown) => log.warn({ reason: describeError(error) }, 'events.not-sent'))
      }
      underWay = null
    })()
  }
  const stopListening = listenTo(database, [storyLogChannel], log, tell)
  const heartbeat = setInterval(() => {
    for (const client of clients) send(client, ': still here\n\n')
  }, heartbeatMs).unref()

  app.get('/events', { exposeHeadRoute: false }, async (request, reply) => {
    if (clients.size >= mostClients) {
      return reply.code(503).header('retry-after', '30').send({ error: '连接过多。Too many streams are open.' })
    }
    const last = numberOf(request.headers['last-event-id']) ?? (await lastLogNumber(database))
    reply.hijack()
    const client: Client = { response: reply.raw, last }
    reply.raw.writeHead(200, headers)
    reply.raw.on('error', () => undefined)
    reply.raw.once('close', () => clients.delete(client))
    reply.raw.write(`retry: ${retryMs}\n\n`)
    clients.add(client)
    tell()
    return reply
  })

  return async () => {
    clearInterval(heartbeat)
    await stopListening()
    for (const { response } of clients) response.end()
    await underWay
  }
}
