import type { StoryRecord } from '../archive/stories.ts'
import { isClean } from '../feed/write/clean-content.ts'

/** Far more than all pages of feeds show; some two megabytes. */
const mostBodies = 20_000

/** The revision of each article that was looked at, and what was found; the one looked at first comes first. */
const known = new Map<string, { readonly revision: number; readonly isClean: boolean }>()

/**
 * Whether an article's HTML is fit for feeds as it is. Each text is looked at once: feeds are written anew at each
 * change of the archive, and nearly all of their items are the same ones again.
 */
export function hasCleanBody(story: Pick<StoryRecord, 'articleId' | 'revision' | 'bodyHtml'>): boolean {
  const { articleId, revision, bodyHtml } = story
  const found = known.get(articleId)
  if (found?.revision === revision) return found.isClean
  const verdict = { revision, isClean: isClean(bodyHtml) }
  known.delete(articleId)
  known.set(articleId, verdict)
  const [oldest] = known.keys()
  if (known.size > mostBodies && oldest !== undefined) known.delete(oldest)
  return verdict.isClean
}
