// The second process of a measurement over HTTP: asks one address over and over on a few connections.
import { connect, type Socket } from 'node:net'
import { z } from 'zod'

const taskSchema = z.object({
  port: z.int(),
  /** The request as it goes over the wire. */
  request: z.string(),
  connections: z.int(),
  forMs: z.int(),
})
export type LoadTask = z.output<typeof taskSchema>

export const loadResultSchema = z.object({
  requests: z.int(),
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  failures: z.int(),
  statuses: z.array(z.string()),
})
export type LoadResult = z.output<typeof loadResultSchema>

const headEnd = Buffer.from('\r\n\r\n')

interface Tally {
  readonly ms: number[]
  readonly statuses: Set<string>
  failures: number
}

/** How many bytes of a response follow its head; `null` while the head is not whole. */
function responseLength(received: Buffer): { head: number; body: number; status: string } | null {
  const end = received.indexOf(headEnd)
  if (end === -1) return null
  const head = received.toString('latin1', 0, end)
  const status = head.slice(9, 12)
  const length = status === '304' ? 0 : Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  return { head: end + headEnd.length, body: length, status }
}

/** Asks, waits for the whole answer, asks again: as many requests are under way as there are connections. */
function askOverAndOver(task: LoadTask, tally: Tally, until: number): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(task.port, '127.0.0.1')
    socket.setNoDelay(true)
    let askedAt = 0
    let start = Buffer.alloc(0)
    let missing: number | null = null
    const ask = (): void => {
      start = Buffer.alloc(0)
      missing = null
      askedAt = performance.now()
      socket.write(task.request)
    }
    const finish = (): void => {
      tally.ms.push(performance.now() - askedAt)
      if (performance.now() < until) ask()
      else socket.end()
    }
    socket.on('connect', ask)
    socket.on('data', (chunk) => {
      if (missing === null) {
        start = start.length === 0 ? chunk : Buffer.concat([start, chunk])
        const length = responseLength(start)
        if (!length) return
        tally.statuses.add(length.status)
        missing = length.head + length.body - start.length
      } else {
        missing -= chunk.length
      }
      if (missing <= 0) finish()
    })
    socket.on('error', () => tally.failures++)
    socket.on('close', () => resolve())
  })
}

async function load(task: LoadTask): Promise<LoadResult> {
  const tally: Tally = { ms: [], statuses: new Set(), failures: 0 }
  const start = performance.now()
  const until = start + task.forMs
  await Promise.all(Array.from({ length: task.connections }, () => askOverAndOver(task, tally, until)))
  const seconds = (performance.now() - start) / 1000
  const sorted = Float64Array.from(tally.ms).toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures: tally.failures,
    statuses: [...tally.statuses],
  }
}

// Asked by the process that started it, task after task, until it lets go.
process.on('message', (message) => {
  void load(taskSchema.parse(message)).then((result) => process.send?.(result))
})
