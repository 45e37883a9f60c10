import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { anEmptyDatabase } from '../a-database.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: whole programs on a busy machine.
vi.setConfig({ testTimeout: 120_000 })
const soon = { timeout: 60_000, interval: 50 }

const answerSchema = z.object({ status: z.string(), parts: z.record(z.string(), z.string()) })
const open = new Set<Socket>()
let newsfold: Installation
let database: URL
let way: Server
let port: number

/** Opens a way to the database that can be closed again. */
function openWay(): Promise<void> {
  way = createServer((from) => {
    const to = connect(Number(database.port), database.hostname)
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => open.delete(socket))
    }
  })
  return new Promise((resolve) => way.listen(port, '127.0.0.1', resolve))
}
async function closeWay(): Promise<void> {
  const closed = new Promise((resolve) => way.close(resolve))
  for (const socket of open) socket.destroy()
  await closed
}

async function readyOf(url: string) {
  const response = await fetch(`${url}/readyz`).catch(() => null)
  return response && { code: response.status, ...answerSchema.parse(await response.json()) }
}

beforeAll(async () => {
  database = new URL(await anEmptyDatabase())
  port = await freePort(null)
  newsfold = anInstallation({}, { isNew: true })
  await openWay()
})
afterAll(async () => {
  await newsfold.remove()
  await closeWay()
})

test('while the database is away a process that only serves is ready with the feeds that it has, and one that crawls is not', async () => {
  const env = { DATABASE_URL: database.href.replace(`:${database.port}/`, `:${port}/`) }
  const server = newsfold.start(['serve'], env)
  let log = ''
  server.child.stderr?.on('data', (text: string) => (log += text))
  const watchPort = await freePort(null)
  newsfold.start(['work'], { ...env, NEWSFOLD_METRICS_PORT: String(watchPort) })
  await expect.poll(() => server.out(), soon).toMatch(/^Stories +http/m)
  const url = /^Stories +(\S+)\/$/m.exec(server.out())?.[1] ?? ''
  const both = async () =>
    (await Promise.all([url, `http://127.0.0.1:${watchPort}`].map(readyOf))).map(
      (answer) => answer && [answer.code, answer.status],
    )
  const allReady = [
    [200, 'ready'],
    [200, 'ready'],
  ]

  await expect.poll(both, soon).toEqual(allReady)
  // The bytes of each feed are there.
  await expect.poll(() => log, soon).toContain('"feeds.rendered"')
  await closeWay()
  await expect.poll(both, soon).toEqual([
    [200, 'degraded'],
    [503, 'not-ready'],
  ])
  expect((await readyOf(url))?.parts['database']).toContain('ECONNREFUSED')
  expect((await fetch(`${url}/feeds/all.atom`)).status).toBe(200)
  await openWay()
  await expect.poll(both, soon).toEqual(allReady)
})

test('a stop that a database which hangs cuts off says so and ends with 1, one without it with 0', async () => {
  const env = { DATABASE_URL: database.href.replace(`:${database.port}/`, `:${port}/`) }
  const start = async () => {
    const worker = newsfold.start(['work'], env)
    let log = ''
    worker.child.stdout?.on('data', (text: string) => (log += text))
    worker.child.stderr?.on('data', (text: string) => (log += text))
    await expect.poll(() => worker.out(), soon).toContain('Ctrl-C to stop')
    return { ...worker, log: () => log }
  }
  const [whole, cutOff] = await Promise.all([start(), start()])
  whole.child.kill('SIGTERM')
  expect((await whole.finished).code).toBe(0)
  for (const socket of open) socket.unpipe().pause()
  cutOff.child.kill('SIGTERM')
  expect((await cutOff.finished).code).toBe(1)
  expect(cutOff.log()).toMatch(/"program\.(cut-off|not-closed)"/)
  expect(cutOff.log()).toMatch(/"what":"[a-z ]+"[^\n]*"program\.(cut-off|not-closed)"/)
})
