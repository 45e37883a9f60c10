import { setTimeout as sleep } from 'node:timers/promises'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** From a poll that is on time to one that is as late as a usual interval. */
const latenessBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900]
/** From a 304 of one listing to a first reading of an archive. */
const runBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600]
/** From bytes that are ready to a search that reads the disk. */
const answerBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

/** Stores that do not answer are left out: a scrape waits 10 s at the most, and says least when it is needed most. */
const readWithinMs = 3000

/**
 * All metrics of one process. This table is the only list of them; other processes of the same archive have their own,
 * and Prometheus adds them up. Gauges tell of the whole archive or queue, so one process's are enough.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Gauge({ name, help, labelNames, registers })
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, buckets: number[], labelNames: readonly T[] = []) =>
    new Histogram({ name, help, buckets, labelNames, registers })

  const metrics = {
    runs: counter('newsfold_runs_total', 'Crawls of sources, and polls that found nothing new, by how they ended.', [
      'outcome',
    ]),
    runSeconds: histogram('newsfold_run_seconds', 'How long these took.', runBuckets),
    lateness: histogram(
      'newsfold_tick_lateness_seconds',
      'From the moment that a schedule named to that at which it was taken.',
      latenessBuckets,
    ),
    articles: counter(
      'newsfold_articles_total',
      'Articles that were read, by what became of them: stored, revised, unchanged, failed.',
      ['outcome'],
    ),
    skipped: counter('newsfold_items_skipped_total', 'Items of listings that were not read, by reason.', ['reason']),
    requests: counter('newsfold_crawl_requests_total', 'Requests to publishers, robots.txt and redirects included.'),
    bytes: counter('newsfold_crawl_received_bytes_total', 'Bytes received from publishers, as they came.'),
    notModified: counter('newsfold_listings_not_modified_total', 'Listings that answered 304.'),
    answers: counter('newsfold_http_answers_total', 'Answers to readers, by status.', ['status']),
    answerSeconds: histogram('newsfold_http_answer_seconds', 'How long readers waited for an answer.', answerBuckets),
    jobs: gauge('newsfold_queue_jobs', 'Jobs by queue (crawls, deliveries) and state.', ['queue', 'state']),
    queuePaused: gauge('newsfold_queue_paused', '1 while the whole queue is paused.', ['queue', 'backend']),
    sources: gauge('newsfold_sources', 'Source files, by state: enabled, disabled, broken.', ['state']),
    health: gauge('newsfold_source_health', 'Sources that have been crawled, by how they are.', ['state']),
    deliveries: gauge(
      'newsfold_deliveries',
      'Deliveries to WebSub subscribers, webhooks and hubs: waiting, and given up (dead).',
      ['channel', 'state'],
    ),
    deliveryTries: counter(
      'newsfold_deliveries_total',
      'Tries of deliveries, by channel and by what became of them: taken, failed (tried again later), given-up.',
      ['channel', 'outcome'],
    ),
    items: gauge('newsfold_archive_items', 'What the archive holds: articles and stories; at most a minute old.', [
      'kind',
    ]),
    freeBytes: gauge('newsfold_disk_free_bytes', 'Room on the disk of the data folder.', ['folder']),
  }
  const readings: (() => Promise<void>)[] = []

  return {
    ...metrics,
    registry,
    contentType: registry.contentType,
    /**
     * Sets gauges before each exposition. One that throws or does not answer in time leaves them without a value,
     * since an old one would lie.
     */
    read: (gauges: readonly { reset(): void }[], reading: () => Promise<void>): void => {
      let running: Promise<void> | null = null
      readings.push(async () => {
        running ??= reading().finally(() => (running = null))
        const inTime = await Promise.race([
          running.then(
            () => true,
            () => false,
          ),
          sleep(readWithinMs, false, { ref: false }),
        ])
        if (!inTime) for (const gauge of gauges) gauge.reset()
      })
    },
    exposition: async (): Promise<string> => {
      await Promise.all(readings.map((read) => read()))
      return registry.metrics()
    },
  }
}
export type Metrics = ReturnType<typeof createMetrics>

/** Memory, processor and event loop of this process, under the names that dashboards for Node expect. */
export function measureProcess({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry })
}
