import { gunzipSync } from 'node:zlib'
import { Tokenizer } from 'htmlparser2'
import { UnreadableError } from '../../model/errors.ts'
import type { StatedTime } from '../../model/time.ts'
import { plainText } from '../plain-text.ts'
import { decodeFeed } from './decode.ts'
import { readDate } from './feed-date.ts'
import { QuietHandler } from './quiet-handler.ts'
import type { FeedSource } from './read-feed.ts'
import { decodeText } from './xml-tree.ts'

/** One `<url>` of a sitemap, or one `<sitemap>` of an index. */
export interface SitemapEntry {
  /** Absolute http(s) address. */
  readonly url: string
  /** `lastmod`: when the page was changed, or the sitemap. */
  readonly changedAt: StatedTime | null
  /** Of a news sitemap. */
  readonly title: string | null
  readonly publishedAt: StatedTime | null
}

export interface Sitemap {
  /** `index`: the entries are sitemaps. */
  readonly kind: 'pages' | 'index'
  readonly entries: readonly SitemapEntry[]
}

/** The protocol's own bounds (sitemaps.org, "Sitemap file guidelines"): what lies beyond is not read. */
const maxEntries = 50_000
const maxBytes = 50 * 1024 * 1024
const headLength = 4096

function isGzip(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b
}

/** The XML, unpacked when the file itself is gzip (`sitemap.xml.gz`). */
function unpack(body: Uint8Array, url: string): Uint8Array {
  if (!isGzip(body)) return body
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes })
  } catch (cause) {
    throw new UnreadableError(
      'sitemap.gzip',
      `Cannot read sitemap ${url}: expected at most ${maxBytes / 2 ** 20} MB of gzip that is whole, got more or damage.`,
      cause,
    )
  }
}

/** Whether bytes are a sitemap or an index of sitemaps, by their beginning; gzip by the address. */
export function looksLikeSitemap(body: Uint8Array, from: { url: string }): boolean {
  if (isGzip(body)) return /\.xml\.gz$/i.test(new URL(from.url).pathname)
  return /<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]/i.test(decodeFeed(body.subarray(0, headLength), null))
}

type Field = 'loc' | 'lastmod' | 'title' | 'publication_date'
const fields: ReadonlySet<string> = new Set<Field>(['loc', 'lastmod', 'title', 'publication_date'])
const isField = (name: string): name is Field => fields.has(name)

/** Names in small letters, without their prefix: `news:title` is `title`, and so is `n:title`. */
const localName = (name: string) => name.toLowerCase().replace(/^.*:/, '')

/** Collects entries while the tokenizer goes over the text; elements that it does not know cost nothing. */
class EntryBuilder extends QuietHandler {
  readonly entries: Partial<Record<Field, string>>[] = []
  isIndex = false
  readonly #source: string
  #entry: Partial<Record<Field, string>> | null = null
  #field: Field | null = null
  /** Inside `image:image` and `video:video`, whose titles and addresses are of pictures. */
  #media = 0

  constructor(source: string) {
    super()
    this.#source = source
  }

  onopentagname(start: number, end: number): void {
    const name = localName(this.#source.slice(start, end))
    if (name === 'sitemapindex') this.isIndex = true
    if ((name === 'url' || name === 'sitemap') && this.entries.length < maxEntries) {
      this.#entry = {}
      this.entries.push(this.#entry)
    }
    if (name === 'image' || name === 'video') this.#media += 1
    this.#field = this.#media === 0 && isField(name) ? name : null
  }

  onclosetag(start: number, end: number): void {
    const name = localName(this.#source.slice(start, end))
    if (name === 'url' || name === 'sitemap') this.#entry = null
    if (name === 'image' || name === 'video') this.#media = Math.max(0, this.#media - 1)
    this.#field = null
  }

  ontext(start: number, end: number): void {
    this.#add(decodeText(this.#source.slice(start, end)))
  }

  oncdata(start: number, end: number, endOffset: number): void {
    this.#add(this.#source.slice(start, end - endOffset))
  }

  #add(text: string): void {
    if (this.#entry && this.#field) this.#entry[this.#field] = (this.#entry[this.#field] ?? '') + text
  }

  onselfclosingtag(): void {
    this.#field = null
  }

  onopentagend(): void {}
  onattribname(): void {}
  onattribdata(): void {}
  onattribend(): void {}
}

/**
 * Reads a sitemap (sitemaps.org 0.9, with Google's news extension), an index of sitemaps, or either packed with gzip.
 * Entries stand newest first where they state when they changed; addresses on other schemes are left out.
 * @throws {UnreadableError} code `not-a-sitemap`, `sitemap.gzip`
 */
export function readSitemap(body: Uint8Array, from: FeedSource): Sitemap {
  const text = decodeFeed(unpack(body, from.url), from.contentType)
  const builder = new EntryBuilder(text)
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: false }, builder)
  tokenizer.write(text)
  tokenizer.end()
  if (builder.entries.length === 0 && !/<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s/>]/i.test(text.slice(0, headLength))) {
    throw new UnreadableError(
      'not-a-sitemap',
      `Cannot read ${from.url} as a sitemap: expected <urlset> or <sitemapindex>, got ${text.length} characters ` +
        `beginning ${JSON.stringify(text.slice(0, 60).trim())}. Check the address, or use another kind of listing.`,
    )
  }
  const zone = from.timeZone ?? 'UTC'
  const entries = builder.entries.flatMap((entry) => toEntry(entry, { base: from.url, zone }))
  return { kind: builder.isIndex ? 'index' : 'pages', entries: entries.toSorted(byChange) }
}

function toEntry(entry: Partial<Record<Field, string>>, at: { base: string; zone: string }): SitemapEntry[] {
  const loc = entry.loc?.trim() ?? ''
  const url = URL.canParse(loc, at.base) && loc !== '' ? new URL(loc, at.base) : null
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return []
  return [
    {
      url: url.href,
      changedAt: readDate(entry.lastmod ?? '', at.zone, 'sitemap:lastmod'),
      title: plainText(entry.title ?? '') || null,
      publishedAt: readDate(entry.publication_date ?? '', at.zone, 'sitemap:publication_date'),
    },
  ]
}

/** Newest first; entries without any date keep their order behind the dated ones. */
function byChange(a: SitemapEntry, b: SitemapEntry): number {
  const at = ({ publishedAt, changedAt }: SitemapEntry) => (publishedAt ?? changedAt)?.at ?? ''
  return at(b).localeCompare(at(a))
}
