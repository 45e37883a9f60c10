import type { Logger } from 'pino'
import type { Database } from '../archive/database.ts'
import { findLastFoundAt } from '../archive/known-articles.ts'
import { findTellingRuns } from '../archive/runs.ts'
import { findHealthOf, findLastNewAt, findPublicationTimes, saveHealth } from '../archive/source-health.ts'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import type { SourceHealth } from '../model/source-health.ts'
import { diagnose } from './health.ts'
import { intervalOf, learnRhythm } from './rhythm.ts'

/** Half a year shows how long the longest usual silence is. */
const historyMs = 180 * 86_400_000
/** Of sources whose schedule sets no bounds: what is kept is a proposal. */
const proposedBounds = { min: 5 * 60_000, max: 86_400_000 }

/** A run that read nothing says what the one before it has said; only time makes a source quiet or its rhythm slower. */
const judgedAgainMs = 3_600_000

/** Which sources are well, as far as this process has judged them and none has judged otherwise since. */
export interface Judgements {
  /**
   * Whether a run tells nothing that is not known of its source.
   * @param kept the source's health as it is kept
   */
  isKnown(run: CrawlRun, kept: Pick<SourceHealth, 'state'> | null): boolean
  add(health: SourceHealth): void
}

/** Whether a run found its listings as they were, or with nothing in them that it did not know. */
function isUneventful({ outcome, stored, revised, failed, observed }: CrawlRun): boolean {
  if (outcome !== 'succeeded' || stored + revised + failed > 0) return false
  return observed?.read === 0 && observed.failedListings === 0 && observed.block === null && !observed.isRedesigned
}

function isWell({ state }: Pick<SourceHealth, 'state'>): boolean {
  return state === 'healthy' || state === 'quiet'
}

export function createJudgements(): Judgements {
  const wellAt = new Map<string, number>()
  return {
    isKnown: (run, kept) => {
      const at = wellAt.get(run.sourceId)
      // Either way: the clock may have been set back since.
      if (at === undefined || Math.abs(run.finishedAt.getTime() - at) >= judgedAgainMs) return false
      return isUneventful(run) && kept !== null && isWell(kept)
    },
    add: (health) => {
      if (isWell(health)) wellAt.set(health.sourceId, health.checkedAt.getTime())
      else wellAt.delete(health.sourceId)
    },
  }
}

/** Judges a source's health after a run, keeps it, and says so in the log when its state has changed. */
export async function judgeHealth(
  database: Database,
  source: Source,
  { now, log }: { now: Date; log: Logger },
): Promise<SourceHealth> {
  const lastFoundAt = await findLastFoundAt(database, source.id)
  // What a source did before it fell silent stays known, however long ago that is.
  const since = Math.min(now.getTime(), lastFoundAt?.getTime() ?? Number.POSITIVE_INFINITY) - historyMs
  const [before, runs, times] = [
    await findHealthOf(database, source.id),
    await findTellingRuns(database, source.id),
    await findPublicationTimes(database, source.id, new Date(since)),
  ]
  const rhythm = learnRhythm(times, now)
  const { state, reason } = diagnose(runs, { rhythm, lastFoundAt, before, now })
  const health: SourceHealth = {
    sourceId: source.id,
    state,
    since: before?.state === state ? before.since : now,
    reason,
    checkedAt: now,
    lastNewAt: await findLastNewAt(database, source.id),
    perWeek: rhythm?.perWeek ?? null,
    intervalMs: intervalOf(rhythm, source.schedule.adaptive ?? proposedBounds, now),
  }
  await saveHealth(database, health, before?.state ?? null)
  if (before !== null && before.state !== state) {
    const change = { source: source.id, before: before.state, after: state, reason }
    if (state === 'healthy' || state === 'quiet') log.info(change, 'source.health-changed')
    else log.warn(change, 'source.health-changed')
  } else if (before === null && state !== 'healthy') {
    log.warn({ source: source.id, before: null, after: state, reason }, 'source.health-changed')
  }
  return health
}
