import { type Element, isTag } from 'domhandler'
import { prevElementSibling } from 'domutils'

/** Names that were made by a program for one build of a page: hashes and counters. */
const passingName = /\d{2,}|^[a-z]$|__|^(?:active|current|on|hover|first|last|odd|even|cur|top|new)$/i
const plainName = /^[A-Za-z][\w-]*$/

const isLasting = (name: string) => plainName.test(name) && !passingName.test(name)

/** The element's id, where it is one that will last. */
function idOf(element: Element): string | null {
  const id = element.attribs['id']?.trim() ?? ''
  return isLasting(id) ? `#${id}` : null
}

/** A selector of one element by its id or its lasting classes. */
export function selectorOf(element: Element): string {
  const classes = (element.attribs['class'] ?? '').split(/\s+/).filter(isLasting)
  return idOf(element) ?? element.name + classes.map((name) => `.${name}`).join('')
}

export function parentOf(element: Element): Element | null {
  return element.parent !== null && isTag(element.parent) ? element.parent : null
}

/** The nearest element around this one that has a name of its own; the page's body at the latest. */
function namedAround(element: Element): Element | null {
  let around = parentOf(element)
  while (around !== null && selectorOf(around) === around.name) around = parentOf(around)
  return around
}

/** Selectors that find an element, the plainest first: alone, in what it stands in, in the nearest part with a name, behind its neighbour. */
export function selectorsOf(element: Element): string[] {
  const own = selectorOf(element)
  const parent = parentOf(element)
  const named = namedAround(element)
  const before = prevElementSibling(element)
  const qualified = [
    ...(parent ? [`${selectorOf(parent)} > ${own}`] : []),
    ...(named ? [`${selectorOf(named)} ${own}`] : []),
    ...(before ? [`${selectorOf(before)} + ${own}`] : []),
  ]
  // Bare names of elements are found everywhere; a headline is the exception.
  return own === element.name && own !== 'h1' ? qualified : [own, ...qualified]
}

/** Selectors by how many elements they were made of, the most frequent first, each once. */
export function byVotes(selectors: Iterable<string>): string[] {
  const votes = new Map<string, number>()
  for (const selector of selectors) votes.set(selector, (votes.get(selector) ?? 0) + 1)
  return [...votes].toSorted(([, a], [, b]) => b - a).map(([selector]) => selector)
}
