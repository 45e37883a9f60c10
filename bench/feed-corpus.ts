import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { load } from 'cheerio'
import { parseFeed } from 'feedsmith'
import RssParser from 'rss-parser'
import { readFeed } from '../src/feed/public.ts'
import { valueAt } from '../src/feed/read/read-json-list.ts'

/** Where such a collection is served when its own program tests it: relative links are meant against it. */
const servedAt = 'http://127.0.0.1:8097/'

/** One thing that a file says a reader should find: a field of the feed or of an entry, and its text. */
interface Check {
  readonly item: number | null
  readonly field: string
  readonly wanted: string
}

/** The fields of a feed and of its items by the names that the collection gives them; what is not here is not counted. */
const feedFields: Readonly<Record<string, string>> = {
  title: 'title',
  'title_detail.value': 'title',
  link: 'link',
  subtitle: 'description',
  'subtitle_detail.value': 'description',
  tagline: 'description',
  description: 'description',
  language: 'language',
  updated: 'updated',
  modified: 'updated',
}
const itemFields: Readonly<Record<string, string>> = {
  title: 'title',
  'title_detail.value': 'title',
  link: 'link',
  id: 'id',
  guid: 'id',
  summary: 'summary',
  description: 'summary',
  'summary_detail.value': 'summary',
  'content.0.value': 'content',
  author: 'author',
  'author_detail.name': 'author',
  'authors.0.name': 'author',
  published: 'published',
  issued: 'published',
  updated: 'updated',
  modified: 'updated',
  category: 'categories.0',
  'tags.0.term': 'categories.0',
  'tags.1.term': 'categories.1',
  'enclosures.0.href': 'enclosures.0',
  'enclosures.0.url': 'enclosures.0',
  'enclosures.1.href': 'enclosures.1',
  language: 'language',
  'source.title': 'origin',
}

const term =
  /^(feed|entries\[(\d+)\])((?:\.\w+|\['\w+'\]|\["\w+"\]|\[\d+\])+)\s*==\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")$/

/** A string literal of Python. */
function literal(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:x([\da-f]{2})|u([\da-f]{4})|(.))/gi, (_, x?: string, u?: string, one?: string) =>
      one === undefined ? String.fromCharCode(Number.parseInt(x ?? u ?? '', 16)) : one === 'n' ? '\n' : one,
    )
}

/** What a file expects, as far as it is about fields that readers here have; `null` when it is not. */
function checksOf(text: string): Check[] | null {
  const expect = /^\s*Expect:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? ''
  const terms = expect
    .split(/\s+and\s+(?=feed|entries)/)
    .map((each) => each.replace(/^(?:not )?bozo(?: and )?/, '').trim())
  const checks = terms.flatMap((each): Check[] => {
    const match = term.exec(each)
    if (!match) return []
    const [, , item, path = '', wanted = ''] = match
    const name = path.replaceAll(/[[\]'".]+/g, '.').replaceAll(/^\.|\.$/g, '')
    const field = (item === undefined ? feedFields : itemFields)[name]
    return field === undefined
      ? []
      : [{ item: item === undefined ? null : Number(item), field, wanted: literal(wanted) }]
  })
  return checks.length === terms.filter((each) => each !== '').length && checks.length > 0 ? checks : null
}

/** What a reader makes of a feed, by our names of fields. */
type Found = (check: Check) => string | undefined

/** Where a library puts its fields: the first of the paths that holds something. */
type Places = Readonly<Record<string, readonly string[]>>

const at = (value: unknown, places: readonly string[]) =>
  places
    .map((path) => valueAt(value, path))
    .map((each) => (each instanceof Date ? each.toISOString() : each))
    .find((each) => typeof each === 'string')

const foundBy = (feed: unknown, items: readonly string[], feedPlaces: Places, itemPlaces: Places): Found => {
  return ({ item, field }) => {
    if (item === null) return at(feed, feedPlaces[field] ?? [])
    const [name = '', index = '0'] = field.split('.')
    const places = (itemPlaces[name] ?? []).map((path) => path.replace('*', index))
    return at(
      items.map((path) => valueAt(feed, path)).find(Array.isArray),
      places.map((path) => `[${item}].${path}`),
    )
  }
}

const readers: Readonly<Record<string, (body: Uint8Array, url: string) => Promise<Found>>> = {
  newsfold: async (body, url) =>
    foundBy(
      readFeed(body, { url }),
      ['items'],
      {
        title: ['title'],
        link: ['homeUrl'],
        description: ['description'],
        language: ['language'],
        updated: ['updatedAt.at'],
      },
      {
        title: ['title'],
        link: ['url'],
        id: ['id'],
        summary: ['summary'],
        content: ['contentHtml'],
        author: ['authors[0]'],
        published: ['publishedAt.at'],
        updated: ['updatedAt.at'],
        categories: ['categories[*]'],
        enclosures: ['attachments[*].url', 'images[*].url'],
        language: ['language'],
        origin: ['origin'],
      },
    ),
  'rss-parser': async (body) =>
    foundBy(
      await new RssParser({ customFields: { feed: ['language'], item: ['language', 'dc:language'] } }).parseString(
        Buffer.from(body).toString('utf8'),
      ),
      ['items'],
      {
        title: ['title'],
        link: ['link'],
        description: ['description'],
        language: ['language'],
        updated: ['lastBuildDate', 'pubDate'],
      },
      {
        title: ['title'],
        link: ['link'],
        id: ['guid', 'id'],
        summary: ['summary', 'contentSnippet', 'content'],
        content: ['content:encoded', 'content'],
        author: ['author', 'creator', 'itunes.author'],
        published: ['isoDate', 'pubDate'],
        updated: ['updated', 'isoDate'],
        categories: ['categories[*]', 'categories[*]._', 'categories[*].$.term'],
        enclosures: ['enclosure.url'],
        language: ['language', 'dc:language'],
        origin: ['source'],
      },
    ),
  feedsmith: async (body) =>
    foundBy(
      parseFeed(Buffer.from(body).toString('utf8')).feed,
      ['items', 'entries'],
      {
        title: ['title.value', 'title', 'dc.titles[0]', 'dc.title'],
        link: ['link', 'links[0].href'],
        description: ['description', 'subtitle.value', 'subtitle', 'itunes.summary'],
        language: ['language', 'dc.languages[0]', 'dc.language', 'xml.lang'],
        updated: ['lastBuildDate', 'updated', 'pubDate', 'dc.dates[0]', 'dc.date'],
      },
      {
        title: ['title.value', 'title', 'media.title.value'],
        link: ['link', 'links[0].href'],
        id: ['guid.value', 'guid', 'id', 'rdf.about'],
        summary: ['description', 'summary.value', 'summary', 'dc.descriptions[0]', 'itunes.summary'],
        content: ['content.encoded', 'content.value', 'content', 'description'],
        author: ['authors[0].name', 'authors[0]', 'dc.creators[0]', 'itunes.author'],
        published: ['pubDate', 'published', 'dcterms.issued[0]', 'dc.dates[0]'],
        updated: ['updated', 'dcterms.modified[0]'],
        categories: ['categories[*].name', 'categories[*].term', 'dc.subjects[*]', 'media.categories[*].name'],
        enclosures: ['enclosures[*].url', 'media.contents[*].url'],
        language: ['dc.languages[0]', 'xml.lang'],
        origin: ['source.title.value', 'source.title'],
      },
    ),
}

const text = (html: string) => load(html).text().replaceAll(/\s+/g, ' ').trim()
const markup = (html: string) => load(html, null, false).html().replaceAll(/\s+/g, ' ').trim()

/** Titles and summaries may be read as text or as markup; times are instants. */
function isSame({ field, wanted }: Check, found: string | undefined): boolean {
  if (found === undefined) return wanted === ''
  const got = found.trim()
  if (field === 'published' || field === 'updated') return Date.parse(got) === Date.parse(wanted)
  return got === wanted.trim() || markup(got) === markup(wanted) || (field !== 'content' && got === text(wanted))
}

const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`

/**
 * Scores readers on a folder of small feeds that each say in a comment what a reader should find
 * (`Expect: entries[0]['title'] == 'One'`), such as feedparser's tests: how many are read, how many fields are right.
 */
export async function scoreCorpus(folder: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml'))
  const cases = files.map((name) => {
    const body = new Uint8Array(readFileSync(join(folder, name)))
    const head = Buffer.from(body.subarray(0, 4096)).toString('utf8')
    const location = /^\s*Header:\s*Content-Location:\s*(\S+)/im.exec(head)?.[1]
    const url = new URL(location ?? relative(folder, join(folder, name)).split(sep).join('/'), servedAt).href
    return { body, url, checks: checksOf(head) }
  })
  const unasked = cases.filter(({ checks }) => checks === null).length
  process.stdout.write(`${cases.length} files, ${unasked} of which ask for nothing that is compared here\n`)
  for (const [name, read] of Object.entries(readers)) {
    let [parsed, right, asked] = [0, 0, 0]
    for (const { body, url, checks } of cases) {
      const found = await read(body, url).catch(() => null)
      if (found) parsed += 1
      for (const check of checks ?? []) {
        asked += 1
        if (found && isSame(check, found(check))) right += 1
      }
    }
    process.stdout.write(
      `${name}: ${share(parsed, cases.length)} read, ${share(right, asked)} of ${asked} fields right\n`,
    )
  }
}
