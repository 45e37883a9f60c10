import { UnreadableError } from '../../model/errors.ts'
import type { ListingItem } from '../../model/listing-item.ts'
import type { JsonRules } from '../../model/source.ts'
import type { StatedTime } from '../../model/time.ts'
import { plainText } from '../plain-text.ts'
import { decodeFeed } from './decode.ts'
import { readDate } from './feed-date.ts'
import type { FeedSource } from './read-feed.ts'

/** What an API's answer says. */
export interface JsonList {
  readonly items: readonly ListingItem[]
  /** Where `rules.next` leads; `null` without it, and at the end. */
  readonly nextUrl: string | null
  /** Which parts were taken, in words for a person: `data.list: docUrl, title, pubDate`. */
  readonly reading: string
}

type Values = Readonly<Record<string, unknown>>

/** Names that APIs give these fields, the most telling first; spelling of case and underscores aside. */
const usualNames = {
  url: ['url', 'link', 'href', 'articleurl', 'docurl', 'docpuburl', 'weburl', 'pageurl', 'permalink', 'puburl', 'path'],
  title: ['title', 'doctitle', 'articletitle', 'headline', 'name', 'subject', 'bt', 'maintitle'],
  publishedAt: [
    'publishedat',
    'publishdate',
    'publishtime',
    'publisheddate',
    'pubdate',
    'pubtime',
    'docreltime',
    'docrelpubtime',
    'releasedate',
    'releasetime',
    'displaytime',
    'showtime',
    'date',
    'time',
    'createtime',
    'createdat',
    'createdate',
    'inputtime',
  ],
  summary: ['summary', 'abstract', 'docabstract', 'description', 'digest', 'excerpt', 'intro', 'zy'],
} as const

/** How deep a list may stand in an answer, and how many values are looked at to find it. */
const maxDepth = 6
const maxLooks = 20_000

/** Milliseconds of 2001 to 2100, and seconds of the same years: whatever else a number is, it is no time. */
const millisecondRange = [978_307_200_000, 4_102_444_800_000] as const

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at `data.list[0].url`; `undefined` when there is none. An empty path is the value itself. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value
  for (const step of path.split(/[.[\]]+/).filter((step) => step !== '')) {
    if (Array.isArray(current)) current = current[Number(step)]
    else if (isValues(current) && Object.hasOwn(current, step)) current = current[step]
    else return undefined
  }
  return current
}

/** JSON, also inside a call of a function as JSONP has it. */
function parse(text: string, url: string): unknown {
  const trimmed = text.trim()
  const call = /^[\w$.]+\(([\s\S]*)\)\s*;?$/.exec(trimmed)
  try {
    return JSON.parse(call?.[1] ?? trimmed)
  } catch (cause) {
    throw new UnreadableError(
      'not-json',
      `Cannot read listing ${url}: expected JSON, got ${text.length} characters beginning ` +
        `${JSON.stringify(trimmed.slice(0, 60))}. Check "listings" in the source's file.`,
      cause,
    )
  }
}

interface FoundList {
  readonly path: string
  readonly items: readonly unknown[]
}

/** The longest array whose members have titles and addresses. */
function findList(root: unknown): FoundList | null {
  let best: FoundList | null = null
  let looks = 0
  const visit = (value: unknown, path: string, depth: number): void => {
    if (depth > maxDepth || ++looks > maxLooks) return
    if (Array.isArray(value)) {
      const named = value.filter((each) => isValues(each) && usualField(each, 'title') !== null)
      if (named.length * 2 > value.length && value.length > (best?.items.length ?? 0)) best = { path, items: value }
      for (const [index, each] of value.slice(0, 3).entries()) visit(each, `${path}[${index}]`, depth + 1)
    } else if (isValues(value)) {
      for (const [name, each] of Object.entries(value)) visit(each, path === '' ? name : `${path}.${name}`, depth + 1)
    }
  }
  visit(root, '', 0)
  return best
}

function usualField(item: Values, field: keyof typeof usualNames): string | null {
  const names = new Map(Object.keys(item).map((name) => [name.toLowerCase().replaceAll(/[^a-z]/g, ''), name]))
  const usual = usualNames[field].find((usual) => names.has(usual) && isScalar(item[names.get(usual) ?? '']))
  return usual === undefined ? null : (names.get(usual) ?? null)
}

const isScalar = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

function textAt(item: unknown, path: string | null): string {
  const value = path === null ? undefined : valueAt(item, path)
  return isScalar(value) ? String(value) : ''
}

/** `https://…/detail/{id}.html` with the item's own values, escaped. */
function fill(template: string, item: unknown): string | null {
  let isWhole = true
  const filled = template.replaceAll(/\{([^{}]+)\}/g, (_, path: string) => {
    const text = textAt(item, path)
    isWhole &&= text !== ''
    return encodeURIComponent(text)
  })
  return isWhole ? filled : null
}

function timeOf(text: string, zone: string, from: string): StatedTime | null {
  const number = /^\d{10}(?:\d{3})?$/.test(text) ? Number(text) : null
  if (number === null) return readDate(text, zone, from)
  const ms = text.length === 13 ? number : number * 1000
  const isTime = ms >= millisecondRange[0] && ms <= millisecondRange[1]
  return isTime ? { at: new Date(ms).toISOString(), precision: 'second', zone: 'UTC', from } : null
}

function absolute(link: string | null, base: string): string | null {
  if (link === null || link.trim() === '' || !URL.canParse(link.trim(), base)) return null
  const url = new URL(link.trim(), base)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null
}

function listOf(root: unknown, rules: JsonRules, url: string): FoundList {
  if (rules.items === undefined) {
    const found = findList(root)
    if (found) return found
    throw new UnreadableError(
      'json.no-list',
      `Cannot read listing ${url}: expected an array of objects with titles somewhere in the JSON, got none. ` +
        'Say with "json.items" where the list is, such as "data.list".',
    )
  }
  const items: unknown = valueAt(root, rules.items)
  if (Array.isArray(items)) return { path: rules.items, items }
  throw new UnreadableError(
    'json.no-list',
    `Cannot read listing ${url}: expected an array at "${rules.items}", got ${items === undefined ? 'nothing' : typeof items}. ` +
      'Correct "json.items" in the source\'s file.',
  )
}

/**
 * Reads a list out of an API's answer. What the rules leave open is found by the names that APIs usually give.
 * @throws {UnreadableError} `not-json`, `json.no-list`
 */
export function readJsonList(body: Uint8Array, from: FeedSource, rules: JsonRules = {}): JsonList {
  const root = parse(decodeFeed(body, from.contentType), from.url)
  const list = listOf(root, rules, from.url)
  const zone = from.timeZone ?? 'UTC'
  const sample = list.items.find(isValues) ?? {}
  const pathOf = (field: keyof typeof usualNames) => rules[field] ?? usualField(sample, field)
  const paths = {
    url: pathOf('url'),
    title: pathOf('title'),
    publishedAt: pathOf('publishedAt'),
    summary: pathOf('summary'),
  }
  const items = list.items.flatMap((item): ListingItem[] => {
    const link = rules.urlTemplate === undefined ? textAt(item, paths.url) : fill(rules.urlTemplate, item)
    const url = absolute(link, from.url)
    if (url === null) return []
    const publishedAt = timeOf(textAt(item, paths.publishedAt), zone, `json:${paths.publishedAt}`)
    const summary = plainText(textAt(item, paths.summary)) || null
    return [{ url, title: plainText(textAt(item, paths.title)) || null, publishedAt, summary }]
  })
  const taken = Object.values({ ...paths, url: rules.urlTemplate ?? paths.url }).filter((path) => path !== null)
  return {
    items,
    nextUrl: rules.next === undefined ? null : absolute(textAt(root, rules.next), from.url),
    reading: `${list.path || 'the whole'}: ${taken.join(', ')}`,
  }
}
