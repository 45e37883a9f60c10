import { type Element, isTag, type ParentNode } from 'domhandler'
import { isSilent, linkTarget } from './link.ts'
import { elementsIn, isGenericTitle, linkTitle, titleWeight } from './title.ts'

/** A link that may name an article. */
export interface Candidate {
  readonly element: Element
  readonly url: string
  readonly title: string
  /** Place among all links of the page. */
  readonly order: number
  /** How much the title says; 0 for "more" and the like. */
  readonly weight: number
}

/** Weight of a text that is no title: what the link is called stands elsewhere. */
export const labelWeight = 1
/** As many links with one short text lead to a channel: `[社会]` before each of its headlines. */
const channelLinks = 3
/** Channel names are shorter. */
const channelWeight = 8
/** As many addresses under one text make it a label: "new window", "download", "0 comments". */
const labelAddresses = 3

/** Pages with more links are maps of a site or made to tire a reader; the rest is not read. */
const maxLinks = 20_000

function isInSilence(element: Element): boolean {
  return element.parent !== null && isTag(element.parent) && isSilent(element.parent)
}

function count(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** Every link of the page that says something and leads to a page of its own. */
export function findCandidates(root: ParentNode, baseUrl: string): Candidate[] {
  const found: Candidate[] = []
  for (const element of elementsIn(root)) {
    // A row that is no link may still lead to its article when it is clicked.
    const isLink = element.name === 'a' || /location|open\(/.test(element.attribs['onclick'] ?? '')
    if (!isLink || isInSilence(element)) continue
    if (found.length >= maxLinks) break
    const url = linkTarget(element, baseUrl)
    if (url === null) continue
    const title = linkTitle(element)
    found.push({ element, url, title, order: found.length, weight: isGenericTitle(title) ? 0 : titleWeight(title) })
  }
  // An address holds no space, so the rest of the key is the title.
  const together = count(found.map(({ url, title }) => `${url} ${title}`))
  const addresses = count([...together.keys()].map((key) => key.slice(key.indexOf(' ') + 1)))
  return found.flatMap((candidate) => {
    const { url, title, weight } = candidate
    const isChannel = weight < channelWeight && (together.get(`${url} ${title}`) ?? 0) >= channelLinks
    if (isChannel) return []
    const isLabel = weight > labelWeight && (addresses.get(title) ?? 0) >= labelAddresses
    return [isLabel ? { ...candidate, weight: labelWeight } : candidate]
  })
}
