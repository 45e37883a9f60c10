import { prepare, type Queryable } from './database.ts'
import { refreshStorySearch } from './story-search.ts'

const leadStatement = prepare(
  'choose-lead',
  `update story set changed_at = $2, lead_article_id = coalesce((
       select a.id from article a left join article_fingerprint f on f.article_id = a.id
       where a.story_id = $1
       order by a.is_own_release desc, a.withdrawn_at is not null,
         date_trunc('day', a.published_at at time zone 'Asia/Shanghai') nulls last,
         f.words desc nulls last, a.first_seen_at, a.id limit 1), lead_article_id)
     where id = $1`,
)

/**
 * Chooses the article that speaks for a story: the publisher's own release before a reprint, one that is there before
 * one that was withdrawn, then the earliest published, then the most complete, then the first seen.
 */
export async function refreshStory(client: Queryable, storyId: string, at: Date): Promise<void> {
  await client.query(leadStatement, [storyId, at])
  await refreshStorySearch(client, storyId)
}
