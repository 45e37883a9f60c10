import type { FeedDefinition } from '../model/feed-definition.ts'
import { withoutSlash } from '../model/public-url.ts'
import type { Source } from '../model/source.ts'
import type { View } from './pages/view.ts'
import { publicSourcesOf } from './public-sources.ts'
import { viewOf } from './site-view.ts'

/** What a server publishes, as it is at each moment. */
export interface PublishedSite {
  /** As everybody sees it. */
  readonly view: View
  readonly publicUrl: () => string
  readonly sources: () => ReadonlyMap<string, Source>
  /** Those that everybody may see. */
  readonly publicOnes: () => ReadonlyMap<string, Source>
  readonly feeds: () => readonly FeedDefinition[]
  useSources(sources: readonly Source[]): void
  useFeeds(feeds: readonly FeedDefinition[]): void
  /** Where it listens: how readers reach it, unless the settings say otherwise. */
  listensAt(url: string): void
}

export interface PublishedSiteOptions {
  readonly feeds: readonly FeedDefinition[]
  readonly sources: readonly Source[]
  /** How readers reach it; `null`: at the address it listens on. */
  readonly publicUrl: string | null
  /** Hubs of others, beside our own; `null`: nothing is pushed. */
  readonly hubs: readonly string[] | null
}

function byId(sources: readonly Source[]): ReadonlyMap<string, Source> {
  return new Map(sources.map((source) => [source.id, source]))
}

export function publishSite(options: PublishedSiteOptions): PublishedSite {
  let { feeds } = options
  let sources = byId(options.sources)
  let publicOnes = publicSourcesOf(sources)
  let publicUrl = options.publicUrl === null ? '' : withoutSlash(options.publicUrl)
  const view = viewOf({
    publicUrl: () => publicUrl,
    sources: () => publicOnes.sources,
    visible: () => publicOnes.visible,
    get feeds() {
      return feeds.filter((feed) => !feed.private)
    },
    hubs: options.hubs,
  })
  return {
    view,
    publicUrl: () => publicUrl,
    sources: () => sources,
    publicOnes: () => publicOnes.sources,
    feeds: () => feeds,
    useSources: (changed) => {
      sources = byId(changed)
      publicOnes = publicSourcesOf(sources)
    },
    useFeeds: (changed) => {
      feeds = changed
    },
    listensAt: (url) => {
      publicUrl ||= url
    },
  }
}
