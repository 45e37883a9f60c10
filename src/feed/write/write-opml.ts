import { plainText } from '../plain-text.ts'
import { escapeXml } from '../xml-text.ts'
import { toUri } from './uri.ts'

/** One feed of a list of feeds. */
export interface OpmlFeed {
  readonly title: string
  readonly xmlUrl: string
  readonly htmlUrl: string | null
}

/** A list of feeds as OPML 2.0 (type `rss`, which every reader imports, also for Atom); addresses that are none are left out. */
export function writeOpml(feeds: readonly OpmlFeed[], title = 'Newsfold'): string {
  const outlines = feeds.flatMap((feed) => {
    const xmlUrl = toUri(feed.xmlUrl)
    if (xmlUrl === null) return []
    const text = escapeXml(plainText(feed.title) || xmlUrl)
    const htmlUrl = toUri(feed.htmlUrl, xmlUrl)
    const home = htmlUrl === null ? '' : ` htmlUrl="${escapeXml(htmlUrl)}"`
    return [`<outline type="rss" text="${text}" title="${text}" xmlUrl="${escapeXml(xmlUrl)}"${home}/>`]
  })
  const head = `<head><title>${escapeXml(plainText(title) || 'Newsfold')}</title></head>`
  return `<?xml version="1.0" encoding="UTF-8"?><opml version="2.0">${head}<body>${outlines.join('')}</body></opml>`
}
