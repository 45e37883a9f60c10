import type { Element } from 'domhandler'
import { textContent } from 'domutils'
import type { PageSource } from '../model/page.ts'
import { absoluteUrl } from './addresses.ts'
import { decodePage } from './charset.ts'
import { oneLine } from './clean-text.ts'
import { languageOf } from './language.ts'
import { readMetaTags } from './meta-tags.ts'
import { parseHtml } from './parse-html.ts'

export interface PageLink {
  /** Absolute http(s) address. */
  readonly url: string
  /** What it shows, else its `title`; may be empty. */
  readonly text: string
}

/** What a page says of itself and where it leads. */
export interface PageLinks {
  readonly title: string | null
  /** The publisher's name, where the page states it (`og:site_name`, `SiteName`, `application-name`). */
  readonly siteName: string | null
  readonly language: string | null
  /** Feeds that it names by `<link rel="alternate">`, in its order. */
  readonly feeds: readonly PageLink[]
  readonly links: readonly PageLink[]
  /** Where `<meta http-equiv="refresh">` leads; `null` also when it only reloads the page itself. */
  readonly refreshUrl: string | null
}

/** A page with more links is a trap or a site map; what a reader looks for stands before. */
const maxLinks = 5000
const feedTypes = /^(?:application\/(?:rss|atom|rdf|feed)\+(?:xml|json)|text\/(?:rss|atom)(?:\+xml)?)/i
/** Names under which pages state who publishes them. */
const siteNames = ['og:site_name', 'sitename', 'application-name'] as const

/** Reads what a page says of itself and all its links. Never throws, whatever the bytes. */
export function readPageLinks(page: PageSource): PageLinks {
  const { $, about } = parseHtml(decodePage(page).text)
  const meta = readMetaTags(about)
  const base = absoluteUrl(meta.baseUrl, page.url) ?? page.url
  const links: PageLink[] = []
  for (const element of $('a[href], area[href]').toArray().slice(0, maxLinks)) {
    const url = absoluteUrl(element.attribs['href'], base)
    const text = oneLine(textContent(element)) || oneLine(element.attribs['title'] ?? element.attribs['alt'] ?? '')
    if (url !== null) links.push({ url, text })
  }
  const sample = links.map(({ text }) => text).join(' ')
  return {
    title: meta.title,
    siteName: siteNames.map((name) => meta.values.get(name)).find((name) => name !== undefined) ?? null,
    language: languageOf(`${meta.title ?? ''} ${sample}`, meta.language),
    feeds: feedsOf(about, base),
    links,
    refreshUrl: refreshOf(about, base, page.url),
  }
}

function feedsOf(about: readonly Element[], base: string): PageLink[] {
  return about.flatMap(({ name, attribs }) => {
    if (name !== 'link' || !/(?:^|\s)alternate(?:\s|$)/i.test(attribs['rel'] ?? '')) return []
    const url = feedTypes.test((attribs['type'] ?? '').trim()) ? absoluteUrl(attribs['href'], base) : null
    return url === null ? [] : [{ url, text: oneLine(attribs['title'] ?? '') }]
  })
}

/** HTML Standard §4.2.5.3: `<meta http-equiv="refresh" content="0; url=…">`, in the spellings that browsers take. */
function refreshOf(about: readonly Element[], base: string, ownUrl: string): string | null {
  for (const { name, attribs } of about) {
    if (name !== 'meta' || !/^\s*refresh\s*$/i.test(attribs['http-equiv'] ?? '')) continue
    const match = /^\s*(\d+)(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(attribs['content'] ?? '')
    const url = absoluteUrl(match?.[2], base)
    // A page that sends its reader on within moments; later ones are reloads of something that is read meanwhile.
    if (url !== null && Number(match?.[1]) <= 10 && url !== ownUrl) return url
  }
  return null
}
