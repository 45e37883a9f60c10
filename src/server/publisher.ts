import { readFileSync } from 'node:fs'
import { countArchive } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { findRevisions, findStories, findStory, searchStories, type StoryRecord } from '../archive/stories.ts'
import { timeOfCursor, type StoryCursor } from '../archive/story-filter.ts'
import { seenThrough } from '../archive/visible-stories.ts'
import { writeOpml } from '../feed/write/write-opml.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import { feedDocumentOf, type FeedPaths, type Site } from './feed-item.ts'
import type { FeedFormat } from './feed-formats.ts'
import { filterOfPlace, pageOfStories, readPlace, withPlace, type FeedPlace, type PageOfStories } from './feed-place.ts'
import { feedQueryOf, type FeedQuery } from './feed-query.ts'
import { feedPage, searchPage } from './pages/feed-page.ts'
import { frontPage } from './pages/front-page.ts'
import { storyPage } from './pages/story-page.ts'
import type { View } from './pages/view.ts'
import type { Draft } from './rendering.ts'
import type { Publication } from './rendering-store.ts'
import { readSearch, writeSearch } from './search-address.ts'

/** Stories on the front page. */
const frontPageStories = 60
/** Readers may keep a feed this long without asking; a new release is not to wait longer than that. */
const feedMaxAgeSeconds = 60
/** Styles and scripts change with the program only. */
const assetMaxAgeSeconds = 600
/** When a search that came to no end is tried again. */
const unfinishedMs = 60_000
/** Feeds of a certain age lose what has become too old once an hour. */
const ageStepMs = 3_600_000

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const html = 'text/html; charset=utf-8'

/** Everything that has an address. */
export interface Publisher {
  /**
   * What an address shows; `null` when there is nothing by its form alone.
   * @throws {BadAddressError | QueryError} a search that cannot be understood
   */
  find(path: string, search: URLSearchParams): Publication | null
  /** What is served whatever becomes of the database: each feed of the configuration in each format, and what leads there. */
  pinned(): readonly Publication[]
}

export interface PublisherOptions {
  readonly database: Database
  readonly view: View
  readonly formats: readonly FeedFormat[]
  readonly now: () => Date
  /** Whether feeds lead on to older pages: files alone have the latest only. */
  readonly isPaged: boolean
}

interface FeedAddress {
  readonly feed: FeedDefinition
  readonly query: FeedQuery
  /** Parameters of a search; none for a feed of the configuration. */
  readonly search: URLSearchParams
  readonly place: FeedPlace
}

function lastChange(stories: readonly StoryRecord[]): Date | null {
  if (stories.length === 0) return null
  return new Date(Math.max(...stories.map(({ changedAt }) => changedAt.getTime())))
}

/** The hour that `now` is in: what a feed of a certain age counts back from, so that equal data are equal bytes. */
function hourOf(now: Date): number {
  return Math.floor(now.getTime() / ageStepMs) * ageStepMs
}

/** The feed with a note of where its search ended, in the description, which each format shows. */
function withNote(feed: FeedDefinition, reached: StoryCursor | null): FeedDefinition {
  if (reached === null) return feed
  const day = new Date(timeOfCursor(reached)).toISOString().slice(0, 10)
  const note = `搜索在限定的时间内只到 ${day}，其余请看相邻的一页。The search came to ${day} in its time; the next page goes on.`
  return { ...feed, description: feed.description === undefined ? note : `${feed.description} ${note}` }
}

function pathsOf({ feed, search, place }: FeedAddress, extension: string, page: PageOfStories): FeedPaths {
  const file = (extension: string) => `/feeds/${feed.id}.${extension}`
  const at = (place: FeedPlace) => withPlace(file(extension), search, place)
  return {
    self: at(place),
    home: withPlace(file('html'), search, { kind: 'first' }),
    first: at({ kind: 'first' }),
    newer: page.newer && at(page.newer),
    older: page.older && at(page.older),
    last: at({ kind: 'last' }),
  }
}

/** Where a feed is and which hubs push it, as WebSub asks it to be said beside what the feed says itself (§4). */
function linksOf({ publicUrl, hubs = [] }: Site, self: string): string | null {
  if (hubs.length === 0) return null
  return [...hubs.map((hub) => `<${hub}>; rel="hub"`), `<${publicUrl}${self}>; rel="self"`].join(', ')
}

/** After how many milliseconds a feed shows something else though nothing was changed. */
function freshnessOf(now: Date, isOfAge: boolean, isUnfinished: boolean): number | null {
  if (isUnfinished) return unfinishedMs
  return isOfAge ? hourOf(now) + ageStepMs - now.getTime() : null
}

function feedPublication(options: PublisherOptions, address: FeedAddress, format: FeedFormat | null): Publication {
  const { database, view, now, isPaged } = options
  const { feed, query, search, place } = address
  const isSearch = feed.id === 'search'
  const extension = format?.extension ?? 'html'

  const write = (feed: FeedDefinition, page: PageOfStories, site: Site): string => {
    const paths = pathsOf(address, extension, page)
    if (format) return format.write(feedDocumentOf(feed, page.stories, site, paths))
    const path = withPlace(`/feeds/${feed.id}`, search, { kind: 'first' })
    const shown = { feed, path, stories: page.stories, newer: paths.newer, older: paths.older }
    return isSearch ? searchPage(view, shown) : feedPage(view, shown)
  }
  const render = async (): Promise<Draft> => {
    const hour = hourOf(now())
    const { maxAgeMs, ...filter } = query
    const found = await searchStories(database, {
      ...filter,
      ...filterOfPlace(place, feed.items),
      since: maxAgeMs === null ? null : new Date(hour - maxAgeMs),
      hasEvents: format?.isOfEvents ?? false,
    })
    const whole = pageOfStories(found, place, feed.items)
    const shown = { ...whole, stories: await seenThrough(database, whole.stories, view.site.visible ?? null) }
    const page = isPaged ? shown : { ...shown, newer: null, older: null }
    return {
      body: write(withNote(feed, found.reached), page, view.site),
      contentType: format?.contentType ?? html,
      lastModified: lastChange(page.stories),
      maxAgeSeconds: feedMaxAgeSeconds,
      freshForMs: freshnessOf(now(), maxAgeMs !== null, found.reached !== null),
      isForAllOrigins: format?.isForAllOrigins ?? false,
      link: format ? linksOf(view.site, withPlace(`/feeds/${feed.id}.${extension}`, search, place)) : null,
    }
  }
  return {
    address: withPlace(`/feeds/${feed.id}.${extension}`, search, place),
    isPinned: !isSearch && place.kind === 'first',
    render,
  }
}

function asset(path: string, contentType: string): [string, Publication] {
  const render = (): Promise<Draft> =>
    Promise.resolve({
      body: readFileSync(new URL(`.${path}`, import.meta.url)),
      contentType,
      lastModified: null,
      maxAgeSeconds: assetMaxAgeSeconds,
    })
  return [path, { address: path, isPinned: true, render }]
}

function frontPublication({ database, view }: PublisherOptions): Publication {
  const render = async (): Promise<Draft> => {
    const { visible = null } = view.site
    const [found, counts] = await Promise.all([
      findStories(database, { sourceIds: visible && [...visible], languages: null, limit: frontPageStories }),
      countArchive(database, visible),
    ])
    const stories = await seenThrough(database, found, visible)
    const body = frontPage(view, stories, counts)
    return { body, contentType: html, lastModified: lastChange(stories), maxAgeSeconds: feedMaxAgeSeconds }
  }
  return { address: '/', isPinned: true, render }
}

/** All feeds of the configuration, each once: readers that import the list would show everything several times. */
function opmlPublication({ view, formats }: PublisherOptions): Publication {
  const render = (): Promise<Draft> => {
    const { publicUrl } = view.site
    const [format] = formats
    const feeds = view.feeds.map(({ id, title }) => ({
      title,
      xmlUrl: `${publicUrl}/feeds/${id}.${format?.extension ?? 'rss'}`,
      htmlUrl: `${publicUrl}/feeds/${id}.html`,
    }))
    const body = writeOpml(feeds)
    const contentType = 'text/x-opml; charset=utf-8'
    return Promise.resolve({ body, contentType, lastModified: null, maxAgeSeconds: feedMaxAgeSeconds })
  }
  return { address: '/feeds.opml', isPinned: true, render }
}

function storyPublication({ database, view }: PublisherOptions, id: string): Publication {
  const render = async (): Promise<Draft | null> => {
    const found = await findStory(database, id)
    const [story] = await seenThrough(database, found ? [found] : [], view.site.visible ?? null)
    if (!story) return null
    const revisions = await findRevisions(database, story.articleId)
    const body = storyPage(view, story, revisions)
    return { body, contentType: html, lastModified: story.changedAt, maxAgeSeconds: feedMaxAgeSeconds }
  }
  return { address: `/stories/${id}`, isPinned: false, render }
}

/**
 * Publishes an archive: which address shows what.
 * @throws {ConfigurationError} a feed's definition cannot be searched for
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { view, formats } = options
  const { sources, visible } = view.site
  const feeds = new Map(view.feeds.map((feed) => [feed.id, { feed, query: feedQueryOf(feed, sources, visible) }]))
  const fixed = new Map([
    ['/', frontPublication(options)],
    ['/feeds.opml', opmlPublication(options)],
    asset('/favicon.svg', 'image/svg+xml'),
    asset('/newsfold.css', 'text/css; charset=utf-8'),
    asset('/live-search.js', 'text/javascript; charset=utf-8'),
    asset('/new-stories.js', 'text/javascript; charset=utf-8'),
  ])

  const findFeed = (id: string, extension: string, params: URLSearchParams): Publication | null => {
    const format = formats.find((format) => format.extension === extension) ?? null
    const place = readPlace(params)
    if ((!format && extension !== 'html') || !place) return null
    if (id === 'search' && view.canSearch) {
      const feed = readSearch(params, sources)
      const address = { feed, query: feedQueryOf(feed, sources, visible), search: writeSearch(feed), place }
      return feedPublication(options, address, format)
    }
    const known = feeds.get(id)
    return known ? feedPublication(options, { ...known, search: new URLSearchParams(), place }, format) : null
  }

  return {
    pinned: () => [
      ...fixed.values(),
      ...[...formats.map(({ extension }) => extension), 'html'].flatMap((extension) =>
        [...feeds.keys()].flatMap((id) => findFeed(id, extension, new URLSearchParams()) ?? []),
      ),
    ],
    find: (path, params) => {
      const [, feedId, extension] = /^\/feeds\/([a-z0-9-]+)\.([a-z]+)$/.exec(path) ?? []
      if (feedId !== undefined && extension !== undefined) return findFeed(feedId, extension, params)
      const [, storyId] = /^\/stories\/([^/]+)$/.exec(path) ?? []
      if (storyId !== undefined) return uuid.test(storyId) ? storyPublication(options, storyId) : null
      return fixed.get(path) ?? null
    },
  }
}
