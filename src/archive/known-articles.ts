import type { KnownArticle } from '../model/known-article.ts'
import type { StatedTime } from '../model/time.ts'
import type { Queryable } from './database.ts'

/**
 * A source's newest articles, each with the oldest text that is kept of it: what a page said before it was made anew is
 * what a new reading is compared with.
 */
export async function findKnownArticles(db: Queryable, sourceId: string, limit: number): Promise<KnownArticle[]> {
  const { rows } = await db.query<{ url: string; title: string; publishedAt: StatedTime | null; bodyText: string }>(
    `select article.url, first.title, article.published as "publishedAt", first.body_text as "bodyText"
     from article
       join lateral (
         select title, body_text from revision where article_id = article.id order by number limit 1
       ) as first on true
     where source_id = $1
     order by first_seen_at desc limit $2`,
    [sourceId, limit],
  )
  return rows
}

/** When an article of a source was last found that was not known; `null` when it has none. */
export async function findLastFoundAt(db: Queryable, sourceId: string): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    'select max(first_seen_at) as at from article where source_id = $1',
    [sourceId],
  )
  return rows[0]?.at ?? null
}
