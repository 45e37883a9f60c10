import type { Article } from '../model/article.ts'
import { NewsfoldError } from '../model/errors.ts'
import type { ListingItem } from '../model/listing-item.ts'
import type { Page } from '../model/page.ts'
import type { Listing, Source } from '../model/source.ts'
import { itemsOf } from './listed-items.ts'
import { numberedUrl } from './listing-way.ts'
import type { ListingReading, PageReader } from './page-reader.ts'
import { SiteVisit, type VisitOptions, type VisitPorts } from './site-visit.ts'

/** A page that was fetched for a sample, as what, and why. */
export interface SampledPage {
  readonly role: 'listing' | 'article'
  readonly page: Page
}

/** What was read out of a sample's pages. */
export interface SampleReading {
  readonly listings: readonly {
    readonly listing: Listing
    readonly page: Page
    readonly url: string
    readonly items: readonly ListingItem[]
    readonly warnings: readonly string[]
    readonly isRedesigned: boolean
    /** Why it could not be read. */
    readonly problem: string | null
  }[]
  readonly articles: readonly {
    readonly page: Page
    readonly url: string
    readonly article: Article | null
    readonly problem: string | null
  }[]
}

/** As many articles as show whether a source's articles are read rightly. */
const sampledArticles = 3

/** Asks for the first page of each listing of a source and for its three newest articles, as politely as a crawl. */
export async function fetchSample(
  source: Source,
  ports: VisitPorts,
  options: Pick<VisitOptions, 'userAgent' | 'budgetMs' | 'onStep'>,
): Promise<{ pages: readonly SampledPage[]; problems: readonly string[] }> {
  const { politeness, allowPrivateHosts } = source
  const first = source.listings[0]?.url ?? ''
  const visit = new SiteVisit(first, ports, { ...options, delayMs: politeness.delay, allowPrivateHosts, source })
  const pages: SampledPage[] = []
  const items: ListingItem[] = []
  try {
    for (const listing of source.listings) {
      const page = await visit.fetch(numberedUrl(listing, 0) ?? listing.url, 'listing', listing.render ?? source.render)
      if (page === null) continue
      pages.push({ role: 'listing', page })
      const reading = await readQuietly(() => readListing(ports.reader, source, listing, page))
      if (reading.value) items.push(...itemsOf(reading.value, page.url).map(({ item }) => item))
    }
    for (const { url } of items.slice(0, sampledArticles)) {
      const page = await visit.fetch(url, 'article', source.render)
      if (page !== null) pages.push({ role: 'article', page })
    }
  } finally {
    visit.end()
  }
  return { pages, problems: visit.tried.flatMap(({ code, outcome }) => (code === null ? [] : [outcome])) }
}

/** Reads a sample's pages as a crawl of the source would. */
export async function readSample(
  source: Source,
  pages: readonly SampledPage[],
  reader: PageReader,
): Promise<SampleReading> {
  const listings = []
  const articles = []
  const left = [...source.listings]
  for (const { role, page } of pages) {
    if (role === 'listing') {
      const index = left.findIndex((listing) => numberedUrl(listing, 0) === page.requestedUrl)
      const [listing = source.listings[0]] = left.splice(Math.max(0, index), 1)
      if (!listing) continue
      const { value, problem } = await readQuietly(() => readListing(reader, source, listing, page))
      const items = value ? itemsOf(value, page.url).map(({ item }) => item) : []
      listings.push({
        listing,
        page,
        url: page.requestedUrl,
        items,
        warnings: value?.kind === 'html' ? value.warnings : [],
        isRedesigned: value?.kind === 'html' && value.isRedesigned === true,
        problem,
      })
    } else {
      const { value, problem } = await readQuietly(() =>
        reader.readArticle({ ...page, timeZone: source.timeZone }, source.rules),
      )
      articles.push({ page, url: page.requestedUrl, article: value, problem })
    }
  }
  return { listings, articles }
}

function readListing(reader: PageReader, source: Source, listing: Listing, page: Page): Promise<ListingReading> {
  const kind = listing.kind ?? source.kind
  return reader.readListing({ ...page, timeZone: source.timeZone }, kind, listing.rules, listing.json)
}

async function readQuietly<T>(read: () => Promise<T>): Promise<{ value: T | null; problem: string | null }> {
  try {
    return { value: await read(), problem: null }
  } catch (error) {
    if (!(error instanceof NewsfoldError)) throw error
    return { value: null, problem: error.message }
  }
}

/** What a person should know of a sample: parts that are missing, rules that match nothing; none when all is well. */
export function judgeSample(source: Source, sample: SampleReading): readonly string[] {
  const problems: string[] = []
  if (sample.listings.length < source.listings.length) problems.push('not every listing could be fetched')
  for (const { url, items, warnings, isRedesigned, problem } of sample.listings) {
    if (problem !== null) problems.push(problem)
    else if (items.length === 0 && !source.allowEmpty) problems.push(`${url} names no items`)
    if (isRedesigned)
      problems.push(
        `${url}: its page was made anew: no rule finds its items, and it goes on with automatic reading, which finds ${items.length}`,
      )
    problems.push(...warnings.map((warning) => `${url}: ${warning}`))
  }
  if (sample.articles.length === 0) problems.push('no article could be fetched')
  for (const { url, article, problem } of sample.articles) {
    if (problem !== null) problems.push(problem)
    if (article === null) continue
    const missing = [
      ...(article.title === null ? ['title'] : []),
      ...(article.bodyText === '' ? ['text'] : []),
      ...(article.publishedAt === null ? ['date'] : []),
    ]
    if (missing.length > 0) problems.push(`${url}: no ${missing.join(', no ')} was found`)
    problems.push(...article.warnings.map((warning) => `${url}: ${warning}`))
  }
  return problems
}
