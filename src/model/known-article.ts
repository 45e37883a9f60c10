import type { StatedTime } from './time.ts'

/** What a listing says of an article, or an archive keeps of it: enough to find it again on a page. */
export interface KnownItem {
  readonly url: string
  readonly title: string | null
  readonly publishedAt: StatedTime | null
}

/** An article of a source as it was read at first. */
export interface KnownArticle extends KnownItem {
  readonly title: string
  /** Paragraphs, joined by `\n`. */
  readonly bodyText: string
}
