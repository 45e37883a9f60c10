import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { SampledPage, SampleReading } from '../crawlers/sample-source.ts'
import type { Article } from '../model/article.ts'
import { ConfigurationError, describeError } from '../model/errors.ts'
import type { ListingItem } from '../model/listing-item.ts'
import { sourceSchema, type Source } from '../model/source.ts'
import type { StatedTime } from '../model/time.ts'

const pageSchema = z.strictObject({
  role: z.enum(['listing', 'article']),
  file: z.string(),
  requestedUrl: z.string(),
  url: z.string(),
  status: z.int(),
  contentType: z.string().nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  fetchedAt: z.iso.datetime(),
})

/** `recording.json`: which pages were kept of a source, and how they were read. */
const recordingSchema = z.strictObject({
  /** What the source's file said; used where there is no such file any more. */
  source: z.record(z.string(), z.unknown()),
  pages: z.array(pageSchema),
})

export interface Recording {
  readonly source: Source
  readonly pages: readonly SampledPage[]
}

/** Where recordings are, one folder a source. */
export function recordingsFolder(configFolder: string): string {
  return join(dirname(configFolder), 'test', 'fixtures', 'sources')
}

const extensionByType: readonly (readonly [type: RegExp, extension: string])[] = [
  [/json/i, 'json'],
  [/rss|atom|xml/i, 'xml'],
  [/gzip/i, 'gz'],
  [/html|^$/i, 'html'],
]

function fileName(role: string, number: number, contentType: string | null): string {
  const type = contentType?.split(';', 1)[0] ?? ''
  const extension = /xhtml/i.test(type) ? 'html' : extensionByType.find(([pattern]) => pattern.test(type))?.[1]
  return `${role}-${number}.${extension ?? 'bin'}`
}

/** Keeps pages as they came, how they came, and what was read out of them; what was there before goes. */
export function writeRecording(folder: string, source: Source, pages: readonly SampledPage[], expected: unknown): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const numbers = { listing: 0, article: 0 }
  const records = pages.map(({ role, page }) => {
    const { body, fetchedAt, freshForMs: _, ...headers } = page
    const file = fileName(role, ++numbers[role], page.contentType)
    writeFileSync(join(folder, file), body)
    return { role, file, ...headers, fetchedAt: fetchedAt.toISOString() }
  })
  const { id, name, language, timeZone, kind, listings, rules } = source
  const kept = { id, name, language, timeZone, kind, listings, ...(rules && { rules }) }
  writeJson(join(folder, 'recording.json'), recordingSchema.parse({ source: kept, pages: records }))
  writeJson(join(folder, 'expected.json'), expected)
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * Reads a recording.
 * @throws {ConfigurationError} `recording.unreadable`: there is none, or it is not whole
 */
export function readRecording(folder: string): Recording & { readonly expected: unknown } {
  try {
    const recording = recordingSchema.parse(JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8')))
    const expected: unknown = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
    const pages = recording.pages.map(({ role, file, fetchedAt, ...headers }) => {
      const body = new Uint8Array(readFileSync(join(folder, basename(file))))
      return { role, page: { ...headers, body, fetchedAt: new Date(fetchedAt) } }
    })
    return { source: sourceSchema.parse(recording.source), pages, expected }
  } catch (cause) {
    throw new ConfigurationError(
      'recording.unreadable',
      `Cannot read the recording in ${folder}: ${describeError(cause)}. "newsfold source record ${basename(folder)}" makes one.`,
      cause,
    )
  }
}

/** Ids of the sources that were recorded. */
export function recordedIds(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch {
    return []
  }
}

const timeOf = (time: StatedTime | null) => time && `${time.at} ${time.precision}`

function itemFacts({ url, title, publishedAt, summary }: ListingItem) {
  return { url, title, publishedAt: timeOf(publishedAt), summary }
}

function articleFacts(article: Article) {
  const { url, title, byline, origin, editor, language, publishedAt, modifiedAt, bodyText, images, attachments } =
    article
  return {
    url,
    title,
    byline,
    origin,
    editor,
    language,
    publishedAt: timeOf(publishedAt),
    modifiedAt: timeOf(modifiedAt),
    paragraphs: bodyText.split('\n'),
    images: images.map((image) => image.url),
    attachments: attachments.map(({ url, name }) => ({ url, name })),
  }
}

/** What a recording expects: all that readers see of the listing and of the articles, and no measure that may move. */
export function factsOf(sample: SampleReading): unknown {
  return {
    listings: sample.listings.map(({ url, items, problem }) => ({ url, items: items.map(itemFacts), problem })),
    articles: sample.articles.map(({ url, article, problem }) => ({
      requestedUrl: url,
      article: article && articleFacts(article),
      problem,
    })),
  }
}

/** Where two values differ, one line each: `articles.0.article.title: expected "A", got "B"`. */
export function differences(expected: unknown, got: unknown, path = ''): string[] {
  if (isRecord(expected) && isRecord(got)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(got)])]
    return names.flatMap((name) => differences(expected[name], got[name], path === '' ? name : `${path}.${name}`))
  }
  const [before, now] = [JSON.stringify(expected) ?? 'nothing', JSON.stringify(got) ?? 'nothing']
  return before === now ? [] : [`${path}: expected ${shorten(before)}, got ${shorten(now)}`]
}

const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 160)}…` : text)

/** Objects and arrays, whose members have names. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
