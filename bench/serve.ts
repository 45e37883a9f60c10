import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, get, IncomingMessage, type Server } from 'node:http'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { pino } from 'pino'
import type { Database } from '../src/archive/database.ts'
import { storyChannel } from '../src/archive/story-channel.ts'
import { feedDefinitionSchema } from '../src/model/feed-definition.ts'
import { sourceSchema } from '../src/model/source.ts'
import { startServer } from '../src/server/server.ts'
import { openGeneratedArchive } from './archive-options.ts'
import { plantedWords } from './generated-story.ts'
import { loadResultSchema, type LoadResult, type LoadTask } from './http-load.ts'

const connections = 32
/** Short and many, in turn: neighbours on the machine come and go. */
const roundMs = 1000
const rounds = 9
const memoryMs = 60_000
const path = '/feeds/all.rss'
const sourceNames = ['ministry', 'city', 'portal', 'bureau', 'court', 'observatory'] as const

interface Kind {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** Least share of the bare server's requests per second. */
  readonly least: number
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function load(child: ChildProcess, task: LoadTask): Promise<LoadResult> {
  child.send(task)
  const [message] = await once(child, 'message')
  return loadResultSchema.parse(message)
}

/** A server that does nothing but send these bytes: what can be had of Node at the most. */
async function bareServer(status: number, header: readonly string[], body: Buffer): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(status, [...header])
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const hopByHop = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/** The same request to both servers in turn, so that both see the same neighbours. */
async function compare(child: ChildProcess, port: number, kind: Kind): Promise<void> {
  const answer = await fetchRaw(port, kind.headers)
  const bare = await bareServer(answer.status, answer.header, answer.body)
  const lines = Object.entries({ host: '127.0.0.1', ...kind.headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
  const ours: Round[] = []
  const theirs: Round[] = []
  for (let round = 0; round < rounds; round++) {
    theirs.push(await measure(child, { port: portOf(bare), request, connections, forMs: roundMs }))
    ours.push(await measure(child, { port, request, connections, forMs: roundMs }))
  }
  bare.close()
  bare.closeAllConnections()
  const of = (rounds: readonly Round[], value: (round: Round) => number) => median(rounds.map(value))
  const ratios = ours.map((our, index) => our.perSecond / (theirs[index]?.perSecond ?? 0))
  const cpu = of(theirs, ({ cpuMicros }) => cpuMicros) / of(ours, ({ cpuMicros }) => cpuMicros)
  const statuses = [...new Set(ours.flatMap(({ statuses }) => statuses))].join(', ')
  const failures = ours.reduce((sum, { failures }) => sum + failures, 0)
  process.stdout.write(
    `serve ${kind.name} (${statuses}, ${answer.body.length} bytes): ` +
      `newsfold ${of(ours, ({ perSecond }) => perSecond).toFixed(0)}/s, ` +
      `bare node:http ${of(theirs, ({ perSecond }) => perSecond).toFixed(0)}/s, ` +
      `ratio ${median(ratios).toFixed(2)}, by processor time ${cpu.toFixed(2)} (at least ${kind.least}); ` +
      `p99 ${of(ours, ({ p99Ms }) => p99Ms).toFixed(1)} ms against ${of(theirs, ({ p99Ms }) => p99Ms).toFixed(1)} ms; ` +
      `${failures} failures\n`,
  )
}

type Round = LoadResult & { readonly cpuMicros: number }

/** With the processor time that a request took of this process: what neighbours on the machine do not change. */
async function measure(child: ChildProcess, task: LoadTask): Promise<Round> {
  const before = process.cpuUsage()
  const result = await load(child, task)
  const { user, system } = process.cpuUsage(before)
  return { ...result, cpuMicros: (user + system) / result.requests }
}

interface RawAnswer {
  readonly status: number
  readonly header: readonly string[]
  readonly body: Buffer
}

/** An answer as it came, undecoded. */
async function fetchRaw(port: number, headers: Readonly<Record<string, string>>, from = path): Promise<RawAnswer> {
  const asked = get({ port, host: '127.0.0.1', path: from, headers, agent: false })
  const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(asked, 'response'))
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(z.instanceof(Buffer).parse(chunk))
  const header = Object.entries(response.headers)
    .filter(([name]) => !hopByHop.has(name))
    .flatMap(([name, value]) => [name, String(value)])
  return { status: response.statusCode ?? 0, header, body: Buffer.concat(chunks) }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Feeds of each kind: of everything, of each source, of words that few and many stories have, in each order. */
const manyFeeds = Array.from({ length: 50 }, (_, index) => {
  const source = sourceNames[index % sourceNames.length] ?? ''
  const word = plantedWords[index % plantedWords.length]?.word ?? ''
  return feedDefinitionSchema.parse({
    id: index === 0 ? 'all' : `feed-${index}`,
    title: index === 0 ? '全部公告' : `第${index}个订阅源`,
    ...(index % 2 === 1 ? { sources: [source] } : {}),
    ...(index % 5 > 2 ? { words: { any: [word] } } : {}),
    ...(index % 7 === 6 ? { order: 'seen' } : {}),
  })
})

/** From a change of the archive to the new bytes of each of 50 feeds, over HTTP. */
async function firstRenderings(database: Database, port: number): Promise<void> {
  const ms: number[] = []
  let cpuMicros = 0
  for (let round = 0; round < 4; round++) {
    await database.query('select pg_notify($1, $2)', [storyChannel, 'bench'])
    // The notice comes on a connection of its own.
    await sleep(200)
    for (const { id } of manyFeeds) {
      const before = process.cpuUsage()
      const took = await timeOf(() => fetchRaw(port, {}, `/feeds/${id}.rss`))
      const { user, system } = process.cpuUsage(before)
      // The first round is the compiler's.
      if (round === 0) continue
      ms.push(took)
      cpuMicros += user + system
    }
  }
  const sorted = ms.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  process.stdout.write(
    `serve first rendering of ${manyFeeds.length} feeds of 50 items, three times: fastest ${at(0)} ms, ` +
      `median ${at(0.5)} ms, p95 ${at(0.95)} ms, slowest ${at(1)} ms (at most 20); ` +
      `${(cpuMicros / 1000 / ms.length).toFixed(1)} ms of this process's time each, load ${loadavg()[0]?.toFixed(1)}\n`,
  )
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20)
}

async function watchMemory(child: ChildProcess, port: number, etag: string): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${etag === '' ? '' : `if-none-match: ${etag}\r\n`}\r\n`
  await load(child, { port, request, connections, forMs: 5000 })
  const before = megabytes()
  await load(child, { port, request, connections, forMs: memoryMs })
  process.stdout.write(`serve memory over ${memoryMs / 1000} s of load: ${before} MB before, ${megabytes()} MB after\n`)
}

/** Feeds from a warm process next to a bare server that sends the same bytes, over an archive of generated stories. */
export async function run(...options: readonly string[]): Promise<void> {
  const { database, close } = await openGeneratedArchive('serve', options)
  const sources = sourceNames.map((id) => sourceSchema.parse({ id, name: id, listings: [`https://${id}.example/`] }))
  const server = await startServer({
    database,
    sources,
    feeds: manyFeeds,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'https://news.example',
    log: pino({ level: 'silent' }),
  })
  const port = Number(new URL(server.url).port)
  const child = fork(new URL('./http-load.ts', import.meta.url))
  try {
    await firstRenderings(database, port)
    const warm = await fetchRaw(port, {})
    const etag = warm.header[warm.header.indexOf('etag') + 1] ?? ''
    await fetchRaw(port, { 'accept-encoding': 'gzip' })
    const kinds: readonly Kind[] = [
      { name: '304', headers: { 'if-none-match': etag }, least: 0.7 },
      { name: 'full', headers: {}, least: 0.8 },
      { name: 'gzip', headers: { 'accept-encoding': 'gzip' }, least: 0.8 },
    ]
    for (const kind of kinds) await compare(child, port, kind)
    await watchMemory(child, port, etag)
  } finally {
    child.disconnect()
    await server.stop()
    await close()
  }
}
