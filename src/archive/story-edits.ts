import { randomUUID } from 'node:crypto'
import type { Database, Queryable } from './database.ts'
import { announceStory } from './outbox.ts'
import { refreshStory } from './story-lead.ts'
import { refreshStorySearch } from './story-search.ts'

/** What an operator's correction came to. */
export type EditOutcome =
  | { readonly kind: 'done'; readonly storyId: string }
  | { readonly kind: 'refused'; readonly reason: string }

async function lockStories(client: Queryable, ids: readonly string[]): Promise<number> {
  const { rows } = await client.query(
    'select id from story where id = any($1) and merged_into is null order by id for update',
    [ids],
  )
  return rows.length
}

/** Takes an article out of its story into a new one. It stays there: only new articles are placed by comparison. */
export function splitStory(database: Database, articleId: string, at: Date): Promise<EditOutcome> {
  const storyId = randomUUID()
  return database.transaction(async (client) => {
    const { rows } = await client.query<{
      story_id: string
      first_seen_at: Date
      published_at: Date | null
      others: number
    }>(
      `select story_id, first_seen_at, published_at,
         (select count(*)::int - 1 from article m where m.story_id = a.story_id) as others
       from article a where id = $1`,
      [articleId],
    )
    const article = rows[0]
    if (!article) return { kind: 'refused', reason: `there is no article ${articleId}` }
    if (article.others === 0) return { kind: 'refused', reason: 'it is the only article of its story already' }
    if ((await lockStories(client, [article.story_id])) < 1) {
      return { kind: 'refused', reason: 'its story was deleted at this moment, or joined to another one: look again' }
    }
    await client.query(
      `insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
       values ($1, $2, $3, $4, least($5::timestamptz, $3))`,
      [storyId, articleId, article.first_seen_at, at, article.published_at],
    )
    await client.query('update article set story_id = $2 where id = $1', [articleId, storyId])
    await refreshStory(client, article.story_id, at)
    await refreshStorySearch(client, storyId)
    await announceStory(client, article.story_id, 'changed')
    await announceStory(client, storyId, 'new')
    return { kind: 'done', storyId }
  })
}

/** Joins a story to another one, whose id and item stay; the joined one's address leads there from now on. */
export function mergeStories(database: Database, from: string, into: string, at: Date): Promise<EditOutcome> {
  return database.transaction(async (client) => {
    if (from === into) return { kind: 'refused', reason: 'it is one story already' }
    if ((await lockStories(client, [from, into])) < 2) {
      return { kind: 'refused', reason: 'one of them is no story, or was joined to another one before' }
    }
    await client.query('update article set story_id = $2 where story_id = $1', [from, into])
    await client.query('update story set merged_into = $2 where id = $1 or merged_into = $1', [from, into])
    await refreshStory(client, into, at)
    await refreshStorySearch(client, from)
    await announceStory(client, into, 'changed')
    return { kind: 'done', storyId: into }
  })
}
