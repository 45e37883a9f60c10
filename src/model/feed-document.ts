import type { AnnouncedEvent, ArticleImage, Attachment } from './article.ts'
import type { StatedTime } from './time.ts'

/** One entry of a feed, as written by us or read from others. */
export interface FeedItem {
  /** Ours: the story's id, the same for ever. Theirs: guid, id, else the link. */
  readonly id: string
  readonly url: string | null
  readonly title: string | null
  readonly summary: string | null
  /** Sanitised by the caller when written; as received when read. */
  readonly contentHtml: string | null
  /**
   * Whether `contentHtml` is known to be fit for feeds as it is: nothing that XML forbids, only known elements, absolute
   * links. Absent: whoever writes it looks.
   */
  readonly isContentClean?: boolean
  readonly authors: readonly string[]
  /** 来源: whose text it is. */
  readonly origin: string | null
  readonly categories: readonly string[]
  readonly publishedAt: StatedTime | null
  readonly updatedAt: StatedTime | null
  readonly images: readonly ArticleImage[]
  readonly attachments: readonly Attachment[]
  /** Who else ran it. */
  readonly copies: readonly { readonly name: string; readonly url: string }[]
  readonly language: string | null
  /** What the item says will happen. */
  readonly events: readonly AnnouncedEvent[]
}

/** Other pages of a feed that is longer than one document (RFC 5005 §3). */
export interface FeedPages {
  readonly first?: string | null
  readonly previous?: string | null
  readonly next?: string | null
  readonly last?: string | null
}

/** A whole feed: what every writer takes and what `readFeed` returns. */
export interface FeedDocument {
  readonly title: string | null
  readonly description: string | null
  /** The page that the feed speaks for. */
  readonly homeUrl: string | null
  /** Where the feed itself is. */
  readonly selfUrl: string | null
  readonly hubUrl: string | null
  readonly language: string | null
  /** When the newest change of any item was made; never the time of rendering. */
  readonly updatedAt: StatedTime | null
  /** How long a reader may wait before it asks again, in minutes. */
  readonly ttlMinutes: number | null
  /** Hours of the day in UTC, 0 to 23, at which the publisher asks not to be read. */
  readonly skipHours?: readonly number[]
  readonly items: readonly FeedItem[]
  readonly pages?: FeedPages
}
