import { isTag, type Element, type ParentNode } from 'domhandler'
import type { PageSource } from '../../model/page.ts'
import type { ListingRules } from '../../model/source.ts'
import { absoluteUrl } from '../addresses.ts'
import { decodePage } from '../charset.ts'
import { parseHtml } from '../parse-html.ts'

/** Names that were made by a program for one build of a page: hashes and counters. */
const passingName = /\d{2,}|^[a-z]{1,2}$|__|^(?:active|current|on|hover|first|last|odd|even|cur)$/i
/** A rule is worth something when it finds most of what is known and little else. */
const fewestShare = 0.8

/** A selector of one element by its id or its lasting classes. */
function selectorOf(element: Element): string {
  const id = element.attribs['id']
  if (id && /^[A-Za-z][\w-]*$/.test(id) && !passingName.test(id)) return `#${id}`
  const classes = (element.attribs['class'] ?? '')
    .split(/\s+/)
    .filter((name) => /^[A-Za-z][\w-]*$/.test(name) && !passingName.test(name))
  return element.name + classes.map((name) => `.${name}`).join('')
}

/** The element that holds one known link and no other, as high as it goes, with what it stands in. */
function rowOf(
  link: Element,
  known: ReadonlySet<Element>,
  links: (element: Element) => Element[],
): [Element, Element] | null {
  let row = link
  for (;;) {
    const parent: ParentNode | null = row.parent
    if (parent === null || !isTag(parent)) return null
    if (links(parent).filter((each) => known.has(each)).length > 1) return [parent, row]
    row = parent
  }
}

/**
 * Rules that would find the articles that are known to stand in a list: for a source whose own rules match nothing since
 * its page was made anew.
 * @param urls absolute addresses of articles of the list
 * @returns `null` when no selector finds most of them and little else
 */
export function proposeListingRules(page: PageSource, urls: Iterable<string>): Pick<ListingRules, 'item'> | null {
  const { $ } = parseHtml(decodePage(page).text)
  const wanted = new Set(urls)
  const isWanted = (link: Element) => wanted.has(absoluteUrl(link.attribs['href'], page.url) ?? '')
  const linksIn = (element: Element) => $(element).find('a[href]').toArray().filter(isTag)
  const known = new Set($('a[href]').toArray().filter(isTag).filter(isWanted))
  const votes = new Map<string, number>()
  for (const link of known) {
    const found = rowOf(link, known, linksIn)
    if (!found) continue
    const [container, row] = found
    const selector = `${selectorOf(container)} > ${selectorOf(row)}`
    votes.set(selector, (votes.get(selector) ?? 0) + 1)
  }
  const [best] = [...votes].toSorted(([, a], [, b]) => b - a)
  if (!best) return null
  const [selector] = best
  const rows = $(selector).toArray().filter(isTag)
  const hits = rows.filter((row) => linksIn(row).some(isWanted)).length
  return hits >= wanted.size * fewestShare && hits >= rows.length * fewestShare ? { item: selector } : null
}
