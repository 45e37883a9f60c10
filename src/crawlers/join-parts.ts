import { createHash } from 'node:crypto'
import type { Article } from '../model/article.ts'

/** The first of each address. */
function byUrl<T extends { readonly url: string }>(things: readonly T[]): readonly T[] {
  return [...new Map(things.toReversed().map((thing) => [thing.url, thing])).values()].toReversed()
}

/**
 * One article out of the pages that it was split over.
 * @param parts in reading order, at least one; the first one's title, times and addresses stand for all
 */
export function joinParts(parts: readonly [Article, ...Article[]]): Article {
  const [first, ...rest] = parts
  if (rest.length === 0) return first
  return {
    ...first,
    bodyHtml: parts.map((part) => part.bodyHtml).join('\n'),
    bodyText: parts
      .map((part) => part.bodyText)
      .filter((text) => text !== '')
      .join('\n'),
    images: byUrl(parts.flatMap((part) => part.images)),
    attachments: byUrl(parts.flatMap((part) => part.attachments)),
    events: parts.flatMap((part) => part.events),
    nextPageUrl: null,
    // Changes when the text of any part does.
    contentHash: createHash('sha256')
      .update(parts.map((part) => part.contentHash).join('\n'))
      .digest('hex'),
    warnings: [...new Set(parts.flatMap((part) => part.warnings))],
  }
}
