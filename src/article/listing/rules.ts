import type { CheerioAPI } from 'cheerio/slim'
import { type Element, isTag } from 'domhandler'
import type { ListingRules } from '../../model/source.ts'
import type { Row } from './family.ts'
import { linkTarget } from './link.ts'
import { elementsIn, isGenericTitle, linkTitle, titleOfRow } from './title.ts'

export type RuleName = keyof ListingRules

/** Finds elements by a source's rules and keeps account of rules that find nothing. */
export class RuleReader {
  readonly rules: ListingRules
  readonly $: CheerioAPI
  /** One line for each rule that is no selector or that matched nothing. */
  readonly warnings: string[] = []
  /** Rules that were given and never matched; filled by `close`. */
  readonly unmatched: RuleName[] = []
  readonly #matched = new Set<RuleName>()
  readonly #broken = new Set<string>()

  constructor($: CheerioAPI, rules: ListingRules) {
    this.$ = $
    this.rules = rules
  }

  /** Elements that `selector` finds in `scope`; none, with a warning, when it is no selector. */
  find(selector: string, name: RuleName, scope: Element | null): Element[] {
    if (this.#broken.has(selector)) return []
    try {
      const found = scope === null ? this.$(selector) : this.$(scope).find(selector)
      const elements = found.toArray().filter((node) => isTag(node))
      if (elements.length > 0) this.#matched.add(name)
      return elements
    } catch {
      this.#broken.add(selector)
      this.warnings.push(`The rule ${name} "${selector}" is no CSS selector; the list was read without it.`)
      return []
    }
  }

  /** The first element that the rule of that name finds in a row; `null` when there is no such rule or match. */
  inRow(name: 'link' | 'title' | 'publishedAt' | 'summary', row: Row): Element | null {
    const selector = this.rules[name]
    if (selector === undefined) return null
    for (const node of row.nodes) {
      if (!isTag(node)) continue
      const [found] = this.find(selector, name, node)
      if (found) return found
      if (this.isItself(node, selector)) {
        this.#matched.add(name)
        return node
      }
    }
    return null
  }

  isItself(element: Element, selector: string): boolean {
    return !this.#broken.has(selector) && this.$(element).is(selector)
  }

  /** Warns of each rule that was given and never matched. */
  close(): void {
    for (const name of ['item', 'link', 'title', 'publishedAt', 'summary', 'next'] as const) {
      const selector = this.rules[name]
      if (selector === undefined || this.#matched.has(name) || this.#broken.has(selector)) continue
      this.unmatched.push(name)
      this.warnings.push(`The rule ${name} "${selector}" matched nothing; the list was read without it.`)
    }
  }

  /** Removes what the `drop` rules name. */
  drop(): void {
    for (const selector of this.rules.drop ?? []) {
      const found = this.find(selector, 'drop', null)
      if (found.length === 0 && !this.#broken.has(selector)) {
        this.warnings.push(`The rule drop "${selector}" matched nothing.`)
      }
      this.$(found).remove()
    }
  }

  /** The rows that the `item` rule names, each with its `link`; empty when it finds none. */
  rows(baseUrl: string): Row[] {
    const selector = this.rules.item
    if (selector === undefined) return []
    return this.find(selector, 'item', null).flatMap((element, order) => {
      const link = this.#linkOf(element, baseUrl)
      const url = link && linkTarget(link, baseUrl)
      if (link === null || url === null) return []
      const shown = linkTitle(link)
      const title = isGenericTitle(shown) ? (titleOfRow([element]) ?? shown) : shown
      return [{ container: element.parent ?? element, nodes: [element], link, order, url, title }]
    })
  }

  #linkOf(row: Element, baseUrl: string): Element | null {
    if (this.rules.link !== undefined) {
      const [found] = this.find(this.rules.link, 'link', row)
      if (found) return found.name === 'a' ? found : ([...elementsIn(found)].find(({ name }) => name === 'a') ?? null)
    }
    const links = row.name === 'a' ? [row] : [...elementsIn(row)].filter(({ name }) => name === 'a')
    return links.find((link) => linkTarget(link, baseUrl) !== null) ?? null
  }
}
