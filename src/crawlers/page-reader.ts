import type { Article } from '../model/article.ts'
import type { FeedDocument } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules, ListingRules, Source } from '../model/source.ts'

export type ListingKind = Source['kind']

/** What a listing turned out to be and says. */
export type ListingReading =
  | {
      readonly kind: 'html'
      readonly items: readonly ListingItem[]
      readonly nextUrl: string | null
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'feed'; readonly feed: FeedDocument }

/**
 * The readers of pages, wherever they run.
 * @throws {NewsfoldError} the page cannot be read; `reader.timeout` and `reader.crashed` when it takes the reader down
 */
export interface PageReader {
  readArticle(page: PageSource, rules: ArticleRules | undefined): Promise<Article>
  readListing(page: PageSource, kind: ListingKind, rules: ListingRules | undefined): Promise<ListingReading>
}
