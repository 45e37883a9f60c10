import { createHash } from 'node:crypto'
import { readPageLinks } from '../../src/article/page-links.ts'
import type { Article } from '../../src/model/article.ts'
import type { FeedDocument, FeedItem } from '../../src/model/feed-document.ts'
import type { StatedTime } from '../../src/model/time.ts'
import type { PageReader } from '../../src/crawlers/page-reader.ts'

const all = (html: string, pattern: RegExp) => [...html.matchAll(pattern)]

export function aTime(at: string): StatedTime {
  return { at, precision: 'second', zone: 'UTC', from: 'test' }
}

export function anArticle(over: Partial<Article>): Article {
  return {
    url: 'http://news.example/1',
    canonicalUrl: null,
    title: null,
    kicker: null,
    subtitle: null,
    byline: null,
    origin: null,
    editor: null,
    language: null,
    publishedAt: null,
    modifiedAt: null,
    summary: null,
    dateline: null,
    bodyHtml: '',
    bodyText: '',
    images: [],
    attachments: [],
    events: [],
    nextPageUrl: null,
    contentHash: '',
    confidence: 1,
    warnings: [],
    ...over,
  }
}

/**
 * Reads the plain shapes that the tests' servers write, so that the tests here are about crawling: items are
 * `<a href="…" data-at="…">title</a>`, the next page `<a rel=next href="…">`, paragraphs `<p>`, feeds JSON.
 */
export const tinyReader: PageReader = {
  readArticle({ body, url }) {
    const html = new TextDecoder().decode(body)
    const paragraphs = all(html, /<p>(.*?)<\/p>/gs).map((match) => match[1] ?? '')
    const next = /<a rel=next href="([^"]+)"/.exec(html)?.[1]
    const title = /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? null
    const at = /<time>(.*?)<\/time>/.exec(html)?.[1]
    const bodyText = paragraphs.join('\n')
    const article = anArticle({
      url,
      title,
      bodyText,
      bodyHtml: paragraphs.map((text) => `<p>${text}</p>`).join(''),
      publishedAt: at === undefined ? null : aTime(at),
      nextPageUrl: next === undefined ? null : new URL(next, url).href,
      contentHash: createHash('sha256').update(`${title}\n${bodyText}`).digest('hex'),
    })
    return Promise.resolve(article)
  },
  readListing({ body, url, contentType }, kind) {
    const text = new TextDecoder().decode(body)
    if (kind === 'feed' || (kind === 'auto' && contentType?.includes('json'))) {
      const items: Partial<FeedItem>[] = JSON.parse(text)
      return Promise.resolve({ kind: 'feed', feed: aFeed(items) })
    }
    const items = all(text, /<a href="([^"]*)"(?: data-at="([^"]*)")?>(.*?)<\/a>/g).map((match) => ({
      url: URL.canParse(match[1] ?? '', url) ? new URL(match[1] ?? '', url).href : (match[1] ?? ''),
      title: match[3] ?? null,
      publishedAt: match[2] === undefined ? null : aTime(match[2]),
      summary: null,
    }))
    const next = /<a rel=next href="([^"]+)"/.exec(text)?.[1]
    const nextUrl = next === undefined ? null : new URL(next, url).href
    return Promise.resolve({ kind: 'html', items, nextUrl, warnings: [] })
  },
  readLinks: (page) => Promise.resolve(readPageLinks(page)),
}

function aFeed(items: readonly Partial<FeedItem>[]): FeedDocument {
  const empty = {
    title: null,
    summary: null,
    contentHtml: null,
    authors: [],
    origin: null,
    categories: [],
    publishedAt: null,
    updatedAt: null,
    images: [],
    attachments: [],
    copies: [],
    language: null,
    url: null,
    id: '',
    events: [],
  }
  return {
    title: null,
    description: null,
    homeUrl: null,
    selfUrl: null,
    hubUrl: null,
    language: null,
    updatedAt: null,
    ttlMinutes: null,
    items: items.map((item) => ({ ...empty, ...item })),
  }
}
