// A process of its own: publishers, each at an address of its own in 127.0.0.0/8, who write down who asks them for what.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { z } from 'zod'
import { articlePage, feedPage, listPage } from './site-pages.ts'
import type { Arrival, SiteReport } from './site-process.ts'

const taskSchema = z.union([
  z.strictObject({ ask: z.literal('open'), hosts: z.int(), articles: z.int(), newEveryMs: z.int() }),
  z.strictObject({ ask: z.literal('report') }),
])

/** 127.64.0.0 and up: 64 × 65,536 addresses without those that programs use. */
function addressOf(index: number): string {
  return `127.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
}

let arrivals: Arrival[] = []
let robots = 0
let pages = 0
let firstPageAt: number | null = null
let others = 0
let articles = 1
/** How soon each publisher has another announcement; 0: never. */
let newEveryMs = 0
let openedAt = 0
/** As many as a list page has, where announcements come all the time. */
const listed = 20
/** A publisher's third announcement is corrected once, after this many later ones. */
const correctedAfter = 2

function countNow(): number {
  return articles + (newEveryMs === 0 ? 0 : Math.floor((Date.now() - openedAt) / newEveryMs))
}

function listedNow(): number[] {
  const count = countNow()
  const length = newEveryMs === 0 ? count : Math.min(count, listed)
  return Array.from({ length }, (_, index) => count - 1 - index)
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  const host = request.headers.host ?? ''
  if (path === '/robots.txt') {
    robots++
    response.writeHead(404).end()
    return
  }
  const listing = /^\/(\d+)\/(feed\.xml|list\.html)$/.exec(path)
  if (listing) {
    const source = Number(listing[1])
    const etag = `"v${countNow()}-${source}"`
    const isKnown = request.headers['if-none-match'] === etag
    arrivals.push({ source, at: Date.now(), status: isKnown ? 304 : 200 })
    if (isKnown) response.writeHead(304, { etag }).end()
    else if (listing[2] === 'feed.xml') {
      response.writeHead(200, { 'content-type': 'application/rss+xml', etag }).end(feedPage(host, source, listedNow()))
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', etag }).end(listPage(source, listedNow()))
    }
    return
  }
  const article = /^\/(\d+)\/(\d+)\.html$/.exec(path)
  if (article) {
    pages++
    const number = Number(article[2])
    firstPageAt ??= Date.now()
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(articlePage(Number(article[1]), number, number % 3 === 0 && number + correctedAfter < countNow() - articles))
    return
  }
  others++
  response.writeHead(404).end()
}

const http = createHttpServer(answer)

async function listen(address: string, port: number): Promise<number> {
  const server = createServer((socket) => void http.emit('connection', socket))
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : 0
}

/** One port for all, so that addresses differ as host names do. */
async function open(hosts: number): Promise<string[]> {
  const first = addressOf(1)
  const port = await listen(first, 0)
  const opened = [`${first}:${port}`]
  for (let index = 2; index <= hosts; index++) {
    await listen(addressOf(index), port)
    opened.push(`${addressOf(index)}:${port}`)
  }
  return opened
}

process.on('message', (message) => {
  const task = taskSchema.parse(message)
  if (task.ask === 'report') {
    const report: SiteReport = { arrivals, robots, pages, firstPageAt, others }
    ;[arrivals, robots, pages, firstPageAt, others] = [[], 0, 0, null, 0]
    process.send?.(report)
    return
  }
  ;({ articles, newEveryMs } = task)
  openedAt = Date.now()
  void open(task.hosts).then((hosts) => process.send?.({ hosts }))
})
process.on('disconnect', () => process.exit())
