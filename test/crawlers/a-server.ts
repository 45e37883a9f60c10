import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'

interface SeenRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

type Answer = string | Uint8Array | { status?: number; headers?: Record<string, string>; body?: string | Uint8Array }
type Route = Answer | ((request: IncomingMessage, response: ServerResponse) => Answer | undefined)

export interface TestServer {
  readonly origin: string
  readonly host: string
  /** By path with query; what is not there is a 404. Change it while the server runs. */
  readonly routes: Map<string, Route>
  readonly requests: SeenRequest[]
  pathsAsked(): string[]
  close(): Promise<void>
}

/** A real server on loopback. */
export async function startServer(routes: Record<string, Route> = {}): Promise<TestServer> {
  const table = new Map(Object.entries(routes))
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push({ path, headers: request.headers })
    const route = table.get(path)
    const answer = typeof route === 'function' ? route(request, response) : (route ?? { status: 404 })
    if (answer === undefined) return
    const isBody = typeof answer === 'string' || answer instanceof Uint8Array
    const { status = 200, headers = {}, body = '' } = isBody ? { body: answer } : answer
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    origin: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    routes: table,
    requests,
    pathsAsked: () => requests.map(({ path }) => path),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
