import type { CrawlRun } from '../model/crawl-run.ts'
import type { HealthState } from '../model/source-health.ts'
import { formatDuration } from '../model/duration.ts'
import type { Rhythm } from './rhythm.ts'

export interface Diagnosis {
  readonly state: HealthState
  readonly reason: string | null
}

/** A server is restarted, a certificate renewed, a page rebuilt within two runs; what lasts for three is broken. */
const brokenAfter = 3
/** One refusal may be a limit that passes. */
const blockedAfter = 2
/** Articles that are compared: the newest against those before. */
const windowArticles = 20
const fewestBefore = 20
const fewestRecent = 5
/** How much more often a part has to be missing than before. Publishers leave one out now and then. */
const worse = 0.4
const dayMs = 86_400_000
/** Whatever its rhythm: nobody who announces things is silent for half a year without a reason. */
const longSilenceMs = 180 * dayMs
/** After a year a list that was filled before has most likely moved, and this one was left behind. */
const abandonedMs = 365 * dayMs

/**
 * How a source is, by its last runs.
 * @param runs newest first; runs that were stopped from outside say nothing and are passed over
 * @param rhythm what its articles' times teach; `null` while there are too few
 * @param lastFoundAt when a run last found an article that it did not know; `null`: never
 * @param before the state after the run before, which holds while one or two failures do not say enough
 */
export function diagnose(
  runs: readonly CrawlRun[],
  {
    rhythm,
    lastFoundAt = null,
    before,
    now,
  }: { rhythm: Rhythm | null; lastFoundAt?: Date | null; before: Diagnosis | null; now: Date },
): Diagnosis {
  const told = runs.filter((run) => run.outcome !== 'aborted')
  const [last] = told
  if (!last) return before ?? { state: 'healthy', reason: null }
  if (last.outcome === 'failed') return failing(told, last, before)
  return (
    blockedArticles(told) ?? degraded(told) ?? quiet(rhythm, lastFoundAt, now) ?? { state: 'healthy', reason: null }
  )
}

/** How many of the newest runs in a row are so. */
function streak(runs: readonly CrawlRun[], isSo: (run: CrawlRun) => boolean): number {
  const end = runs.findIndex((run) => !isSo(run))
  return end === -1 ? runs.length : end
}

function failing(runs: readonly CrawlRun[], last: CrawlRun, before: Diagnosis | null): Diagnosis {
  const failed = streak(runs, (run) => run.outcome === 'failed')
  // What never worked is not waited for.
  const enough = (count: number) => Math.min(count, failed === runs.length ? 1 : count)
  const goneRuns = streak(runs, (run) => run.observed?.isGone === true)
  if (goneRuns >= brokenAfter)
    return { state: 'gone', reason: `${goneRuns} runs: its listings answer that they are not there` }
  const blockedRuns = streak(runs, (run) => run.outcome === 'failed' && (run.observed?.block ?? null) !== null)
  if (blockedRuns > 0 && blockedRuns >= enough(blockedAfter)) {
    return { state: 'blocked', reason: `kept out by ${last.observed?.block}` }
  }
  if (failed >= enough(brokenAfter)) {
    return {
      state: 'broken',
      reason: `${failed} ${failed === 1 ? 'run' : 'runs'} failed: ${last.errors[0] ?? 'no listing could be read'}`,
    }
  }
  return before ?? { state: 'healthy', reason: null }
}

/** The list is open and the articles are not. */
function blockedArticles(runs: readonly CrawlRun[]): Diagnosis | null {
  const asked = runs.filter((run) => run.stored + run.revised + run.failed > 0)
  const [last] = asked
  const blocked = streak(asked, (run) => (run.observed?.block ?? null) !== null)
  if (!last || blocked < Math.min(blockedAfter, asked.length) || blocked === 0) return null
  return { state: 'blocked', reason: `its articles are kept by ${last.observed?.block}` }
}

function degraded(runs: readonly CrawlRun[]): Diagnosis | null {
  // A listing that has not changed was not read, so it says nothing of its rules.
  const read = runs.find((run) => run.found > 0)
  if (read?.observed?.isRedesigned) {
    return {
      state: 'degraded',
      reason: 'the listing’s rules match nothing any more; it goes on with automatic reading',
    }
  }
  const halfRead = streak(runs, (run) => (run.observed?.failedListings ?? 0) > 0)
  if (halfRead >= brokenAfter) {
    return { state: 'degraded', reason: `${halfRead} runs: a listing of it fails: ${runs[0]?.errors[0] ?? ''}` }
  }
  const { recent, earlier } = windows(runs)
  if (recent.read < fewestRecent) return null
  if (recent.unruled / recent.read > 0.5) {
    return {
      state: 'degraded',
      reason: `rules matched nothing in ${recent.unruled} of its last ${recent.read} articles`,
    }
  }
  const parts = [
    ['undated', 'have no date'],
    ['empty', 'have no text'],
  ] as const
  for (const [part, words] of parts) {
    const usual = earlier.read >= fewestBefore ? earlier[part] / earlier.read : 0
    // Of a source that never stated dates none is missed.
    if (part === 'undated' && earlier.read < fewestBefore) continue
    if (recent[part] / recent.read > usual + worse) {
      return { state: 'degraded', reason: `${recent[part]} of its last ${recent.read} articles ${words}` }
    }
  }
  return null
}

interface Sums {
  read: number
  undated: number
  empty: number
  unruled: number
}

/** What the newest runs saw, up to `windowArticles` articles, and what those before saw. */
function windows(runs: readonly CrawlRun[]): { recent: Sums; earlier: Sums } {
  const recent: Sums = { read: 0, undated: 0, empty: 0, unruled: 0 }
  const earlier: Sums = { read: 0, undated: 0, empty: 0, unruled: 0 }
  for (const { observed } of runs) {
    if (!observed) continue
    const sums = recent.read < windowArticles && earlier.read === 0 ? recent : earlier
    sums.read += observed.read
    sums.undated += observed.undated
    sums.empty += observed.empty
    sums.unruled += observed.unruled
  }
  return { recent, earlier }
}

function quiet(rhythm: Rhythm | null, lastFoundAt: Date | null, now: Date): Diagnosis | null {
  const lastAt = rhythm?.lastAt ?? lastFoundAt
  if (lastAt === null) return null
  const silentMs = now.getTime() - lastAt.getTime()
  if (silentMs <= (rhythm?.unusualMs ?? longSilenceMs)) return null
  const silence = `nothing new for ${Math.floor(silentMs / dayMs)} days`
  if (rhythm === null) return { state: 'quiet', reason: silence }
  const usual = formatDuration(Math.ceil(rhythm.longGapMs / dayMs) * dayMs)
  return silentMs > abandonedMs
    ? { state: 'degraded', reason: `${silence}, after at least every ${usual} before: has its list moved?` }
    : { state: 'quiet', reason: `${silence}; it publishes at least every ${usual} as a rule` }
}
