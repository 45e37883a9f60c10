import type { CrawlRun } from '../model/crawl-run.ts'
import type { SourceFacts, SourceHistory } from './source-facts.ts'
import { publicHomepage, withoutAddresses } from './without-addresses.ts'

const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits))

/** A run without its messages, which may hold addresses with keys. */
function runJson(run: CrawlRun) {
  const { startedAt, finishedAt, outcome, found, stored, revised, unchanged, failed, skipped } = run
  return { startedAt, finishedAt, outcome, found, stored, revised, unchanged, failed, skipped }
}

/** What everyone may know of a source. Listings, headers and rules are the operator's. */
export function sourceJson(facts: SourceFacts, lastRun: CrawlRun | null) {
  const { source, health, standing, isPaused, nextRunAt } = facts
  return {
    id: source.id,
    name: source.name,
    homepage: publicHomepage(source.homepage),
    publisher: source.publisher ?? null,
    kind: source.kind,
    language: source.language,
    tags: source.tags,
    schedule: source.schedule,
    isEnabled: source.enabled,
    isPaused,
    state: standing,
    since: health?.since ?? null,
    reason: health?.reason ? withoutAddresses(health.reason) : null,
    lastNewAt: health?.lastNewAt ?? null,
    itemsPerWeek: typeof health?.perWeek === 'number' ? roundTo(health.perWeek, 2) : null,
    lastRun: lastRun && runJson(lastRun),
    nextRunAt,
  }
}

/** The same with its last runs and changes. */
export function sourceHistoryJson(facts: SourceFacts, { runs, changes, rhythm }: SourceHistory) {
  return {
    ...sourceJson(facts, runs[0] ?? null),
    rhythm: rhythm && {
      itemsPerWeek: roundTo(rhythm.perWeek, 2),
      usualGapSeconds: Math.round(rhythm.usualGapMs / 1000),
      unusualGapSeconds: Math.round(rhythm.unusualMs / 1000),
    },
    runs: runs.map(runJson),
    changes: changes.map(({ at, before, after, reason }) => ({
      at,
      before,
      after,
      reason: reason === null ? null : withoutAddresses(reason),
    })),
  }
}
