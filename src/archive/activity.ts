import type { CrawlRun } from '../model/crawl-run.ts'
import type { Queryable } from './database.ts'

/** What was done since a moment. */
export interface Activity {
  readonly runs: Readonly<Record<CrawlRun['outcome'], number>>
  readonly stored: number
  readonly revised: number
  readonly failedPages: number
  readonly requests: number
  readonly bytes: number
}

const numbers = ['stored', 'revised', 'failedPages', 'requests', 'bytes'] as const

export async function findActivity(db: Queryable, since: Date): Promise<Activity> {
  const { rows } = await db.query<Record<(typeof numbers)[number] | 'runs', number> & { outcome: CrawlRun['outcome'] }>(
    `select outcome, count(*)::int as runs, sum(stored)::int as stored, sum(revised)::int as revised,
       sum(failed)::int as "failedPages", sum(requests)::int as requests, sum(bytes)::float8 as bytes
     from crawl_run where finished_at > $1 group by outcome`,
    [since],
  )
  const sum = (name: (typeof numbers)[number]) => rows.reduce((total, row) => total + row[name], 0)
  const runsOf = (outcome: CrawlRun['outcome']) => rows.find((row) => row.outcome === outcome)?.runs ?? 0
  return {
    runs: {
      succeeded: runsOf('succeeded'),
      partial: runsOf('partial'),
      failed: runsOf('failed'),
      aborted: runsOf('aborted'),
    },
    stored: sum('stored'),
    revised: sum('revised'),
    failedPages: sum('failedPages'),
    requests: sum('requests'),
    bytes: sum('bytes'),
  }
}
