import { cdata, escapeXml } from '../xml-text.ts'
import { mediaContents } from './media-content.ts'
import type { WrittenItem } from './written-item.ts'

/** RSS 2.0 demands a length and has no word for "unknown"; its Advisory Board's profile says to write 0 then. */
const UNKNOWN_LENGTH = 0

function enclosure(item: WrittenItem): string {
  // One is what RSS readers, and the W3C feed validator, take; all files are in Atom and JSON Feed.
  const file = item.attachments[0]
  if (!file) return ''
  const type = file.mediaType ?? 'application/octet-stream'
  return `<enclosure url="${escapeXml(file.url)}" length="${file.bytes ?? UNKNOWN_LENGTH}" type="${escapeXml(type)}"/>`
}

function repeated(name: string, values: readonly string[]): string {
  let xml = ''
  for (const value of values) xml += `<${name}>${cdata(value)}</${name}>`
  return xml
}

/**
 * One item of RSS 2.0. Not through `rss`: the tree that it builds of an item, and the one that its serialiser builds of
 * that, cost more than all our hygiene (`bench/write.ts`).
 */
export function rssItem(item: WrittenItem): string {
  const description = item.summary === '' ? item.title : item.summary
  let xml = `<item><title>${cdata(item.title)}</title><description>${cdata(description)}</description>`
  if (item.url !== null) xml += `<link>${escapeXml(item.url)}</link>`
  xml += `<guid isPermaLink="false">${escapeXml(item.id)}</guid>`
  xml += repeated('category', item.categories) + repeated('dc:creator', item.authors)
  if (item.origin !== null) xml += `<dc:publisher>${cdata(item.origin)}</dc:publisher>`
  if (item.published) xml += `<pubDate>${item.published.toUTCString()}</pubDate>`
  if (item.updated) xml += `<atom:updated>${item.updated.toISOString()}</atom:updated>`
  if (item.contentHtml !== '') xml += `<content:encoded>${cdata(item.contentHtml)}</content:encoded>`
  xml += enclosure(item) + mediaContents(item)
  for (const copy of item.copies) {
    xml += `<atom:link rel="related" href="${escapeXml(copy.url)}" title="${escapeXml(copy.name)}"/>`
  }
  return `${xml}</item>`
}
