import { randomUUID } from 'node:crypto'
import type { Article } from '../model/article.ts'
import type { Database, Queryable } from './database.ts'

/** One article as it is to be kept. */
export interface ArticleToSave {
  readonly sourceId: string
  /** What decides whether two addresses are one article. */
  readonly canonicalUrl: string
  /** With a title: an article without one is not kept. */
  readonly article: Article & { readonly title: string }
  /** Any of these in common makes two articles one story. */
  readonly storyKeys: readonly string[]
  readonly seenAt: Date
}

export type SaveOutcome = 'stored' | 'revised' | 'unchanged'

interface KnownArticle {
  readonly id: string
  readonly story_id: string
  readonly content_hash: string
  readonly revision: number
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

/** The columns of `article` that a new reading of the page replaces, in the order of their values. */
function contentColumns({ article }: ArticleToSave): readonly (readonly [string, unknown])[] {
  return [
    ['url', article.url],
    ['title', article.title],
    ['kicker', article.kicker],
    ['subtitle', article.subtitle],
    ['byline', article.byline],
    ['origin', article.origin],
    ['editor', article.editor],
    ['language', article.language],
    ['summary', article.summary],
    ['published', json(article.publishedAt)],
    ['published_at', article.publishedAt?.at ?? null],
    ['modified', json(article.modifiedAt)],
    ['dateline', json(article.dateline)],
    ['body_html', article.bodyHtml],
    ['body_text', article.bodyText],
    ['images', json(article.images)],
    ['attachments', json(article.attachments)],
    ['content_hash', article.contentHash],
    ['confidence', article.confidence],
    ['warnings', article.warnings],
  ]
}

/** The story that has one of the keys, else a new one; other transactions with a key in common wait meanwhile. */
async function storyFor(client: Queryable, input: ArticleToSave, articleId: string): Promise<string> {
  const keys = input.storyKeys.toSorted()
  for (const key of keys) {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('story-key ' || $1, 0))`, [key])
  }
  const { rows } = await client.query<{ story_id: string }>(
    'select story_id from story_key where key = any($1) order by key limit 1',
    [keys],
  )
  const storyId = rows[0]?.story_id ?? (await insertStory(client, input, articleId))
  await client.query(
    'insert into story_key (key, story_id) select unnest($1::text[]), $2 on conflict (key) do nothing',
    [keys, storyId],
  )
  return storyId
}

async function insertStory(client: Queryable, { article, seenAt }: ArticleToSave, articleId: string): Promise<string> {
  const id = randomUUID()
  await client.query(
    `insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
     values ($1, $2, $3, $3, least($4::timestamptz, $3))`,
    [id, articleId, seenAt, article.publishedAt?.at ?? null],
  )
  return id
}

async function insertArticle(client: Queryable, input: ArticleToSave): Promise<string> {
  const id = randomUUID()
  const storyId = await storyFor(client, input, id)
  const columns = [
    ['id', id],
    ['story_id', storyId],
    ['source_id', input.sourceId],
    ['canonical_url', input.canonicalUrl],
    ['first_seen_at', input.seenAt],
    ['changed_at', input.seenAt],
    ['revision', 1],
    ...contentColumns(input),
  ] as const
  await client.query(
    `insert into article (${columns.map(([name]) => name).join(', ')})
     values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    columns.map(([, value]) => value),
  )
  await client.query('update story set changed_at = $2 where id = $1', [storyId, input.seenAt])
  await insertRevision(client, input, id, 1)
  await replaceEvents(client, input, id)
  return storyId
}

async function reviseArticle(client: Queryable, input: ArticleToSave, known: KnownArticle): Promise<void> {
  const columns = contentColumns(input)
  await client.query(
    `update article set changed_at = $2, revision = revision + 1,
       ${columns.map(([name], index) => `${name} = $${index + 3}`).join(', ')}
     where id = $1`,
    [known.id, input.seenAt, ...columns.map(([, value]) => value)],
  )
  await client.query('update story set changed_at = $2 where id = $1', [known.story_id, input.seenAt])
  await insertRevision(client, input, known.id, known.revision + 1)
  await replaceEvents(client, input, known.id)
}

async function insertRevision(client: Queryable, { article, seenAt }: ArticleToSave, id: string, number: number) {
  await client.query(
    `insert into revision (article_id, number, title, body_text, body_html, content_hash, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, number, article.title, article.bodyText, article.bodyHtml, article.contentHash, seenAt],
  )
}

async function replaceEvents(client: Queryable, { article }: ArticleToSave, id: string): Promise<void> {
  await client.query('delete from event where article_id = $1', [id])
  for (const [ordinal, event] of article.events.entries()) {
    await client.query(
      `insert into event (article_id, ordinal, title, starts, starts_at, ends, place)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        ordinal,
        event.title,
        JSON.stringify(event.start),
        event.start.at,
        event.end && JSON.stringify(event.end),
        event.place,
      ],
    )
  }
}

/** Tells listeners, on commit, that feeds have something new to show. */
export const storyChannel = 'newsfold_story'

/**
 * Keeps an article with its revision, story and events inside the caller's transaction. Running it again with the
 * same reading changes nothing.
 */
export async function saveArticle(
  client: Queryable,
  input: ArticleToSave,
): Promise<{ outcome: SaveOutcome; storyId: string }> {
  // One writer an address at a time: two that meet a new article must not both find it missing.
  await client.query(`select pg_advisory_xact_lock(hashtextextended('article ' || $1, 0))`, [input.canonicalUrl])
  const { rows } = await client.query<KnownArticle>(
    'select id, story_id, content_hash, revision from article where canonical_url = $1',
    [input.canonicalUrl],
  )
  const known = rows[0]
  if (known?.content_hash === input.article.contentHash) return { outcome: 'unchanged', storyId: known.story_id }
  const storyId = known ? known.story_id : await insertArticle(client, input)
  if (known) await reviseArticle(client, input, known)
  await client.query('select pg_notify($1, $2)', [storyChannel, storyId])
  return { outcome: known ? 'revised' : 'stored', storyId }
}

/** How many articles and stories are kept. */
export async function countArchive(database: Database): Promise<{ articles: number; stories: number }> {
  const { rows } = await database.query<{ articles: number; stories: number }>(
    'select (select count(*)::int from article) as articles, (select count(*)::int from story) as stories',
  )
  return rows[0] ?? { articles: 0, stories: 0 }
}
