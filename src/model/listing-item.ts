import type { StatedTime } from './time.ts'

/** What a listing says of an article before the article's page was read. */
export interface ListingItem {
  /** Absolute http(s) address. */
  readonly url: string
  readonly title: string | null
  readonly publishedAt: StatedTime | null
  readonly summary: string | null
}
