import { type Element, isTag, isText } from 'domhandler'

/** Addresses longer than this are scripts or data in disguise. */
const maxUrlLength = 4000

/** `javascript:openPage('/a/1.html')` and `location.href='/a/1.html'`: an address in quotes that looks like one. */
const quotedAddress =
  /['"]((?:https?:\/\/|\.{0,2}\/)[^'"\s]{1,1000}|[\w%-][\w%./-]{0,300}\.(?:s?html?|aspx?|jspx?|php|pdf)(?:\?[^'"\s]{0,500})?)['"]/i

/** The absolute http(s) address that `href` means on a page of `baseUrl`; `null` when it is none. */
export function absoluteUrl(href: string, baseUrl: string): string | null {
  const trimmed = href.trim()
  if (trimmed === '' || trimmed.length > maxUrlLength) return null
  if (!URL.canParse(trimmed, baseUrl)) return null
  const url = new URL(trimmed, baseUrl)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
}

function scriptedAddress(element: Element, href: string): string | null {
  if (/^javascript:/i.test(href)) {
    const inHref = quotedAddress.exec(href.slice(0, maxUrlLength))?.[1]
    if (inHref !== undefined) return inHref
  }
  const onclick = element.attribs['onclick']
  return onclick === undefined ? null : (quotedAddress.exec(onclick.slice(0, maxUrlLength))?.[1] ?? null)
}

/** Where a link leads; `null` for places on the page itself, mail addresses and scripts that name no address. */
export function linkTarget(element: Element, baseUrl: string): string | null {
  const href = (element.attribs['href'] ?? '').trim()
  const isPlaceholder = href === '' || href.startsWith('#') || /^javascript:/i.test(href)
  const address = isPlaceholder ? scriptedAddress(element, href) : href
  return address === null ? null : absoluteUrl(address, baseUrl)
}

/** Elements whose content is never text of the page. */
const silent = new Set(['script', 'style', 'template', 'noscript', 'textarea', 'select', 'svg', 'iframe', 'object'])

/** Elements of one line; anything else begins a new one. */
const inline = new Set(
  'a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time tt u var img wbr'.split(
    ' ',
  ),
)

export function isSilent(element: Element): boolean {
  return silent.has(element.name)
}

export function isInline(element: Element): boolean {
  return inline.has(element.name)
}

/** Texts of an element in reading order, spaces folded, none empty. */
export function textsOf(element: Element): string[] {
  const texts: string[] = []
  const open = [element.children.values()]
  while (open.length > 0) {
    const next = open.at(-1)?.next()
    if (next === undefined || next.done === true) {
      open.pop()
    } else if (isText(next.value)) {
      const text = foldSpaces(next.value.data)
      if (text !== '') texts.push(text)
    } else if (isTag(next.value) && !isSilent(next.value)) {
      open.push(next.value.children.values())
    }
  }
  return texts
}

/** An element's text on one line. */
export function textOf(element: Element): string {
  return textsOf(element).join(' ')
}

/** Runs of any white space as one space; zero-width characters gone. */
export function foldSpaces(text: string): string {
  return text
    .replaceAll(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .replaceAll(/[\s\u00a0\u3000]+/g, ' ')
    .trim()
}
