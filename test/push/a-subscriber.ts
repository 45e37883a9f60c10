import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

/** What a subscriber was asked or told. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** As it came, behind the `?`. */
  readonly rawQuery: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly at: number
}

type Reply = (
  received: Received,
) => { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> } | 'never'

/** A subscriber, a chat service or another hub: a real server that keeps what it gets. */
export interface Subscriber {
  readonly url: string
  readonly host: string
  readonly received: readonly Received[]
  /** The deliveries among it. */
  posts(): Received[]
  /** How it answers; by default it confirms every challenge and takes every delivery. */
  answer: Reply
  close(): Promise<void>
}

export const confirming: Reply = ({ query }) => ({ status: 200, body: query.get('hub.challenge') ?? '' })

/** A subscriber on loopback. */
export async function aSubscriber(): Promise<Subscriber> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const subscriber: { answer: Reply } = { answer: confirming }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://subscriber.example')
      const one: Received = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        rawQuery: url.search.slice(1),
        headers: request.headers,
        body: Buffer.concat(chunks),
        at: Date.now(),
      }
      received.push(one)
      const answer = subscriber.answer(one)
      if (answer === 'never') return
      const { status, body = '', headers = {} } = answer
      response.writeHead(status, headers).end(body)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return Object.assign(subscriber, {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    received,
    posts: () => received.filter(({ method }) => method === 'POST'),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
