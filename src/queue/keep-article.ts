import { saveArticle, type SaveOutcome } from '../archive/articles.ts'
import type { Database } from '../archive/database.ts'
import { markPageStored } from '../archive/pages.ts'
import type { ArticleToSave } from '../crawlers/crawl-ports.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { plausibleCanonical } from '../dedup/plausible-canonical.ts'
import { normalizeText } from '../dedup/normalize-text.ts'
import type { Article } from '../model/article.ts'
import type { Source } from '../model/source.ts'
import { searchTextOf } from '../search/search-text.ts'
import { placeInStory, recordOf } from './place-in-story.ts'
import { looksOf } from './page-rhythm.ts'

/** Sources with this tag run what others release. */
const reprintingTag = 'media'

/** How news media are named: 新华社, 人民网, 经济日报, 央视新闻, Xinhua News Agency. An office of the publisher's own is not. */
const mediaName = /[社报网刊]$|新闻|日报|晚报|电视|广播|通讯社|周刊|杂志|News|Agency|Press|Times|Daily|Post$/i

/** Whether a publisher speaks for itself: it is no news medium, and the page names none as its origin. */
function isOwnRelease(source: Source, article: Article): boolean {
  if (source.tags.includes(reprintingTag) || article.dateline?.agency) return false
  if (article.origin === null) return true
  return normalizeText(article.origin).includes(normalizeText(source.name)) || !mediaName.test(article.origin)
}

/**
 * Keeps one article that was read: which address it has, which story it tells, and everything in one transaction.
 * Doing it again with the same reading changes nothing.
 */
export async function keepArticle(database: Database, input: ArticleToSave): Promise<SaveOutcome> {
  const { source, page, item, seen, isUnread, article } = input
  const title = article.title ?? item?.title
  if (!title) throw new Error(`An article without a title was to be kept: ${page.url}`)
  const dated = { ...article, title, publishedAt: article.publishedAt ?? item?.publishedAt ?? null }
  // Outside the transaction: it takes time and needs nothing of the archive.
  const fingerprint = recordOf(dated)

  return database.transaction(async (client) => {
    const { outcome } = await saveArticle(
      client,
      {
        sourceId: source.id,
        canonicalUrl: plausibleCanonical(page.url, article.canonicalUrl),
        article: dated,
        fingerprint,
        isOwnRelease: isOwnRelease(source, article),
        seenAt: page.fetchedAt,
        isUnread,
      },
      (client) => placeInStory(client, fingerprint),
      searchTextOf,
    )
    // With the article or not at all: a page that is known but was not kept would never be asked for again.
    markPageStored(client, {
      sourceId: source.id,
      canonicalUrl: canonicalUrl(page.requestedUrl),
      url: page.requestedUrl,
      etag: page.etag,
      lastModified: page.lastModified,
      listedTitle: seen.title,
      listedAt: seen.statedAt === null ? null : new Date(seen.statedAt),
      fetchedAt: page.fetchedAt,
      isChanged: outcome !== 'unchanged',
      looksMs: looksOf(seen.title),
    })
    return outcome
  })
}
