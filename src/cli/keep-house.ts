import type { Logger } from 'pino'
import { chooseStories } from '../archive/choose-stories.ts'
import type { Database } from '../archive/database.ts'
import { clearRevisions, clearRuns, clearStories } from '../archive/retention.ts'
import { parseDuration } from '../model/duration.ts'
import { describeError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import type { FeedsFile } from '../runtime/feeds-file.ts'
import type { Settings } from '../runtime/settings.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import { feedQueryOf } from '../server/feed-query.ts'

/** What readers who page through a feed get however old it is: a feed of a quiet publisher must not run empty. */
const pagesKept = 10
const hourMs = 3_600_000
/** Runs that found nothing new are most of all runs: ten thousand sources make about a gigabyte of them a day. */
const uneventfulKeptMs = 3 * 24 * hourMs
/** After the start, which has enough to do. */
const firstMs = 60_000

/** The newest stories of each feed, at least so many pages of it. */
async function storiesKept(
  database: Database,
  feeds: readonly FeedDefinition[],
  sources: readonly Source[],
): Promise<string[]> {
  const byId = new Map(sources.map((source) => [source.id, source]))
  const ids = new Set<string>()
  for (const feed of feeds) {
    const query = feedQueryOf(feed, byId)
    for (const { id } of await chooseStories(database, { ...query, limit: feed.items * pagesKept })) ids.add(id)
  }
  return [...ids]
}

/** What was deleted. */
export interface Cleared {
  readonly runs: number
  readonly revisions: number
  readonly articles: number
}

/** What feeds show, and so what stays. */
export interface Shown {
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  /** Not all sources are known, since the file of one is wrong: what feeds show of it cannot be told, and no story goes. */
  readonly isIncomplete: boolean
}

/** What stays now. That no story goes is said once, until all files are in order again, and where stories would go. */
export function shownBy({
  settings,
  feeds,
  sources,
  log,
}: {
  readonly settings: Settings
  readonly feeds: Pick<FeedsFile, 'feeds' | 'isBroken'>
  readonly sources: SourceFolder
  readonly log: Logger
}): () => Shown {
  let isSaid = false
  return () => {
    const unknown = sources.broken().flatMap(({ id }) => (sources.find(id) === null ? [id] : []))
    const isIncomplete = unknown.length > 0 || feeds.isBroken()
    if (isIncomplete && !isSaid && settings.NEWSFOLD_KEEP_ARTICLES !== null)
      log.warn({ sources: unknown, feeds: feeds.isBroken() }, 'archive.stories-kept')
    isSaid = isIncomplete
    return { feeds: feeds.feeds(), sources: sources.sources(), isIncomplete }
  }
}

/**
 * Deletes what is older than the settings keep: each kind, though another one cannot be deleted.
 * @throws {Error} what could not be deleted, after the rest was
 */
export async function clearOld(database: Database, settings: Settings, of: Shown, now: Date): Promise<Cleared> {
  const before = (kept: string | null): Date | null => {
    const ms = kept === null ? null : parseDuration(kept)
    return ms === null ? null : new Date(now.getTime() - ms)
  }
  const [runs, revisions, articles] = [
    before(settings.NEWSFOLD_KEEP_RUNS),
    before(settings.NEWSFOLD_KEEP_REVISIONS),
    before(settings.NEWSFOLD_KEEP_ARTICLES),
  ]
  const problems: string[] = []
  const tried = async (clear: () => Promise<number>): Promise<number> => {
    try {
      return await clear()
    } catch (error) {
      problems.push(describeError(error))
      return 0
    }
  }
  const cleared = {
    runs: await tried(() => clearRuns(database, runs ?? new Date(0), new Date(now.getTime() - uneventfulKeptMs))),
    revisions: revisions ? await tried(() => clearRevisions(database, revisions)) : 0,
    articles:
      articles && !of.isIncomplete
        ? await tried(async () => clearStories(database, articles, await storiesKept(database, of.feeds, of.sources)))
        : 0,
  }
  if (problems.length > 0) throw new Error(problems.join('; '))
  return cleared
}

/** Does a piece of work that one process of all does, once an hour. @returns how to stop */
export function hourly(isMine: () => boolean, log: Logger, work: () => Promise<void>): () => void {
  const run = async (): Promise<void> => {
    if (!isMine()) return
    try {
      await work()
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'archive.not-cleared')
    }
  }
  const first = setTimeout(() => void run(), firstMs).unref()
  const timer = setInterval(() => void run(), hourMs).unref()
  return () => {
    clearTimeout(first)
    clearInterval(timer)
  }
}
