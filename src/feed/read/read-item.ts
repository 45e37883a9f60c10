import type { ArticleImage, Attachment } from '../../model/article.ts'
import type { FeedItem } from '../../model/feed-document.ts'
import type { StatedTime } from '../../model/time.ts'
import { readDate } from './feed-date.ts'
import { absolute, all, baseOf, date, first, html, line, text, withAbsoluteLinks } from './field.ts'
import { readMedia } from './read-media.ts'
import type { XmlElement } from './xml-tree.ts'

/** What an item takes from the feed around it. */
export interface ItemContext {
  readonly url: string
  /** IANA zone of dates that state none. */
  readonly zone: string
  readonly feed: XmlElement
  readonly language: string | null
}

/** `editor@example.org (王芳)` and `王芳 <editor@example.org>` as `王芳`. */
function personName(stated: string | null): string | null {
  if (stated === null) return null
  const named = /^[^\s@]+@[^\s@]+\s*\((.+)\)$/.exec(stated) ?? /^(.+?)\s*[<(][^\s@<>()]+@[^\s@<>()]+[>)]$/.exec(stated)
  return (named?.[1] ?? stated).trim().replace(/^"(.*)"$/, '$1') || null
}

function atomAuthors(parent: XmlElement | null): string[] {
  return all(parent, 'atom:author').flatMap((author) => {
    const part = first(author, 'atom:name', 'name', 'atom:email', 'email', 'atom:uri', 'uri') ?? author
    return personName(line(part)) ?? []
  })
}

function authorsOf(item: XmlElement, feed: XmlElement): string[] {
  const stated = ['dc:creator', 'author', 'dc:author', 'itunes:author'].map((name) =>
    all(item, name).flatMap((author) => personName(text(first(author, 'name', 'atom:name') ?? author)) ?? []),
  )
  const own = [...atomAuthors(item), ...(stated.find((names) => names.length > 0) ?? [])]
  const inherited = own.length > 0 ? own : atomAuthors(first(item, 'atom:source'))
  // RFC 4287 §4.2.1: an entry without an author has the feed's.
  return [...new Set(inherited.length > 0 || item.name !== 'atom:entry' ? inherited : atomAuthors(feed))]
}

function originOf(item: XmlElement): string | null {
  const source = first(item, 'source') ?? first(first(item, 'atom:source'), 'atom:title')
  return text(source ?? first(item, 'dc:source', 'dc:publisher'))
}

/** A category and those inside it. */
function podcastCategories({ attributes, text, children }: XmlElement): string[] {
  return [attributes['text'] ?? text, ...children.flatMap(({ attributes }) => attributes['text'] ?? [])]
}

function categoriesOf(item: XmlElement): string[] {
  const named = item.children.flatMap((child) => {
    const { name, text, attributes } = child
    if (name === 'category' || name === 'dc:subject') return [text || (attributes['text'] ?? '')]
    if (name === 'media:category') return [attributes['label'] || text]
    if (name === 'atom:category') return [attributes['label'] || attributes['term'] || text]
    if (name === 'itunes:category') return podcastCategories(child)
    return name === 'itunes:keywords' || name === 'media:keywords' ? text.split(/[,，]/) : []
  })
  return [...new Set(named.map((name) => name.replace(/\s+/g, ' ').trim()))].filter((name) => name !== '')
}

function linkOf(item: XmlElement, url: string): string | null {
  for (const link of all(item, 'link')) {
    const address = absolute(link.text || link.attributes['href'], baseOf(link, url))
    if (address) return address
  }
  // The Channel Definition Format, from before RSS.
  const own = absolute(item.attributes['href'], baseOf(item, url))
  if (own) return own
  const alternates = all(item, 'atom:link').filter(
    ({ attributes }) => (attributes['rel'] ?? 'alternate') === 'alternate',
  )
  const page = alternates.find(({ attributes }) => /html/.test(attributes['type'] ?? 'html')) ?? alternates[0]
  const address = page && absolute(page.attributes['href'] ?? page.text, baseOf(page, url))
  if (address) return address
  const guid = first(item, 'guid')
  const isPermaLink =
    guid && guid.attributes['ispermalink']?.trim().toLowerCase() !== 'false' && /^\s*https?:/i.test(guid.text)
  if (isPermaLink) return absolute(guid.text, url)
  const about = item.attributes['rdf:about']
  return about === undefined ? null : absolute(about, baseOf(item, url))
}

/** What Media RSS says of a group or of a file, for items that say nothing themselves. */
function inMedia(item: XmlElement, name: string): XmlElement | null {
  return first(first(item, 'media:group') ?? first(item, 'media:content'), name)
}

function unique<Thing extends { readonly url: string }>(things: readonly Thing[]): Thing[] {
  return [...new Map(things.toReversed().map((thing) => [thing.url, thing])).values()].toReversed()
}

/** When an element of the Channel Definition Format was changed. */
export function lastModified({ attributes }: XmlElement, zone: string): StatedTime | null {
  const stated = attributes['lastmod']
  return stated === undefined ? null : readDate(stated, zone, 'lastmod')
}

/** One item or entry of a feed in XML. */
export function readItem(item: XmlElement, context: ItemContext): FeedItem {
  const { url: documentUrl, zone } = context
  const url = linkOf(item, documentUrl)
  const title = text(
    first(item, 'title', 'atom:title', 'dc:title', 'media:title', 'itunes:title') ?? inMedia(item, 'media:title'),
  )
  const short = first(item, 'summary', 'atom:summary')
  const described = first(item, 'description', 'dc:description', 'abstract', 'itunes:summary')
  const body =
    first(item, 'content:encoded', 'atom:content', 'xhtml:body', 'body', 'fullitem', 'content:items') ??
    // With a summary beside it, the description is the text.
    (short && described)
  const description =
    short ?? described ?? first(item, 'media:description', 'itunes:subtitle') ?? inMedia(item, 'media:description')
  const content = html(body) ?? html(description)
  const media = readMedia(item, documentUrl)
  const id = line(first(item, 'guid', 'atom:id', 'dc:identifier')) ?? item.attributes['rdf:about'] ?? url ?? title
  const images: ArticleImage[] = unique(media.images)
  const attachments: Attachment[] = unique(media.attachments)
  return {
    id: id ?? text(description) ?? '',
    url,
    title,
    summary: text(description),
    contentHtml: content === null ? null : withAbsoluteLinks(content, baseOf(body ?? description, url ?? documentUrl)),
    authors: authorsOf(item, context.feed),
    origin: originOf(item),
    categories: categoriesOf(item),
    publishedAt: date(
      item,
      zone,
      'pubdate',
      'atom:published',
      'atom:issued',
      'dcterms:issued',
      'dc:date',
      'dcterms:created',
      'atom:created',
    ),
    updatedAt: date(item, zone, 'atom:updated', 'atom:modified', 'dcterms:modified') ?? lastModified(item, zone),
    images,
    attachments,
    copies: [],
    language: line(first(item, 'dc:language')) ?? item.attributes['xml:lang'] ?? context.language,
    events: [],
  }
}
