import { createHash } from 'node:crypto'
import type { Database } from '../archive/database.ts'
import { findRevisions, findStoriesById, listStoryChanges, type StoryChange } from '../archive/stories.ts'
import { seenThrough } from '../archive/visible-stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { exportFeeds, pagedFormats } from './export-feeds.ts'
import { openExportFolder, type ExportFolder, type ExportOutcome } from './export-folder.ts'
import { feedFormats } from './feed-formats.ts'
import { monthPage } from './pages/front-page.ts'
import { storyPage } from './pages/story-page.ts'
import type { View } from './pages/view.ts'
import { withoutSlash } from '../model/public-url.ts'
import { createPublisher } from './publisher.ts'
import { publicSourcesOf, type PublicSources } from './public-sources.ts'

export interface ExportOptions {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  readonly folder: string
  /** Where readers will find the folder; `null`: unknown, so feeds do not name their own address. */
  readonly publicUrl: string | null
  /** Hubs that feeds name, of those who are told of changes by `newsfold start`. */
  readonly hubs?: readonly string[]
  /** Of the program: another version may write pages otherwise. */
  readonly version: string
  readonly now: () => Date
}

/** Stories that are rendered at a time. */
const batchSize = 200

/** The file of a path of the server. */
function fileOf(path: string): string {
  if (path === '/') return 'index.html'
  return /^\/(?:stories|archive)\//.test(path) ? `${path.slice(1)}.html` : path.slice(1)
}

/** Files have no doors: what is private is in none. */
function openSources({ sources }: ExportOptions): PublicSources {
  return publicSourcesOf(new Map(sources.map((source) => [source.id, source])))
}

/** How pages in folders of this depth see the site. Links are relative: the folder may be served from anywhere. */
function viewAt(depth: number, options: ExportOptions, months: readonly string[]): View {
  const { sources, visible } = openSources(options)
  return {
    site: {
      ...(options.publicUrl !== null && options.hubs ? { hubs: options.hubs } : {}),
      visible,
      publicUrl: options.publicUrl === null ? '' : withoutSlash(options.publicUrl),
      sources,
    },
    feeds: options.feeds,
    formats: feedFormats,
    link: (path) => '../'.repeat(depth) + fileOf(path),
    canSearch: false,
    months,
  }
}

/** Changes whenever a story's page may be another one although the story is the same. */
function rendererOf({ feeds, sources, publicUrl, version }: ExportOptions): string {
  const names = sources.map((source) => [source.id, source.name, source.private])
  const titles = feeds.map(({ id, title }) => [id, title])
  return createHash('sha256')
    .update(JSON.stringify([version, publicUrl, names, titles]))
    .digest('hex')
}

async function exportPages(options: ExportOptions, folder: ExportFolder, months: readonly string[]): Promise<void> {
  const shared = { database: options.database, formats: feedFormats, now: options.now, isPaged: false }
  const atRoot = createPublisher({ ...shared, view: viewAt(0, options, months) })
  const inFolder = createPublisher({ ...shared, view: viewAt(1, options, months) })
  // Without an address of its own a feed cannot lead on to other pages, and is written with the rest.
  const formats =
    options.publicUrl === null ? feedFormats : feedFormats.filter((format) => !pagedFormats.includes(format))
  const extensions = [...formats.map(({ extension }) => extension), 'html']
  const paths = [
    '/',
    '/favicon.svg',
    '/newsfold.css',
    // A list of feeds without their addresses is none.
    ...(options.publicUrl === null ? [] : ['/feeds.opml']),
    ...options.feeds.flatMap(({ id }) => extensions.map((extension) => `/feeds/${id}.${extension}`)),
  ]
  for (const path of paths) {
    const publisher = path.startsWith('/feeds/') ? inFolder : atRoot
    const draft = await publisher.find(path, new URLSearchParams())?.render()
    if (draft) folder.put(fileOf(path), Buffer.from(draft.body))
  }
}

async function exportStories(
  options: ExportOptions,
  folder: ExportFolder,
  stories: readonly StoryChange[],
): Promise<void> {
  const { database } = options
  const view = viewAt(1, options, [])
  const { visible } = openSources(options)
  const changed = stories.filter(({ id, changedAt }) => !folder.keep(fileOf(`/stories/${id}`), changedAt.toISOString()))
  for (let start = 0; start < changed.length; start += batchSize) {
    const ids = changed.slice(start, start + batchSize).map(({ id }) => id)
    for (const story of await seenThrough(database, await findStoriesById(database, ids), visible)) {
      const revisions = story.revision > 1 ? await findRevisions(database, story.articleId) : []
      folder.put(fileOf(`/stories/${story.id}`), Buffer.from(storyPage(view, story, revisions)))
    }
  }
}

/** Stories by the month, in UTC, that they are sorted into; months and stories the latest first. */
function byMonth(stories: readonly StoryChange[]): ReadonlyMap<string, readonly StoryChange[]> {
  const months = new Map<string, StoryChange[]>()
  for (const story of stories) {
    const month = story.sortAt.toISOString().slice(0, 7)
    const list = months.get(month)
    if (list) list.push(story)
    else months.set(month, [story])
  }
  return months
}

/** A page a month, so that every story can be reached although feeds have the latest only. */
async function exportMonths(
  options: ExportOptions,
  folder: ExportFolder,
  months: ReadonlyMap<string, readonly StoryChange[]>,
): Promise<void> {
  const view = viewAt(1, options, [])
  for (const [month, stories] of months) {
    const path = fileOf(`/archive/${month}`)
    const state = createHash('sha256')
    for (const { id, changedAt } of stories) state.update(`${id} ${changedAt.toISOString()}\n`)
    if (folder.keep(path, state.digest('hex'))) continue
    const ids = stories.map(({ id }) => id)
    const records = await findStoriesById(options.database, ids)
    const seen = await seenThrough(options.database, records, openSources(options).visible)
    folder.put(path, Buffer.from(monthPage(view, month, seen)))
  }
}

/**
 * Writes feeds, pages and stories as files for any web server. Files that are as they were are not touched, and what
 * is no longer there is removed, if an export has put it there.
 * @throws {ConfigurationError} a file of somebody else is in the way
 */
export async function exportSite(options: ExportOptions): Promise<ExportOutcome> {
  const folder = openExportFolder(options.folder, rendererOf(options))
  const stories = await listStoryChanges(options.database, openSources(options).visible)
  const months = byMonth(stories)
  await exportPages(options, folder, [...months.keys()])
  if (options.publicUrl !== null) {
    const { database, feeds, now } = options
    const { site } = viewAt(1, options, [])
    const changedAt = new Map(stories.map((story) => [story.id, story.changedAt]))
    await exportFeeds({ database, feeds, site, folder, changedAt, now: now() })
  }
  await exportStories(options, folder, stories)
  await exportMonths(options, folder, months)
  return folder.finish()
}
