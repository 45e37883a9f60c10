import type { PageLink, PageLinks } from '../article/page-links.ts'
import type { Article } from '../model/article.ts'
import { NewsfoldError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import { parseHttpUrl } from './address-guard.ts'
import { articleConfidence } from './refuse-article.ts'
import { siteOf } from './candidate.ts'
import { likelyFeeds, likelyLists } from './likely-lists.ts'
import { SiteVisit, type FoundListing, type TriedAddress, type VisitPorts, type VisitOptions } from './site-visit.ts'
import { sitemapsOf } from './robots.ts'

/** What a site says of itself. */
export interface SiteFacts {
  readonly name: string | null
  /** Of the front page. */
  readonly homepage: string
  /** BCP 47. */
  readonly language: string | null
}

/** What a look at an address found. */
export interface SiteLook {
  /** Where the site lists what it announces. */
  readonly listing: FoundListing | null
  /** Further lists of the same site that were seen, read or not. */
  readonly others: readonly PageLink[]
  /** The article at the address that was given, where it is one. */
  readonly article: Article | null
  /** By the listing's addresses: its newest articles, as many as there was time for. */
  readonly articles: ReadonlyMap<string, Article>
  readonly site: SiteFacts
  /** In order, what was asked for and what came of it. */
  readonly tried: readonly TriedAddress[]
}

/** Pages that send their reader on: more of them are a circle. */
const maxRefreshes = 3
/** Beyond these the site is asked for too much by somebody who only wants to know. */
const maxFeeds = 3
const maxLists = 4
const maxSitemaps = 2
const maxArticles = 3
/** A list of fewer is a box beside a text. */
const fewestItems = 3
/** A feed whose newest item is so much older than the page's own list has been given up by its publisher. */
const staleFeedMs = 60 * 86_400_000

/**
 * Finds where a site lists what it announces: the address itself when it is a feed or a sitemap; feeds that the page
 * names; its lists by what their links are called; sitemaps that robots.txt names; the page itself as a list. Asks as
 * politely as a crawl does, and for a dozen pages at the most.
 * @throws {RefusedError} the address is none, or private and not allowed
 */
export async function findListing(address: string, ports: VisitPorts, options: VisitOptions): Promise<SiteLook> {
  const url = parseHttpUrl(address).href
  const visit = new SiteVisit(url, ports, options)
  try {
    return await new Search(visit, ports).run(url)
  } finally {
    visit.end()
  }
}

class Search {
  readonly #visit: SiteVisit
  readonly #ports: VisitPorts

  constructor(visit: SiteVisit, ports: VisitPorts) {
    this.#visit = visit
    this.#ports = ports
  }

  async run(url: string): Promise<SiteLook> {
    const page = await this.#landingPage(url)
    if (page === null) return this.#result({ url })
    const own = await this.#visit.read(page, 'auto', 'the address itself')
    if (own !== null && own.kind !== 'html') {
      return this.#result({ url: page.url, listing: own, articles: await this.#newestArticles(own) })
    }
    const links = await this.#orNull(() => this.#ports.reader.readLinks(page))
    if (links === null) return this.#result({ url: page.url, listing: own })

    const article = await this.#orNull(() => this.#visit.readArticle(page))
    const isArticle = article !== null && article.confidence >= articleConfidence && !isFrontPage(page.url)
    const ownList = isArticle ? null : own
    const listing = await this.#bestListing(page, links, ownList)
    const others = likelyLists(links, page.url).filter((link) => link.url !== listing?.url)
    if (isArticle) return this.#result({ url: page.url, listing, links, others, article })
    return this.#result({ url: page.url, listing, links, others, articles: await this.#newestArticles(listing) })
  }

  /** The page that the address leads to, past pages that only send their reader on. */
  async #landingPage(url: string): Promise<Page | null> {
    let page = await this.#visit.fetch(url, 'the address itself')
    for (let hops = 0; page !== null && hops < maxRefreshes; hops += 1) {
      const from = page
      const links = await this.#orNull(() => this.#ports.reader.readLinks(from))
      if (!links?.refreshUrl || links.links.length > fewestItems) return page
      page = await this.#visit.fetch(links.refreshUrl, `where ${from.url} sends its readers on to`)
    }
    return page
  }

  async #bestListing(page: Page, links: PageLinks, own: FoundListing | null): Promise<FoundListing | null> {
    for (const feed of likelyFeeds(links).slice(0, maxFeeds)) {
      const found = await this.#visit.look(feed.url, 'feed', 'a feed that the page names')
      if (isGood(found) && !isStale(found, own)) return found
    }
    // Somebody who gives the address of a list means that list.
    if (!isFrontPage(page.url) && isGood(own)) return own
    const lists: FoundListing[] = []
    for (const link of likelyLists(links, page.url).slice(0, maxLists)) {
      const found = await this.#visit.look(link.url, 'html', `a list by its link “${link.text}”`)
      if (isGood(found)) lists.push(found)
      if (lists.length === 2) break
    }
    const best = lists.toSorted((a, b) => worth(b) - worth(a))[0]
    if (best && worth(best) >= worth(own)) return best
    const sitemap = await this.#newsSitemap(page.url)
    if (sitemap && (sitemap.isNews || !isGood(own))) return sitemap
    return best ?? (isGood(own) ? own : null)
  }

  async #newsSitemap(url: string): Promise<FoundListing | null> {
    const robots = await this.#ports.robots.find(new URL(url).origin)
    const named = sitemapsOf(robots?.text ?? '')
      .filter((sitemap) => siteOf(sitemap) === siteOf(url))
      .toSorted((a, b) => Number(/news/i.test(b)) - Number(/news/i.test(a)))
    for (const sitemap of named.slice(0, maxSitemaps)) {
      const found = await this.#visit.look(sitemap, 'sitemap', 'a sitemap that robots.txt names')
      if (isGood(found)) return found
    }
    return null
  }

  async #newestArticles(listing: FoundListing | null): Promise<ReadonlyMap<string, Article>> {
    const articles = new Map<string, Article>()
    for (const { url } of listing ? newestItems(listing, maxArticles) : []) {
      const page = await this.#visit.fetch(url, 'one of its newest articles')
      const article = page && (await this.#orNull(() => this.#visit.readArticle(page)))
      if (article) articles.set(url, article)
    }
    return articles
  }

  async #orNull<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read()
    } catch (error) {
      if (error instanceof NewsfoldError) return null
      throw error
    }
  }

  #result(found: {
    url: string
    listing?: FoundListing | null
    links?: PageLinks
    others?: readonly PageLink[]
    article?: Article | null
    articles?: ReadonlyMap<string, Article>
  }): SiteLook {
    const { url, listing = null, links, others = [], article = null, articles = new Map<string, Article>() } = found
    const name = links ? siteName(links, url) : (listing?.title ?? null)
    const language = links?.language ?? listing?.language ?? null
    const site = { name, homepage: new URL('/', listing?.homeUrl ?? url).href, language }
    return { listing, others, article, articles, site, tried: this.#visit.tried }
  }
}

const publishedAt = (item: FoundListing['items'][number]) => item.publishedAt?.at ?? ''

/** The newest items of a listing; undated ones stand where the listing has them. */
export function newestItems({ items }: Pick<FoundListing, 'items'>, count: number): FoundListing['items'] {
  const dated = items.filter((item) => item.publishedAt !== null)
  const isDated = dated.length * 2 > items.length
  return (isDated ? dated.toSorted((a, b) => publishedAt(b).localeCompare(publishedAt(a))) : items).slice(0, count)
}

export function isFrontPage(url: string): boolean {
  const { pathname, search } = new URL(url)
  return search === '' && /^\/(?:index\.\w+|home)?$/i.test(pathname)
}

/** How much a list looks like one of announcements: named and dated items count, and none beyond thirty. */
function worth(listing: FoundListing | null): number {
  if (!listing) return 0
  const dated = listing.items.filter((item) => item.publishedAt !== null).length
  return Math.min(30, listing.items.length) + 2 * Math.min(30, dated)
}

function isGood(listing: FoundListing | null): listing is FoundListing {
  return listing !== null && listing.items.length >= (listing.kind === 'html' ? fewestItems : 1)
}

function newestAt(listing: FoundListing | null): number {
  const times = listing?.items.flatMap((item) => (item.publishedAt ? [Date.parse(item.publishedAt.at)] : [])) ?? []
  return times.length === 0 ? Number.NaN : Math.max(...times)
}

function isStale(feed: FoundListing, list: FoundListing | null): boolean {
  return newestAt(list) - newestAt(feed) > staleFeedMs
}

/** What sites put around their name in a title. */
const titleParts = /\s*(?:[-–—_|｜»«·]|::)+\s*/
const frontNames = /^(?:首页|首頁|网站首页|主页|home|homepage|index|welcome|欢迎.*)$/i

/** The name of a site by what it states, else by its title: the part that is no name of a page. */
function siteName(links: PageLinks, url: string): string | null {
  if (links.siteName !== null) return links.siteName
  const parts = (links.title ?? '').split(titleParts).filter((part) => part !== '' && !frontNames.test(part))
  const name = isFrontPage(url) ? parts[0] : parts.at(-1)
  return name?.replace(/(?:官方网站|门户网站|官网|网站)$/, '') || null
}
