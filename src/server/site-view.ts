import type { FeedDefinition } from '../model/feed-definition.ts'
import type { Source } from '../model/source.ts'
import { hubPath, tokenOf } from '../push/topic-address.ts'
import { feedFormats } from './feed-formats.ts'
import type { View } from './pages/view.ts'

export interface SiteViewOptions {
  /**
   * How readers reach what is shown, without a slash at the end. With a subscriber's own part where the feed is private:
   * `https://news.example/private/<token>`.
   */
  readonly publicUrl: () => string
  readonly sources: () => ReadonlyMap<string, Source>
  /** Ids of sources whose articles may be shown; `null` or absent: of all. */
  readonly visible?: () => ReadonlySet<string> | null
  /** As they are at each moment. */
  readonly feeds: readonly FeedDefinition[]
  /** Hubs of others, beside our own; `null`: nothing is pushed. */
  readonly hubs: readonly string[] | null
}

/** How pages and feeds of a running server see it. */
export function viewOf(options: SiteViewOptions): View {
  const { publicUrl, sources, visible, hubs } = options
  const own = () => publicUrl().replace(/\/private\/[\w-]+$/, '')
  return {
    get site() {
      return {
        publicUrl: publicUrl(),
        sources: sources(),
        visible: visible?.() ?? null,
        ...(hubs ? { hubs: [`${own()}${hubPath}`, ...hubs] } : {}),
      }
    },
    get feeds() {
      return options.feeds
    },
    formats: feedFormats,
    link: (path) => {
      const isTheirs = /^\/(?:feeds\/(?!search\.)|stories\/)/.test(path)
      const token = isTheirs ? tokenOf(publicUrl()) : null
      return token === null ? path : `/private/${token}${path}`
    },
    canSearch: true,
    isLive: true,
    months: [],
  }
}
