import { countArchive } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { countDeliveries } from '../archive/alerts.ts'
import { findSourceHealth } from '../archive/source-health.ts'
import { healthStates } from '../model/source-health.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { CrawlWatcher } from '../queue/crawl-service.ts'
import type { OpenQueues } from '../queue/queue-figures.ts'
import { freeBytesOf } from '../runtime/disk-space.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'

/** Counting reads an index from end to end: 0.1 s for a million. */
const countAgainMs = 60_000

function measureRun(metrics: Metrics, run: CrawlRun): void {
  metrics.runs.inc({ outcome: run.outcome })
  metrics.runSeconds.observe((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000)
  for (const outcome of ['stored', 'revised', 'unchanged', 'failed'] as const) {
    metrics.articles.inc({ outcome }, run[outcome])
  }
  for (const [reason, count] of Object.entries(run.skipped)) metrics.skipped.inc({ reason }, count)
  metrics.requests.inc(run.requests)
  metrics.bytes.inc(run.bytes)
  metrics.notModified.inc(run.notModifiedListings)
}

/** The watcher with every run measured. */
export function measuring(watcher: CrawlWatcher, metrics: Metrics): CrawlWatcher {
  return {
    ...watcher,
    finished: (source, run) => {
      measureRun(metrics, run)
      watcher.finished?.(source, run)
    },
  }
}

export function measureQueues(metrics: Metrics, { queue, deliveries }: OpenQueues): void {
  const { backend } = queue
  metrics.read([metrics.jobs, metrics.queuePaused], async () => {
    for (const [name, one] of [['crawls', queue] as const, ['deliveries', deliveries] as const]) {
      const [counts, isPaused] = await Promise.all([one.counts(), one.isPaused()])
      for (const [state, count] of Object.entries(counts)) metrics.jobs.set({ queue: name, state }, count)
      metrics.queuePaused.set({ queue: name, backend }, isPaused ? 1 : 0)
    }
  })
}

export function measureSources(metrics: Metrics, folder: SourceFolder): void {
  metrics.read([metrics.sources], async () => {
    const sources = folder.sources()
    const enabled = sources.filter((source) => source.enabled).length
    metrics.sources.set({ state: 'enabled' }, enabled)
    metrics.sources.set({ state: 'disabled' }, sources.length - enabled)
    metrics.sources.set({ state: 'broken' }, folder.broken().length)
  })
}

export function measureArchive(metrics: Metrics, database: Database): void {
  let countedAt = Number.NEGATIVE_INFINITY
  metrics.read([metrics.items], async () => {
    if (performance.now() - countedAt < countAgainMs) return
    const counts = await countArchive(database)
    for (const [kind, count] of Object.entries(counts)) metrics.items.set({ kind }, count)
    countedAt = performance.now()
  })
}

/** How sources are, and what is on its way to subscribers. */
export function measureStates(metrics: Metrics, database: Database, folder: SourceFolder): void {
  metrics.read([metrics.health], async () => {
    const counts = new Map<string, number>(healthStates.map((state) => [state, 0]))
    for (const { sourceId, state } of await findSourceHealth(database)) {
      if (folder.find(sourceId)?.enabled) counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    for (const [state, count] of counts) metrics.health.set({ state }, count)
  })
  metrics.read([metrics.deliveries], async () => {
    for (const { channel, waiting, dead } of await countDeliveries(database)) {
      metrics.deliveries.set({ channel, state: 'waiting' }, waiting)
      metrics.deliveries.set({ channel, state: 'dead' }, dead)
    }
  })
}

export function measureDisk(metrics: Metrics, folder: string): void {
  metrics.read([metrics.freeBytes], async () => {
    metrics.freeBytes.set({ folder }, freeBytesOf(folder))
  })
}
