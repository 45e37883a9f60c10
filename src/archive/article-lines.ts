import type { Database, Queryable } from './database.ts'

const atOnce = 200

/** Every article with its texts as one line of JSON, in the order in which they came. */
export async function* findArticleLines(database: Database): AsyncGenerator<string> {
  const client = await database.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query('set local statement_timeout = 0')
    await client.query(
      `declare article_lines no scroll cursor for
       select json_build_object('sourceId', a.source_id, 'storyId', a.story_id, 'canonicalUrl', a.canonical_url, 'url', a.url, 'title', a.title,
         'kicker', a.kicker, 'subtitle', a.subtitle, 'byline', a.byline, 'origin', a.origin, 'editor', a.editor,
         'language', a.language, 'summary', a.summary, 'publishedAt', a.published, 'modifiedAt', a.modified,
         'dateline', a.dateline, 'images', a.images, 'attachments', a.attachments,
         'events', coalesce((select json_agg(json_build_object('title', e.title, 'start', e.starts, 'end', e.ends,
           'place', e.place) order by e.ordinal) from event e where e.article_id = a.id), '[]'),
         'confidence', a.confidence, 'warnings', a.warnings, 'isOwnRelease', a.is_own_release,
         'revisions', (select json_agg(json_build_object('title', r.title, 'bodyText', r.body_text,
           'bodyHtml', r.body_html, 'seenAt', r.seen_at) order by r.number) from revision r where r.article_id = a.id)
       )::text as line
       from article a order by a.first_seen_at, a.canonical_url`,
    )
    for (;;) {
      const { rows } = await client.query<{ line: string }>(`fetch ${atOnce} from article_lines`)
      for (const { line } of rows) yield line
      if (rows.length === 0) break
    }
  } finally {
    // A connection in a transaction is of no use to anybody else.
    client.release(true)
  }
}

/** Whether an article of this address is kept. */
export async function hasArticle(client: Queryable, canonicalUrl: string): Promise<boolean> {
  const { rowCount } = await client.query('select from article where canonical_url = $1', [canonicalUrl])
  return (rowCount ?? 0) > 0
}

/** The story of this id, or the one that it was joined to; `null`: there is none. */
export async function presentStory(client: Queryable, id: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    'select coalesce(merged_into, id) as id from story where id = $1',
    [id],
  )
  return rows[0]?.id ?? null
}
