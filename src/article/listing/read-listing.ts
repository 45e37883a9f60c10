import type { CheerioAPI } from 'cheerio/slim'
import type { ListingItem } from '../../model/listing-item.ts'
import type { PageSource } from '../../model/page.ts'
import type { ListingRules } from '../../model/source.ts'
import type { StatedTime } from '../../model/time.ts'
import { decodePage } from '../charset.ts'
import { parseHtml } from '../parse-html.ts'
import { findCandidates } from './candidate.ts'
import { findFamilies, type Row } from './family.ts'
import { type DateContext, findWrittenDate, readMachineTime, resolveWrittenDate } from './item-date.ts'
import { linkTarget, textOf } from './link.ts'
import { findNextPage } from './next-page.ts'
import { readRowSummary, readRowTime } from './row.ts'
import { RuleReader, type RuleName } from './rules.ts'
import { chooseRows } from './score.ts'
import { unfoldScriptRows } from './script-rows.ts'
import { cleanTitle } from './title.ts'

/** What a list page says: its items, and where the list goes on. */
export interface ListingPage {
  readonly items: ListingItem[]
  /** Address of the next list page; `null` on the last one. */
  readonly nextUrl: string | null
  /** One line each: what an operator should know. */
  readonly warnings: string[]
  /** Names of the rules that were given and matched nothing. */
  readonly unmatched: readonly RuleName[]
}

/** More items than any real list page has; the rest is not read. */
const maxItems = 5000

/** The articles that a list page names. */
export function readListing(page: PageSource, rules?: ListingRules): ListingItem[] {
  return readListingPage(page, rules).items
}

/**
 * The articles that a list page names, in the page's order and each once, and the address of the next page.
 * Finds the list by itself; `rules` override single parts, and one that matches nothing is reported in `warnings`.
 * Dates that leave out the year or count from now are read against `fetchedAt`; without it they are left out.
 */
export function readListingPage(page: PageSource, rules: ListingRules = {}): ListingPage {
  if (!URL.canParse(page.url))
    return { items: [], nextUrl: null, warnings: [`The page's address "${page.url}" is none.`], unmatched: [] }
  const { text } = decodePage({ body: page.body, contentType: page.contentType ?? null })
  const { $, document, warnings } = parseHtml(text)
  const baseUrl = baseOf($, page.url)
  unfoldScriptRows($)
  const ruled = new RuleReader($, rules)
  ruled.drop()
  const reference = page.fetchedAt !== undefined && Number.isFinite(page.fetchedAt.getTime()) ? page.fetchedAt : null
  const context = { reference, zone: page.timeZone ?? zoneOf(text) }
  const nextUrl = ruledNext(ruled, baseUrl) ?? findNextPage(document, page.url, baseUrl)
  const byRule = ruled.rows(baseUrl)
  const rows = byRule.length > 0 ? byRule : automaticRows($, page.url, baseUrl, nextUrl !== null)
  const items = itemsOf(rows.slice(0, maxItems), ruled, context)
  ruled.close()
  return { items, nextUrl, warnings: [...warnings, ...ruled.warnings], unmatched: ruled.unmatched }
}

function automaticRows($: CheerioAPI, pageUrl: string, baseUrl: string, isPaged: boolean): Row[] {
  const [root] = $.root().toArray()
  if (root === undefined) return []
  const own = new URL(pageUrl).href
  const candidates = findCandidates(root, baseUrl).filter(({ url }) => url !== own)
  return chooseRows(findFamilies(candidates), candidates, isPaged)
}

function itemsOf(rows: readonly Row[], ruled: RuleReader, context: DateContext): ListingItem[] {
  const items = new Map<string, ListingItem>()
  for (const row of rows) {
    if (items.has(row.url)) continue
    const title = ruled.inRow('title', row)
    const summary = ruled.inRow('summary', row)
    items.set(row.url, {
      url: row.url,
      title: cleanTitle((title && textOf(title)) || row.title) || null,
      publishedAt: ruledTime(ruled, row, context) ?? readRowTime(row, context),
      summary: (summary && textOf(summary)) || readRowSummary(row),
    })
  }
  return [...items.values()]
}

function ruledTime(ruled: RuleReader, row: Row, context: DateContext): StatedTime | null {
  const element = ruled.inRow('publishedAt', row)
  if (element === null) return null
  const machine = element.attribs['datetime']
  const stated = machine === undefined ? null : readMachineTime(machine, context)
  const written = findWrittenDate(textOf(element))
  return stated ?? (written && resolveWrittenDate(written, context))
}

function ruledNext(ruled: RuleReader, baseUrl: string): string | null {
  if (ruled.rules.next === undefined) return null
  const [link] = ruled.find(ruled.rules.next, 'next', null)
  return link === undefined ? null : linkTarget(link, baseUrl)
}

function baseOf($: CheerioAPI, pageUrl: string): string {
  const base = $('base[href]').attr('href')?.trim()
  if (base === undefined || !URL.canParse(base, pageUrl)) return pageUrl
  const url = new URL(base, pageUrl)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : pageUrl
}

/** Where no zone is given: Beijing time for pages with more than a few Chinese words, else UTC. */
function zoneOf(text: string): string {
  const chinese = text.slice(0, 200_000).match(/[\u4e00-\u9fff]/g)?.length ?? 0
  return chinese > 50 ? 'Asia/Shanghai' : 'UTC'
}
