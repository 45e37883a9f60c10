import type { Queryable } from './database.ts'
import { findArticlesOfStories, type StoryRecord } from './stories.ts'

/**
 * Stories as those may see them who may see some sources alone: told by the first article of these, and without the
 * others. What only others tell is left out.
 * @param visible ids of sources; `null`: all
 */
export async function seenThrough<Story extends StoryRecord>(
  db: Queryable,
  stories: readonly Story[],
  visible: ReadonlySet<string> | null,
): Promise<readonly Story[]> {
  if (visible === null) return stories
  const seen = stories
    .map((story) => ({ ...story, members: story.members.filter(({ sourceId }) => visible.has(sourceId)) }))
    .filter(({ members }) => members.length > 0)
  const replaced = seen.filter(({ sourceId }) => !visible.has(sourceId))
  const leads = new Map(
    (
      await findArticlesOfStories(
        db,
        replaced.flatMap(({ members }) => members[0]?.id ?? []),
      )
    ).map((lead) => [lead.id, lead]),
  )
  return seen.flatMap((story) => {
    const lead = leads.get(story.id)
    if (lead) return [{ ...story, ...lead, members: story.members }]
    // The article that was to tell it has gone since the story was read.
    return visible.has(story.sourceId) ? [story] : []
  })
}
