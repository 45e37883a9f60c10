import { saveArticle, type SaveOutcome } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { markPageStored } from '../archive/pages.ts'
import type { ArticleToSave } from '../crawlers/crawl-ports.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { exactKey, normalizeText } from '../dedup/normalize-text.ts'

/** Notices such as "See the attachment" are the same text and different news: below this their titles must agree too. */
const shortTextLength = 80

function storyKeys(title: string, bodyText: string): string[] {
  const isShort = normalizeText(bodyText).length < shortTextLength
  const key = exactKey(isShort ? `${title}\n${bodyText}` : bodyText)
  return key === null ? [] : [`${isShort ? 'notice' : 'text'}:${key}`]
}

/**
 * Keeps one article that was read: which address it has, which story it tells, and everything in one transaction.
 * Doing it again with the same reading changes nothing.
 */
export async function keepArticle(database: Database, input: ArticleToSave): Promise<SaveOutcome> {
  const { source, page, item, seen, article } = input
  const title = article.title ?? item?.title
  if (!title) throw new Error(`An article without a title was to be kept: ${page.url}`)
  const dated = { ...article, title, publishedAt: article.publishedAt ?? item?.publishedAt ?? null }
  const address = canonicalUrl(page.url)

  return database.transaction(async (client) => {
    const { outcome } = await saveArticle(client, {
      sourceId: source.id,
      canonicalUrl: address,
      article: dated,
      storyKeys: storyKeys(title, article.bodyText),
      seenAt: page.fetchedAt,
    })
    // With the article or not at all: a page that is known but was not kept would never be asked for again.
    await markPageStored(client, {
      sourceId: source.id,
      canonicalUrl: canonicalUrl(page.requestedUrl),
      url: page.requestedUrl,
      etag: page.etag,
      lastModified: page.lastModified,
      listedTitle: seen.title,
      listedAt: seen.statedAt === null ? null : new Date(seen.statedAt),
      fetchedAt: page.fetchedAt,
      nextTryAt: null,
    })
    return outcome
  })
}
