import { oneLine } from './clean-text.ts'

/** What schema.org data of the page says of its article. */
export interface LinkedArticle {
  readonly headline: string | null
  readonly datePublished: string | null
  readonly dateModified: string | null
  readonly author: string | null
  readonly publisher: string | null
  readonly description: string | null
  readonly articleBody: string | null
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const articleTypes = /(?:Article|BlogPosting|Report|NewsItem|PressRelease|SocialMediaPosting)$/

/** Publishers leave line breaks in strings, comments around the data and commas at ends; one repair is tried. */
function parse(source: string): unknown {
  const bare = source
    .replace(/^\s*(?:<!--|\/\*<!\[CDATA\[\*\/|<!\[CDATA\[)?/, '')
    .replace(/(?:-->|\]\]>|\/\*\]\]>\*\/)?[\s;]*$/, '')
  for (const text of [bare, bare.replace(/[\u0000-\u001f]+/g, ' ').replace(/,\s*([}\]])/g, '$1')]) {
    try {
      return JSON.parse(text)
    } catch {
      continue
    }
  }
  return null
}

function* objectsIn(value: unknown, depth = 0): Generator<Json> {
  // `@graph`, `mainEntity` and arrays nest by two or three; deeper data is about something else.
  if (depth > 5) return
  if (Array.isArray(value)) {
    for (const entry of value.slice(0, 200)) yield* objectsIn(entry, depth + 1)
  } else if (isObject(value)) {
    yield value
    for (const key of ['@graph', 'mainEntity', 'mainEntityOfPage']) yield* objectsIn(value[key], depth + 1)
  }
}

/** Headlines, names and descriptions are far shorter. */
const longestValue = 4000

const text = (value: unknown): string | null =>
  typeof value === 'string' ? oneLine(value.slice(0, longestValue)) || null : null

function names(value: unknown): string | null {
  const list = Array.isArray(value) ? value : [value]
  const found = list.flatMap((entry) => {
    const name = typeof entry === 'string' ? text(entry) : isObject(entry) ? text(entry['name']) : null
    return name === null ? [] : [name]
  })
  return found.length > 0 ? [...new Set(found)].join(', ') : null
}

function typesOf(object: Json): string[] {
  const type = object['@type']
  return (Array.isArray(type) ? type : [type]).filter((entry) => typeof entry === 'string')
}

/** The first article that the page's linked data describes; `null` when there is none. */
export function readLinkedArticle(sources: readonly string[]): LinkedArticle | null {
  for (const source of sources) {
    for (const object of objectsIn(parse(source))) {
      const isArticle = typesOf(object).some((type) => articleTypes.test(type))
      // A Chinese search engine's format names the page's dates without saying what the page is.
      if (!isArticle && object['pubDate'] === undefined) continue
      return {
        headline: text(object['headline']) ?? text(object['title']) ?? (isArticle ? text(object['name']) : null),
        datePublished: text(object['datePublished']) ?? text(object['pubDate']),
        dateModified: text(object['dateModified']) ?? text(object['upDate']),
        author: names(object['author']),
        publisher: names(object['publisher']),
        description: text(object['description']),
        articleBody: typeof object['articleBody'] === 'string' ? object['articleBody'] : null,
      }
    }
  }
  return null
}
