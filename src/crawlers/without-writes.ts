import type { CrawlPorts } from './crawl-ports.ts'
import type { CrawlOptions } from './run-context.ts'

const nothing = () => Promise.resolve()

/** The ports of a dry run: reads as ever, keeps nothing. An article that no run has kept counts as stored. */
export function withoutWrites(ports: CrawlPorts, options: CrawlOptions): CrawlPorts {
  return {
    ...ports,
    now: () => ports.now(),
    listingState: () => Promise.resolve(null),
    saveListingState: nothing,
    knownPages: (sourceId, urls) => ports.knownPages(sourceId, urls),
    duePages: (sourceId, now, limit) => ports.duePages(sourceId, now, limit),
    async saveArticle({ source, page, article }) {
      options.onArticle?.(article)
      const known = await ports.knownPages(source.id, [page.requestedUrl])
      return known.get(page.requestedUrl)?.status === 'stored' ? 'unchanged' : 'stored'
    },
    pageUnchanged: nothing,
    pageFailed: nothing,
    pageGone: nothing,
    ...(ports.progress && { progress: (event) => ports.progress?.(event) }),
  }
}
