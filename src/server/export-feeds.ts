import { createHash } from 'node:crypto'
import { chooseStories } from '../archive/choose-stories.ts'
import type { Database } from '../archive/database.ts'
import { findStoriesById } from '../archive/stories.ts'
import { seenThrough } from '../archive/visible-stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { ExportFolder } from './export-folder.ts'
import { feedFormats } from './feed-formats.ts'
import { feedDocumentOf, type FeedPaths, type Site } from './feed-item.ts'
import { feedQueryOf } from './feed-query.ts'

/** Formats that can lead on to other pages; a calendar is one file. */
export const pagedFormats = feedFormats.filter(({ isOfEvents }) => isOfEvents !== true)

export interface FeedExport {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly site: Site
  readonly folder: ExportFolder
  /** When each story was changed last, by its id. */
  readonly changedAt: ReadonlyMap<string, Date>
  readonly now: Date
}

/** Ids of stories, the latest first. */
type Page = readonly string[]

/** A feed in pages from its oldest story on, so that they stay as they are when others come; the newest may be short. */
async function pagesOf({ database, site, now }: FeedExport, feed: FeedDefinition): Promise<readonly Page[]> {
  const { maxAgeMs, ...query } = feedQueryOf(feed, site.sources, site.visible)
  const since = maxAgeMs === null ? null : new Date(now.getTime() - maxAgeMs)
  const filter = { ...query, since, limit: feed.items }
  const pages: Page[] = []
  let chosen = await chooseStories(database, { ...filter, isFromEnd: true })
  for (let newest = chosen[0]; newest; newest = chosen[0]) {
    pages.push(chosen.map(({ id }) => id))
    chosen = await chooseStories(database, { ...filter, after: newest.cursor })
  }
  return pages
}

/** The latest stories, across two pages where the newest is short. */
function latestOf(pages: readonly Page[], items: number): Page {
  return [...(pages.at(-1) ?? []), ...(pages.at(-2) ?? [])].slice(0, items)
}

async function putPage(
  options: FeedExport,
  feed: FeedDefinition,
  ids: Page,
  pathsOf: (extension: string) => FeedPaths,
): Promise<void> {
  const { database, folder, changedAt, site } = options
  const state = createHash('sha256')
  for (const id of ids) state.update(`${id} ${changedAt.get(id)?.toISOString() ?? ''}\n`)
  const made = state.update(JSON.stringify([feed, site.hubs ?? [], pathsOf('')])).digest('hex')
  const stale = pagedFormats.filter(({ extension }) => !folder.keep(pathsOf(extension).self.slice(1), made))
  if (stale.length === 0) return
  const stories = await seenThrough(database, await findStoriesById(database, ids), site.visible ?? null)
  for (const format of stale) {
    const paths = pathsOf(format.extension)
    folder.put(paths.self.slice(1), Buffer.from(format.write(feedDocumentOf(feed, stories, site, paths))))
  }
}

/** Every feed with all its stories, in pages that lead from one to the next (RFC 5005 §3): `/feeds/all/1.rss` is the oldest. */
export async function exportFeeds(options: FeedExport): Promise<void> {
  const { hubs: _hubs, ...quietSite } = options.site
  for (const feed of options.feeds) {
    const pages = await pagesOf(options, feed)
    const latest = latestOf(pages, feed.items)
    const count = pages.flat().length > latest.length ? pages.length : 0
    const pathOf = (number: number, extension: string): string | null =>
      number >= 1 && number <= count ? `/feeds/${feed.id}/${number}.${extension}` : null
    const firstOf = (extension: string) => `/feeds/${feed.id}.${extension}`
    const shared = (extension: string) => ({
      home: firstOf('html'),
      first: firstOf(extension),
      last: pathOf(1, extension) ?? firstOf(extension),
    })
    await putPage(options, feed, latest, (extension) => {
      return { ...shared(extension), self: firstOf(extension), newer: null, older: pathOf(count, extension) }
    })
    for (const [index, ids] of (count === 0 ? [] : pages).entries()) {
      const number = index + 1
      // Hubs are told of the latest page alone.
      await putPage({ ...options, site: quietSite }, feed, ids, (extension) => ({
        ...shared(extension),
        self: pathOf(number, extension) ?? firstOf(extension),
        newer: pathOf(number + 1, extension) ?? firstOf(extension),
        older: pathOf(number - 1, extension),
      }))
    }
  }
}
