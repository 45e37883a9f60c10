import { Element } from 'domhandler'
import { oneLine } from './clean-text.ts'

export interface MetaTags {
  /** Values of `<meta>` by `name`, `property` or `itemprop` in small letters; the first of each counts. */
  readonly values: ReadonlyMap<string, string>
  /** The document's `<title>`. */
  readonly title: string | null
  readonly canonical: string | null
  readonly baseUrl: string | null
  readonly language: string | null
  /** The contents of `<script type="application/ld+json">`. */
  readonly jsonLd: readonly string[]
}

/** Descriptions of whole articles exist; more than this is no description. */
const longestValue = 4000

const textIn = (element: Element) => element.children.map((node) => ('data' in node ? node.data : '')).join('')

function nameOf(element: Element): string {
  const { name, property, itemprop } = element.attribs
  return (property ?? name ?? itemprop ?? '').trim().toLowerCase()
}

interface Found {
  readonly values: Map<string, string>
  title: string | null
  canonical: string | null
  baseUrl: string | null
  language: string | null
  readonly jsonLd: string[]
}

function readInto(found: Found, element: Element): void {
  const { name, attribs } = element
  if (name === 'meta') {
    const key = nameOf(element)
    const content = oneLine((attribs['content'] ?? '').slice(0, longestValue))
    if (key !== '' && content !== '' && !found.values.has(key)) found.values.set(key, content)
    if (/^content-language$/i.test(attribs['http-equiv'] ?? '')) found.language ??= content || null
  } else if (name === 'title') {
    // SVG pictures have titles of their own.
    if (!(element.parent instanceof Element && element.parent.name === 'svg'))
      found.title ??= oneLine(textIn(element).slice(0, longestValue)) || null
  } else if (name === 'link') {
    if (/(?:^|\s)canonical(?:\s|$)/i.test(attribs['rel'] ?? '')) found.canonical ??= attribs['href'] ?? null
  } else if (name === 'base') {
    found.baseUrl ??= attribs['href'] ?? null
  } else if (name === 'html') {
    found.language = attribs['lang'] ?? attribs['xml:lang'] ?? found.language
  } else if (name === 'script') {
    const type = (attribs['type'] ?? '').toLowerCase()
    if (type.includes('ld+json')) found.jsonLd.push(textIn(element))
  }
}

/** What the page says of itself in its head, wherever the head's elements stand. */
export function readMetaTags(about: readonly Element[]): MetaTags {
  const found: Found = {
    values: new Map(),
    title: null,
    canonical: null,
    baseUrl: null,
    language: null,
    jsonLd: [],
  }
  for (const element of about) readInto(found, element)
  return found
}
