import { createHash } from 'node:crypto'
import type { Database } from '../archive/database.ts'
import { findRevisions, findStoriesById, listStoryChanges } from '../archive/stories.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { openExportFolder, type ExportFolder, type ExportOutcome } from './export-folder.ts'
import { feedFormats } from './feed-formats.ts'
import { storyPage } from './pages/story-page.ts'
import type { View } from './pages/view.ts'
import { createPublisher } from './publisher.ts'

export interface ExportOptions {
  readonly database: Database
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  readonly folder: string
  /** Where readers will find the folder; `null`: unknown, so feeds do not name their own address. */
  readonly publicUrl: string | null
  /** Of the program: another version may write pages otherwise. */
  readonly version: string
  readonly now: () => Date
}

/** Stories that are rendered at a time. */
const batchSize = 200

/** The file of a path of the server. */
function fileOf(path: string): string {
  if (path === '/') return 'index.html'
  return path.startsWith('/stories/') ? `${path.slice(1)}.html` : path.slice(1)
}

/** How pages in folders of this depth see the site. Links are relative: the folder may be served from anywhere. */
function viewAt(depth: number, options: ExportOptions): View {
  const sources = new Map(options.sources.map((source) => [source.id, source]))
  return {
    site: { publicUrl: options.publicUrl?.replace(/\/+$/, '') ?? '', sources },
    feeds: options.feeds,
    formats: feedFormats,
    link: (path) => '../'.repeat(depth) + fileOf(path),
    canSearch: false,
  }
}

/** Changes whenever a story's page may be another one although the story is the same. */
function rendererOf({ feeds, sources, publicUrl, version }: ExportOptions): string {
  const names = sources.map(({ id, name }) => [id, name])
  const titles = feeds.map(({ id, title }) => [id, title])
  return createHash('sha256')
    .update(JSON.stringify([version, publicUrl, names, titles]))
    .digest('hex')
}

async function exportPages(options: ExportOptions, folder: ExportFolder): Promise<void> {
  const shared = { database: options.database, formats: feedFormats, now: options.now, isPaged: false }
  const atRoot = createPublisher({ ...shared, view: viewAt(0, options) })
  const inFolder = createPublisher({ ...shared, view: viewAt(1, options) })
  const extensions = [...feedFormats.map(({ extension }) => extension), 'html']
  const paths = [
    '/',
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

async function exportStories(options: ExportOptions, folder: ExportFolder): Promise<void> {
  const { database } = options
  const view = viewAt(1, options)
  const changed = (await listStoryChanges(database)).filter(
    ({ id, changedAt }) => !folder.keepStory(fileOf(`/stories/${id}`), id, changedAt),
  )
  for (let start = 0; start < changed.length; start += batchSize) {
    const ids = changed.slice(start, start + batchSize).map(({ id }) => id)
    for (const story of await findStoriesById(database, ids)) {
      const revisions = story.revision > 1 ? await findRevisions(database, story.articleId) : []
      folder.put(fileOf(`/stories/${story.id}`), Buffer.from(storyPage(view, story, revisions)))
    }
  }
}

/**
 * Writes feeds, pages and stories as files for any web server. Files that are as they were are not touched, and what
 * is no longer there is removed, if an export has put it there.
 * @throws {ConfigurationError} a file of somebody else is in the way
 */
export async function exportSite(options: ExportOptions): Promise<ExportOutcome> {
  const folder = openExportFolder(options.folder, rendererOf(options))
  await exportPages(options, folder)
  await exportStories(options, folder)
  return folder.finish()
}
