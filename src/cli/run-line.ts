import type { CrawlRun } from '../model/crawl-run.ts'

/** Skipped items by reason: `robots 1, too-old 3`. */
export function formatSkipped(run: CrawlRun): string {
  return Object.entries(run.skipped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ')
}

export function formatTook(run: CrawlRun): string {
  return `${((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000).toFixed(1)} s`
}

/** One run as one line for a person. */
export function formatRun(run: CrawlRun): string {
  const counts = [
    [run.stored, 'new'],
    [run.revised, 'corrected'],
    [run.unchanged, 'unchanged'],
    [run.failed, 'failed'],
  ] as const
  const parts = counts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`)
  const skipped = formatSkipped(run)
  if (skipped) parts.push(`skipped: ${skipped}`)
  if (run.outcome === 'failed') parts.push('could not be read')
  if (parts.length === 0) parts.push(run.notModifiedListings > 0 ? 'nothing new (304)' : 'nothing new')
  const sign = run.outcome === 'failed' ? '✗' : run.outcome === 'succeeded' ? '✓' : '!'
  return `${sign} ${parts.join(', ')} · ${formatTook(run)}`
}
