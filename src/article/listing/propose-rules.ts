import { type Element, isTag, type ParentNode } from 'domhandler'
import type { KnownItem } from '../../model/known-article.ts'
import type { ListingItem } from '../../model/listing-item.ts'
import type { PageSource } from '../../model/page.ts'
import type { ListingRules } from '../../model/source.ts'
import { decodePage } from '../charset.ts'
import { byVotes, parentOf, selectorOf, selectorsOf } from '../lasting-selector.ts'
import { parseHtml, type ParsedHtml } from '../parse-html.ts'
import { isSameTime, isSameTitle } from '../same-value.ts'
import { findWrittenDate } from './item-date.ts'
import { linkTarget, textOf } from './link.ts'
import { readListingPage } from './read-listing.ts'
import { elementsIn } from './title.ts'

/** A selector and how many of the known articles it reads rightly. */
export interface ProposedRule {
  readonly selector: string
  readonly matched: number
}

type RowRule = 'link' | 'title' | 'publishedAt'

/** Rules for a list that was made anew. */
export interface ListingProposal {
  /** Known articles that stand on the page. */
  readonly known: number
  readonly item: ProposedRule
  /** Rules inside an item; where one is missing the automatic reading is right. */
  readonly inItem: Readonly<Partial<Record<RowRule, ProposedRule>>>
}

/** Known articles outside the list stand in the corners of a page: most read, recommended. */
const fewestKnown = 0.5
/** Rows that are neither known nor found by the automatic reading: a rule that finds more of them finds something else. */
const mostStrangers = 0.2
/** Below this share the automatic reading of a part is wrong, and above it a rule for the part is right. */
const fewestRight = 0.8
/** Dates stand in short texts. */
const longestDate = 60

/** Selectors that are tried for one rule: those of most rows come first, and each one costs a reading of the page. */
const maxTried = 20

/** An address as it is compared: the scheme and `www.` change with a redesign, and say nothing. */
const addressKey = (url: string) => url.replace(/^https?:\/\/(?:www\.)?/i, '').replace(/#.*$/s, '')

interface Mark {
  readonly element: Element
  readonly item: KnownItem
}

/** Where the known articles stand on a page: their links, else the texts that are their titles. */
function findMarks({ document }: ParsedHtml, baseUrl: string, known: readonly KnownItem[]): Mark[] {
  const byAddress = new Map(known.map((item) => [addressKey(item.url), item]))
  const elements = [...elementsIn(document)]
  const marks = elements.flatMap((element): Mark[] => {
    const url = element.name === 'a' ? linkTarget(element, baseUrl) : null
    const item = url === null ? undefined : byAddress.get(addressKey(url))
    return item ? [{ element, item }] : []
  })
  const found = new Set(marks.map(({ item }) => item))
  const missing = known.filter((item) => item.title !== null && !found.has(item))
  if (missing.length === 0) return marks
  const named = elements.flatMap((element): Mark[] => {
    // A title is a link, or an element that holds nothing else.
    if (element.name !== 'a' && element.children.some(isTag)) return []
    const shown = element.attribs['title'] || textOf(element)
    const item = missing.find(({ title }) => title !== null && isSameTitle(shown, title))
    return item ? [{ element, item }] : []
  })
  return [...marks, ...named]
}

/** For each element of the page that holds marks: which known articles they are of. */
function holdersOf(marks: readonly Mark[]): Map<ParentNode, Set<KnownItem>> {
  const holders = new Map<ParentNode, Set<KnownItem>>()
  for (const { element, item } of marks) {
    for (let holder: ParentNode | null = element; holder !== null; holder = holder.parent) {
      const items = holders.get(holder) ?? new Set()
      holders.set(holder, items.add(item))
    }
  }
  return holders
}

/** The element that holds one known article and no other, as high as it goes. */
function rowOf(mark: Element, holders: ReadonlyMap<ParentNode, ReadonlySet<KnownItem>>): Element | null {
  let row = mark
  for (let parent = parentOf(row); parent !== null; parent = parentOf(row)) {
    if ((holders.get(parent)?.size ?? 0) > 1) return row
    row = parent
  }
  return null
}

/** Selectors of rows, those of most rows first. */
function rowSelectors(rows: readonly Element[]): string[] {
  return byVotes(
    rows.flatMap((row) => {
      const parent = parentOf(row)
      if (parent === null) return []
      const around = new Set([selectorOf(parent), ...selectorsOf(parent)])
      return [...around].map((selector) => `${selector} > ${selectorOf(row)}`)
    }),
  ).slice(0, maxTried)
}

class Proposer {
  readonly #page: PageSource
  readonly #parsed: ParsedHtml
  readonly #marks: readonly Mark[]
  readonly #known: number
  readonly #rowOf = new Map<Element, KnownItem>()
  readonly #listed: ReadonlySet<string>

  constructor(page: PageSource, known: readonly KnownItem[], listed: Iterable<string>) {
    this.#page = page
    this.#parsed = parseHtml(decodePage(page).text)
    this.#listed = new Set([...listed].map(addressKey))
    this.#marks = findMarks(this.#parsed, page.url, known)
    const holders = holdersOf(this.#marks)
    this.#known = new Set(this.#marks.map(({ item }) => item)).size
    for (const { element, item } of this.#marks) {
      const row = rowOf(element, holders)
      if (row) this.#rowOf.set(row, item)
    }
  }

  run(old: ListingRules): ListingProposal | null {
    const item = this.#itemRule()
    if (item === null) return null
    let rules: ListingRules = { item: item.selector }
    const inItem: Partial<Record<RowRule, ProposedRule>> = {}
    // The link first: whose row it is decides what the other two are compared with.
    for (const name of ['link', 'title', 'publishedAt'] as const) {
      const rule = this.#ruleInRow(name, rules, old[name])
      if (rule === null) continue
      inItem[name] = rule
      rules = { ...rules, [name]: rule.selector }
    }
    return { known: this.#known, item, inItem }
  }

  #itemRule(): ProposedRule | null {
    let best: ProposedRule | null = null
    for (const selector of rowSelectors([...this.#rowOf.keys()])) {
      const rows = this.#parsed.$(selector).toArray().filter(isTag)
      const known = rows.flatMap((row) => this.#knownIn(row) ?? [])
      const strangers = rows.filter((row) => this.#knownIn(row) === null && !this.#isListed(row))
      const matched = new Set(known).size
      const isGood = matched >= this.#known * fewestKnown && strangers.length <= rows.length * mostStrangers
      if (isGood && matched > (best?.matched ?? 1)) best = { selector, matched }
    }
    return best
  }

  #knownIn(row: Element): KnownItem | null {
    const own = this.#rowOf.get(row)
    if (own) return own
    const inside = new Set([row, ...elementsIn(row)])
    return this.#marks.find(({ element }) => inside.has(element))?.item ?? null
  }

  #isListed(row: Element): boolean {
    return [row, ...elementsIn(row)].some((element) => {
      const url = element.name === 'a' ? linkTarget(element, this.#page.url) : null
      return url !== null && this.#listed.has(addressKey(url))
    })
  }

  /** A rule for a part of the rows, where there was one or where the automatic reading of it is wrong. */
  #ruleInRow(name: RowRule, rules: ListingRules, old: string | undefined): ProposedRule | null {
    const rows = [...this.#parsed.$(rules.item ?? '').toArray()].filter(isTag)
    const known = rows.flatMap((row) => {
      const item = this.#knownIn(row)
      return item && (name !== 'publishedAt' || item.publishedAt !== null) ? [{ row, item }] : []
    })
    if (known.length === 0 || (old === undefined && this.#right(name, rules) >= known.length * fewestRight)) return null
    const elements = known.flatMap(({ row, item }) =>
      [...elementsIn(row)].filter((element) => this.#isPart(name, element, item)),
    )
    const selectors = byVotes(elements.flatMap((element) => [selectorOf(element), ...selectorsOf(element)]))
    for (const selector of selectors.slice(0, maxTried)) {
      const matched = this.#right(name, { ...rules, [name]: selector }, selector)
      if (matched >= known.length * fewestRight) return { selector, matched }
    }
    return null
  }

  #isPart(name: RowRule, element: Element, item: KnownItem): boolean {
    if (name === 'link') return this.#marks.some((mark) => mark.element === element && element.name === 'a')
    const text = textOf(element)
    if (name === 'title') return item.title !== null && isSameTitle(text, item.title)
    return text.length <= longestDate && (element.name === 'time' || findWrittenDate(text) !== null)
  }

  /** How many known articles are read rightly with these rules; with `selector`, by that rule itself. */
  #right(name: RowRule, rules: ListingRules, selector?: string): number {
    const reading = readListingPage(this.#page, rules)
    if (selector !== undefined && reading.unmatched.includes(name)) return 0
    const byAddress = new Map(reading.items.map((item) => [addressKey(item.url), item]))
    const known = new Map(this.#marks.map((mark) => [mark.item, this.#itemOf(mark, byAddress, reading.items)]))
    return [...known].filter(([{ title, publishedAt }, read]) => {
      if (read === null) return false
      if (name === 'link') return true
      if (name === 'title') return read.title !== null && title !== null && isSameTitle(read.title, title)
      return read.publishedAt !== null && publishedAt !== null && isSameTime(read.publishedAt, publishedAt)
    }).length
  }

  #itemOf(
    { element, item }: Mark,
    byAddress: ReadonlyMap<string, ListingItem>,
    items: readonly ListingItem[],
  ): ListingItem | null {
    const url = element.name === 'a' ? linkTarget(element, this.#page.url) : null
    const byLink = byAddress.get(addressKey(url ?? item.url))
    if (byLink || url !== null) return byLink ?? null
    return items.find(({ title }) => title !== null && item.title !== null && isSameTitle(title, item.title)) ?? null
  }
}

/**
 * Rules that find the articles that are known to stand in a list: for a source whose own rules match nothing since its
 * page was made anew. Articles are found again by their addresses, and by their titles where these were changed too.
 * @param known what the archive keeps of the source, or what the automatic reading finds on the page
 * @param more.listed addresses of the page's other items, which the archive need not know
 * @param more.rules the rules that there were: each of their parts is sought anew
 * @returns `null` when no selector finds most of them and little else
 */
export function proposeListingRules(
  page: PageSource,
  known: readonly KnownItem[],
  more: { readonly listed?: Iterable<string>; readonly rules?: ListingRules } = {},
): ListingProposal | null {
  return new Proposer(page, known, more.listed ?? []).run(more.rules ?? {})
}
