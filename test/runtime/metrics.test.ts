import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMetrics, measureProcess } from '../../src/runtime/metrics.ts'

const linesOf = async (metrics: { exposition(): Promise<string> }, name: string) =>
  (await metrics.exposition()).split('\n').filter((line) => line.startsWith(name))

test('what was counted is exposed by its labels', async () => {
  const metrics = createMetrics()
  metrics.runs.inc({ outcome: 'failed' })
  metrics.runs.inc({ outcome: 'succeeded' }, 2)
  expect(await linesOf(metrics, 'newsfold_runs_total')).toEqual([
    'newsfold_runs_total{outcome="failed"} 1',
    'newsfold_runs_total{outcome="succeeded"} 2',
  ])
})

test('gauges are read when they are asked for, and have no value while their store fails', async () => {
  const metrics = createMetrics()
  let waiting: number | null = 3
  metrics.read([metrics.jobs], async () => {
    if (waiting === null) throw new Error('away')
    metrics.jobs.set({ queue: 'crawls', state: 'waiting' }, waiting)
  })
  expect(await linesOf(metrics, 'newsfold_queue_jobs')).toEqual([
    'newsfold_queue_jobs{queue="crawls",state="waiting"} 3',
  ])
  waiting = null
  expect(await linesOf(metrics, 'newsfold_queue_jobs')).toEqual([])
  waiting = 5
  expect(await linesOf(metrics, 'newsfold_queue_jobs')).toEqual([
    'newsfold_queue_jobs{queue="crawls",state="waiting"} 5',
  ])
})

test('a store that hangs delays no exposition for ever and is asked once', async () => {
  const metrics = createMetrics()
  let asked = 0
  metrics.read([metrics.jobs], async () => {
    asked++
    await sleep(60_000, undefined, { ref: false })
  })
  expect(await metrics.exposition()).toContain('newsfold_crawl_requests_total 0')
  expect(await metrics.exposition()).not.toContain('newsfold_queue_jobs{')
  expect(asked).toBe(1)
})

test('the dashboard shows metrics that there are', async () => {
  const metrics = createMetrics()
  measureProcess(metrics)
  const known = new Set(metrics.registry.getMetricsAsArray().map(({ name }) => name))
  const dashboard = readFileSync('docs/grafana-dashboard.json', 'utf8')
  const shown = [...dashboard.matchAll(/\b(?:newsfold|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name)
  expect(shown.length).toBeGreaterThan(10)
  const unknown = shown.filter((name) => !known.has(name.replace(/_(bucket|count|sum)$/, '')))
  expect(unknown).toEqual([])
})
