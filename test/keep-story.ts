import { saveArticle } from '../src/archive/articles.ts'
import type { Database } from '../src/archive/database.ts'
import { indexStoryText } from '../src/archive/story-search.ts'
import { contentHash } from '../src/article/content-hash.ts'
import type { Article } from '../src/model/article.ts'
import { recordOf } from '../src/queue/place-in-story.ts'
import { searchTextOf } from '../src/search/search-text.ts'

/** An article to be kept, as far as a test says. */
export interface GivenArticle extends Partial<Article> {
  readonly title: string
  readonly bodyText: string
  readonly sourceId?: string
  /** Day of November 2019. */
  readonly day?: number
  /** The story that it is a copy of. */
  readonly copyOf?: string
}

const emptyArticle = {
  canonicalUrl: null,
  kicker: null,
  subtitle: null,
  byline: null,
  origin: null,
  editor: null,
  modifiedAt: null,
  summary: null,
  dateline: null,
  images: [],
  attachments: [],
  events: [],
  nextPageUrl: null,
  confidence: 1,
  warnings: [],
  language: 'zh',
}

/** Keeps an article, searchable as the crawl makes it; the story that it tells is the caller's to say. */
export function keepStory(database: Database, given: GivenArticle): Promise<string> {
  const { sourceId = 'city', day = 1, copyOf = null, ...over } = given
  const at = new Date(Date.UTC(2019, 10, day, 2))
  const article = {
    ...emptyArticle,
    url: `https://news.example/${encodeURIComponent(given.title)}`,
    publishedAt: { at: at.toISOString(), precision: 'minute', zone: 'Asia/Shanghai', from: 'text' } as const,
    bodyHtml: given.bodyText
      .split('\n')
      .map((line) => `<p>${line}</p>`)
      .join(''),
    contentHash: contentHash(given.title, given.bodyText),
    ...over,
  }
  return database.transaction(async (client) => {
    const { storyId } = await saveArticle(
      client,
      {
        sourceId,
        canonicalUrl: article.url,
        article,
        fingerprint: recordOf(article),
        isOwnRelease: copyOf === null,
        seenAt: new Date(at.getTime() + 60_000),
        isUnread: true,
      },
      () => Promise.resolve({ storyId: copyOf, fingerprint: recordOf(article) }),
    )
    await indexStoryText(client, storyId, searchTextOf)
    return storyId
  })
}
