import type { PageLinks } from '../article/page-links.ts'
import type { Article } from '../model/article.ts'
import type { FeedDocument } from '../model/feed-document.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { PageSource } from '../model/page.ts'
import type { SitemapEntry } from '../feed/read/read-sitemap.ts'
import type { ArticleRules, JsonRules, ListingRules, Source } from '../model/source.ts'

export type ListingKind = Source['kind']

/** What a listing turned out to be and says. */
export type ListingReading =
  | {
      readonly kind: 'html'
      readonly items: readonly ListingItem[]
      readonly nextUrl: string | null
      readonly warnings: readonly string[]
      /** Of a page without items: where it sends its reader on to, by a refresh or to a feed that it names. */
      readonly insteadUrl?: string | null
      /** Its rule for items matched nothing, and the automatic reading found some. */
      readonly isRedesigned?: boolean
    }
  | { readonly kind: 'feed'; readonly feed: FeedDocument }
  /** `sitemaps` are those of an index, `entries` the pages; one of the two is empty. */
  | { readonly kind: 'sitemap'; readonly entries: readonly SitemapEntry[]; readonly sitemaps: readonly string[] }
  | { readonly kind: 'json'; readonly items: readonly ListingItem[]; readonly nextUrl: string | null }

/**
 * The readers of pages, wherever they run.
 * @throws {NewsfoldError} the page cannot be read; `reader.timeout` and `reader.crashed` when it takes the reader down
 */
export interface PageReader {
  readArticle(page: PageSource, rules: ArticleRules | undefined): Promise<Article>
  readListing(
    page: PageSource,
    kind: ListingKind,
    rules: ListingRules | undefined,
    json?: JsonRules,
  ): Promise<ListingReading>
  readLinks(page: PageSource): Promise<PageLinks>
}
