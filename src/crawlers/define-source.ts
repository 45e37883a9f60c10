import type { Article } from '../model/article.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { PageSource } from '../model/page.ts'

/** What a list page says, as code reads it. */
export interface CodedListing {
  readonly items: readonly ListingItem[]
  /** Where the list goes on; absent or `null` on its last page. */
  readonly nextUrl?: string | null
}

/** The automatic readers with the source's rules, for code to build on. */
export interface AutomaticReaders {
  readListing(page: PageSource): CodedListing
  readArticle(page: PageSource): Article
}

/** What code of a source may take over; what it leaves out stays automatic. Both are synchronous: bytes in, values out. */
export interface SourceCode {
  readListing?(page: PageSource, automatic: AutomaticReaders): CodedListing
  readArticle?(page: PageSource, automatic: AutomaticReaders): Article
}

/** Types the code of `config/sources/<id>.ts`: `export const source = defineSource({ … })`. */
export function defineSource(code: SourceCode): SourceCode {
  return code
}
