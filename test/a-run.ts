import { randomUUID } from 'node:crypto'
import type { CrawlRun } from '../src/model/crawl-run.ts'

/** A run of a source that found three things and kept one, unless a test says otherwise. */
export function aRun(over: Partial<CrawlRun> & Pick<CrawlRun, 'sourceId' | 'finishedAt'>): CrawlRun {
  return {
    id: randomUUID(),
    startedAt: new Date(over.finishedAt.getTime() - 2000),
    outcome: 'succeeded',
    found: 3,
    stored: 1,
    revised: 0,
    unchanged: 1,
    failed: 0,
    skipped: { robots: 1 },
    notModifiedListings: 0,
    requests: 4,
    bytes: 12_000,
    errors: [],
    ...over,
  }
}
