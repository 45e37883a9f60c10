import type { ListingItem } from '../../model/listing-item.ts'
import type { PageSource } from '../../model/page.ts'
import type { ListingRules } from '../../model/source.ts'
import { decodePage } from '../charset.ts'
import { parseHtml } from '../parse-html.ts'
import { findFamilies } from './family.ts'
import { readRowSummary, readRowText, readRowTime } from './row.ts'
import { chooseRows } from './score.ts'

/** What a list page says: its items, and where the list goes on. */
export interface ListingPage {
  readonly items: ListingItem[]
  /** Address of the next list page; `null` on the last one. */
  readonly nextUrl: string | null
  /** One line each: what an operator should know. */
  readonly warnings: string[]
}

/** The articles that a list page names. */
export function readListing(page: PageSource, rules?: ListingRules): ListingItem[] {
  return readListingPage(page, rules).items
}

/** The articles that a list page names, and the address of the next page. */
export function readListingPage(page: PageSource, _rules?: ListingRules): ListingPage {
  const { $, document, warnings } = parseHtml(decodePage(page).text)
  const base = $('base[href]').attr('href')
  const baseUrl = base !== undefined && URL.canParse(base, page.url) ? new URL(base, page.url).href : page.url
  const context = { reference: page.fetchedAt ?? null, zone: page.timeZone ?? 'Asia/Shanghai' }
  const items = chooseRows(findFamilies(document, baseUrl)).map((row): ListingItem => {
    const text = readRowText(row)
    return {
      url: row.url,
      title: row.title,
      publishedAt: readRowTime(text, context),
      summary: readRowSummary(text, row),
    }
  })
  return { items, nextUrl: null, warnings: [...warnings] }
}
