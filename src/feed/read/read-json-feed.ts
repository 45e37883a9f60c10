import type { ArticleImage, Attachment } from '../../model/article.ts'
import type { FeedDocument, FeedItem } from '../../model/feed-document.ts'
import type { StatedTime } from '../../model/time.ts'
import { oneLine, plainText } from '../plain-text.ts'
import { xmlText } from '../xml-text.ts'
import { assumedZone } from './assumed-zone.ts'
import { readDate } from './feed-date.ts'
import { absolute, escapeHtml, withAbsoluteLinks } from './field.ts'
import type { FeedSource } from './read-feed.ts'

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** A text, or a number where a feed writes one for it (ids); `null` when there is none. */
function stringOf(value: unknown): string | null {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  return typeof text === 'string' && text.trim() !== '' ? xmlText(text).trim() : null
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function strings(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.flatMap((part) => stringOf(part) ?? []) : []
  return [...new Set(texts.map(oneLine))]
}

/** Line breaks and tabs that a program wrote into its strings as they are. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return JSON.parse(text.replace(/[\0-\x1f]/g, ' '))
    } catch {
      return null
    }
  }
}

/** Authors of version 1.1, else the one of version 1.0. */
function authorsOf(holder: JsonObject): string[] {
  const { authors, author } = holder
  const people = objects(authors).length > 0 ? objects(authors) : isObject(author) ? [author] : []
  const names = people.flatMap((person) => stringOf(person['name']) ?? stringOf(person['url']) ?? [])
  return [...new Set(names.map(oneLine))]
}

function imagesOf(item: JsonObject, base: string): ArticleImage[] {
  const urls = [item['image'], item['banner_image']].flatMap((link) => absolute(stringOf(link), base) ?? [])
  return [...new Set(urls)].map((url) => ({ url, alt: null, caption: null, width: null, height: null }))
}

function attachmentsOf(item: JsonObject, base: string): Attachment[] {
  return objects(item['attachments']).flatMap((file) => {
    const url = absolute(stringOf(file['url']), base)
    if (url === null) return []
    const bytes = positive(file['size_in_bytes'])
    const name = stringOf(file['title']) ?? new URL(url).pathname.split('/').at(-1) ?? url
    return [{ url, name, mediaType: stringOf(file['mime_type']), ...(bytes === null ? {} : { bytes }) }]
  })
}

interface Context {
  readonly base: string
  readonly zone: string
  readonly language: string | null
  readonly authors: readonly string[]
}

function dateOf(item: JsonObject, key: string, zone: string): StatedTime | null {
  const text = stringOf(item[key])
  return text === null ? null : readDate(text, zone, key)
}

function readItem(item: JsonObject, context: Context): FeedItem {
  const { base, zone } = context
  const url = absolute(stringOf(item['url']), base) ?? absolute(stringOf(item['external_url']), base)
  const html = stringOf(item['content_html'])
  const plain = stringOf(item['content_text'])
  const content = html ?? (plain === null ? null : escapeHtml(plain))
  const own = authorsOf(item)
  const extension = isObject(item['_newsfold']) ? item['_newsfold'] : {}
  const title = plainText(stringOf(item['title']) ?? '') || null
  return {
    id: stringOf(item['id']) ?? url ?? title ?? '',
    url,
    title,
    summary: plainText(stringOf(item['summary']) ?? '') || null,
    contentHtml: content === null ? null : withAbsoluteLinks(content, url ?? base),
    authors: own.length > 0 ? own : context.authors,
    origin: stringOf(extension['origin']),
    categories: strings(item['tags']),
    publishedAt: dateOf(item, 'date_published', zone),
    updatedAt: dateOf(item, 'date_modified', zone),
    images: imagesOf(item, base),
    attachments: attachmentsOf(item, base),
    copies: objects(extension['copies']).flatMap((copy) => {
      const url = absolute(stringOf(copy['url']), base)
      return url === null ? [] : [{ name: stringOf(copy['name']) ?? new URL(url).hostname, url }]
    }),
    language: stringOf(item['language']) ?? context.language,
    events: [],
  }
}

/** JSON Feed 1.0 and 1.1; `null` when the text is no JSON, or other JSON. */
export function readJsonFeed(text: string, from: FeedSource): FeedDocument | null {
  const feed = parseJson(text)
  if (!isObject(feed) || !Array.isArray(feed['items'])) return null
  const items = objects(feed['items'])
  const isFeed = /jsonfeed/i.test(stringOf(feed['version']) ?? '')
  if (!isFeed && !items.some((item) => 'content_html' in item || 'content_text' in item || 'date_published' in item))
    return null
  const language = stringOf(feed['language'])
  const title = plainText(stringOf(feed['title']) ?? '') || null
  const zone = assumedZone(from, language, title ?? '')
  const hub =
    objects(feed['hubs']).find((hub) => /websub/i.test(stringOf(hub['type']) ?? '')) ?? objects(feed['hubs'])[0]
  const next = absolute(stringOf(feed['next_url']), from.url)
  const context = { base: from.url, zone, language, authors: authorsOf(feed) }
  return {
    title,
    description: plainText(stringOf(feed['description']) ?? '') || null,
    homeUrl: absolute(stringOf(feed['home_page_url']), from.url),
    selfUrl: absolute(stringOf(feed['feed_url']), from.url),
    hubUrl: absolute(stringOf(hub?.['url']), from.url),
    language,
    updatedAt: null,
    ttlMinutes: null,
    items: items.map((item) => readItem(item, context)),
    ...(next === null ? {} : { pages: { next } }),
  }
}
