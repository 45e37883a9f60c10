import { hasArticle, presentStory } from '../archive/article-lines.ts'
import { saveArticle, type Placement } from '../archive/articles.ts'
import type { Database, Queryable } from '../archive/database.ts'
import { markPageStored } from '../archive/pages.ts'
import { contentHash } from '../article/content-hash.ts'
import { sanitizeBody } from '../article/sanitize-body.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import type { Article } from '../model/article.ts'
import type { ArticleLine } from '../model/article-line.ts'
import { searchTextOf } from '../search/search-text.ts'
import { looksMs } from './page-rhythm.ts'
import { placeInStory, recordOf, type PrintedRecord } from './place-in-story.ts'

/** The article as it was with one of its texts. */
function articleOf(line: ArticleLine, revision: ArticleLine['revisions'][number]): Article & { title: string } {
  const { sourceId: _source, storyId: _story, isOwnRelease: _own, revisions: _revisions, ...article } = line
  const { title, bodyText } = revision
  return {
    ...article,
    title,
    bodyText,
    // Whoever wrote the file may not be who wrote the page.
    bodyHtml: sanitizeBody(revision.bodyHtml),
    nextPageUrl: null,
    contentHash: contentHash(title, bodyText),
  }
}

/**
 * Where an article belongs: to the story that it was in, where that is here as well; to one whose text is as alike as that
 * of a copy; or it begins its story anew, by the id that subscribers know.
 */
async function placeLine(client: Queryable, { storyId }: ArticleLine, print: PrintedRecord): Promise<Placement> {
  const placement = await placeInStory(client, print)
  if (storyId === null) return placement
  const present = await presentStory(client, storyId)
  return present === null ? { ...placement, newStoryId: storyId } : { ...placement, storyId: present }
}

/**
 * Takes an article of another archive with all texts that it has had, and finds its story among those that are here.
 * One whose address is known is left as it is, so that the same lines can be taken again.
 */
export async function importArticle(database: Database, line: ArticleLine): Promise<'stored' | 'known'> {
  return database.transaction(async (client) => {
    if (await hasArticle(client, line.canonicalUrl)) return 'known'
    const last = line.revisions.at(-1)
    for (const revision of line.revisions) {
      const article = articleOf(line, revision)
      const fingerprint = recordOf(article)
      await saveArticle(
        client,
        {
          sourceId: line.sourceId,
          canonicalUrl: line.canonicalUrl,
          article,
          fingerprint,
          isOwnRelease: line.isOwnRelease,
          seenAt: new Date(revision.seenAt),
          isUnread: revision === line.revisions[0],
        },
        (client) => placeLine(client, line, fingerprint),
        searchTextOf,
      )
    }
    // Or the next crawl would ask for it as for something new.
    markPageStored(client, {
      sourceId: line.sourceId,
      canonicalUrl: canonicalUrl(line.url),
      url: line.url,
      etag: null,
      lastModified: null,
      listedTitle: null,
      listedAt: null,
      fetchedAt: new Date(last?.seenAt ?? 0),
      isChanged: true,
      looksMs,
    })
    return 'stored'
  })
}
