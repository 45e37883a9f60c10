import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

// A hang guard: a program that starts on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const soon = { timeout: 30_000, interval: 100 }
let server: TestServer
let newsfold: Installation
let program: Running

const listAsked = (id: string) => server.pathsAsked().filter((path) => path === `/${id}/list`).length
const sourceText = (id: string, more = 'schedule: { every: 1h }') =>
  `name: ${id}\nlistings: ['${server.origin}/${id}/list']\nallowEmpty: true\n` +
  `allowPrivateHosts: ['${server.host}']\npoliteness: { delay: 0s }\n${more}\n`
const write = (id: string, text: string) => writeFileSync(join(newsfold.config, 'sources', `${id}.yaml`), text)

async function schedules(): Promise<string> {
  const { out } = await newsfold.run(['queue', 'status', '--json'])
  return [...out.matchAll(/"sourceId": "([a-z]+)"/g)].map((match) => match[1]).join()
}

beforeAll(async () => {
  server = await startServer()
  for (const id of ['first', 'second', 'third'])
    server.routes.set(`/${id}/list`, '<html><body><p>暂无</p></body></html>')
  newsfold = anInstallation({ first: sourceText('first'), second: sourceText('second') })
  program = newsfold.start(['start'], { NEWSFOLD_LOG_LEVEL: 'info' })
})
afterAll(async () => {
  program.child.kill('SIGTERM')
  await program.finished
  await newsfold.remove()
  await server.close()
})

test('sources are added, changed, broken, disabled and removed while it runs, and no schedule is lost or doubled', async () => {
  await expect.poll(() => [listAsked('first'), listAsked('second')], soon).toEqual([1, 1])
  write('third', sourceText('third'))
  await expect.poll(() => listAsked('third'), soon).toBe(1)

  write('second', sourceText('second', 'schedule: { every: 5s }'))
  await expect.poll(() => listAsked('second'), soon).toBeGreaterThanOrEqual(3)

  write('second', 'name: [')
  const before = listAsked('second')
  await expect.poll(() => listAsked('second'), soon).toBeGreaterThanOrEqual(before + 2)

  write('second', sourceText('second', 'enabled: false'))
  rmSync(join(newsfold.config, 'sources', 'third.yaml'))
  await expect.poll(schedules, soon).toBe('first')
  // What was not touched was asked once, at the start.
  expect([listAsked('first'), listAsked('third')]).toEqual([1, 1])
})

test('what it does is measured, and it says that it is ready', async () => {
  const url = /Stories +(\S+)\//.exec(program.out())?.[1] ?? ''
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', parts: { database: 'ok', migrations: 'ok', queue: 'ok' } },
  ])
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const valueOf = (line: string) => Number(metrics.split(`\n${line} `)[1]?.split('\n')[0])
  expect(valueOf('newsfold_runs_total{outcome="succeeded"}')).toBeGreaterThanOrEqual(5)
  expect(valueOf('newsfold_crawl_requests_total')).toBeGreaterThanOrEqual(5)
  // A crawl that was asked for has none.
  expect(valueOf('newsfold_tick_lateness_seconds_count')).toBeGreaterThanOrEqual(2)
  expect(valueOf('newsfold_tick_lateness_seconds_count')).toBeLessThanOrEqual(valueOf('newsfold_run_seconds_count'))
  expect(valueOf('newsfold_http_answers_total{status="200"}')).toBe(1)
  expect(valueOf('newsfold_sources{state="disabled"}')).toBe(1)
  for (const queue of ['crawls', 'deliveries']) {
    expect(valueOf(`newsfold_queue_jobs{queue="${queue}",state="failed"}`)).toBe(0)
    expect(valueOf(`newsfold_queue_paused{queue="${queue}",backend="postgres"}`)).toBe(0)
  }
  expect(valueOf('newsfold_source_health{state="healthy"}')).toBe(1)
  for (const channel of ['websub', 'webhook', 'hub']) {
    expect(valueOf(`newsfold_deliveries{channel="${channel}",state="waiting"}`)).toBe(0)
  }
})

test('a process that only crawls shows the same at a port of its own', async () => {
  const port = await freePort(null)
  const worker = newsfold.start(['work'], { NEWSFOLD_METRICS_PORT: String(port) })
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          (answer) => answer.status,
          () => 0,
        ),
      soon,
    )
    .toBe(200)
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain(
    'newsfold_queue_jobs{queue="crawls",state="active"}',
  )
  const second = newsfold.start(['work'], { NEWSFOLD_METRICS_PORT: String(port) })
  const { code, err } = await second.finished
  expect(code).toBe(2)
  expect(err).toContain('Set NEWSFOLD_METRICS_PORT to a free port')
  worker.child.kill('SIGTERM')
  await worker.finished
})
