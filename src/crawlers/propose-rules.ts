import { proposeListingRules, type ListingProposal } from '../article/listing/propose-rules.ts'
import { proposeArticleRules, type ArticleProposal, type KnownPage } from '../article/propose-rules.ts'
import { isSameTitle } from '../article/same-value.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import type { KnownArticle } from '../model/known-article.ts'
import type { Listing, Source } from '../model/source.ts'
import type { SampleReading } from './sample-source.ts'

/** Rules that would read a source's pages again after they were made anew. */
export interface SourceProposal {
  readonly listings: readonly {
    readonly listing: Listing
    /** `archive`: found by articles that the archive knows; `automatic`: by what the automatic reading finds. */
    readonly from: 'archive' | 'automatic'
    readonly proposal: ListingProposal
  }[]
  /** By articles that the archive knows. */
  readonly articles: ArticleProposal | null
}

type ListingSample = SampleReading['listings'][number]

const hasLostRules = ({ listing, isRedesigned, warnings }: ListingSample) =>
  isRedesigned || (listing.rules !== undefined && warnings.length > 0)

/** Whether something was seen for which a new rule may be the remedy. */
export function needsRules(source: Source, { listings, articles }: SampleReading): boolean {
  const isArticleLost = source.rules !== undefined && articles.some(({ article }) => article?.warnings.length)
  return isArticleLost || listings.some(hasLostRules)
}

/**
 * Proposes rules for a source whose own ones match nothing: what is known of its articles is looked for on its new pages.
 * @param known articles that the archive has of it; without any the automatic reading stands in for them
 */
export function proposeRules(source: Source, sample: SampleReading, known: readonly KnownArticle[]): SourceProposal {
  const listings = sample.listings.filter(hasLostRules).flatMap((lost) => {
    const { listing, items } = lost
    const page = { ...lost.page, timeZone: source.timeZone }
    const more = { listed: items.map(({ url }) => url), ...(listing.rules && { rules: listing.rules }) }
    const byArchive = proposeListingRules(page, known, more)
    const proposal = byArchive ?? proposeListingRules(page, items, more)
    return proposal ? [{ listing, from: byArchive ? ('archive' as const) : ('automatic' as const), proposal }] : []
  })
  return { listings, articles: proposeArticleRules(knownPages(source, sample, known), source.rules) }
}

/** The sampled pages whose articles are known: by their addresses, else by the titles that the listing gives. */
function knownPages(source: Source, sample: SampleReading, known: readonly KnownArticle[]): KnownPage[] {
  const byUrl = new Map(known.map((article) => [canonicalUrl(article.url), article]))
  const titles = new Map(sample.listings.flatMap(({ items }) => items.map(({ url, title }) => [url, title] as const)))
  return sample.articles.flatMap(({ page }) => {
    const title = titles.get(page.requestedUrl)
    const article =
      byUrl.get(canonicalUrl(page.requestedUrl)) ??
      byUrl.get(canonicalUrl(page.url)) ??
      known.find((each) => title && isSameTitle(title, each.title))
    return article ? [{ page: { ...page, timeZone: source.timeZone }, known: article }] : []
  })
}
