import { randomUUID } from 'node:crypto'
import type { Article } from '../model/article.ts'
import { prepare, type Database, type Queryable, type Transaction } from './database.ts'
import { lockCandidates, saveFingerprint, type FingerprintRecord } from './fingerprints.ts'
import { announceStory } from './outbox.ts'
import { refreshStory } from './story-lead.ts'
import { indexStoryText, refreshStorySearch, type MakeSearchText } from './story-search.ts'
import { insertNewStory } from './new-story.ts'

/** One article as it is to be kept. */
export interface ArticleToSave {
  readonly sourceId: string
  /** What decides whether two addresses are one article. */
  readonly canonicalUrl: string
  /** With a title: an article without one is not kept. */
  readonly article: Article & { readonly title: string }
  readonly fingerprint: FingerprintRecord
  /** Whether its publisher speaks for itself here. */
  readonly isOwnRelease: boolean
  readonly seenAt: Date
  /** Its page was never read, as far as is known: then where it belongs is asked together with whether it is there. */
  readonly isUnread: boolean
}

/** Where a new article belongs. */
export interface Placement {
  /** `null` begins a story. */
  readonly storyId: string | null
  /** Of a story that begins, where it has one already; a new one if absent. */
  readonly newStoryId?: string
  /** What to keep for finding its copies. */
  readonly fingerprint: FingerprintRecord
}

/**
 * Which story a new article belongs to. Asked while no other transaction can add an article that has a key in common
 * with this one.
 */
export type PlaceArticle = (client: Queryable) => Promise<Placement>

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
function contentColumns({ article, isOwnRelease }: ArticleToSave): readonly (readonly [string, unknown])[] {
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
    ['is_own_release', isOwnRelease],
    ['withdrawn_at', null],
    ['warnings', article.warnings],
  ]
}

/** An article that begins a story. */
function insertLead(
  client: Transaction,
  input: ArticleToSave,
  of: { id: string; storyId: string; fingerprint: FingerprintRecord; makeSearchText: MakeSearchText | null },
): string {
  const { article, seenAt, sourceId } = input
  const { storyId } = of
  insertNewStory(client, {
    id: storyId,
    articleId: of.id,
    sourceId,
    seenAt,
    publishedAt: article.publishedAt?.at ?? null,
    language: article.language,
    hasEvents: article.events.length > 0,
    title: article.title,
    bodyText: article.bodyText,
    bodyHtml: article.bodyHtml,
    contentHash: article.contentHash,
    fingerprint: of.fingerprint,
    search: of.makeSearchText?.(article.title, article.bodyText, []) ?? null,
    columns: [['canonical_url', input.canonicalUrl], ...contentColumns(input)],
  })
  insertEvents(client, input, of.id)
  return storyId
}

/** Asked when nobody else can add an article with a key of this one. */
async function placeLocked(client: Transaction, input: ArticleToSave, placeArticle: PlaceArticle): Promise<Placement> {
  const [, placement] = await Promise.all([
    lockCandidates(client, input.fingerprint.keys),
    // Answered when the locks are there.
    placeArticle(client),
  ])
  return placement
}

async function insertArticle(
  client: Transaction,
  input: ArticleToSave,
  { storyId, newStoryId = randomUUID(), fingerprint }: Placement,
  makeSearchText: MakeSearchText | null,
): Promise<string> {
  const id = randomUUID()
  if (storyId === null) return insertLead(client, input, { id, storyId: newStoryId, fingerprint, makeSearchText })
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
  await insertRevision(client, input, id, 1)
  insertEvents(client, input, id)
  await saveFingerprint(client, { id, storyId }, fingerprint)
  await refreshStory(client, storyId, input.seenAt)
  await announceStory(client, storyId, 'changed')
  if (makeSearchText) await indexStoryText(client, storyId, makeSearchText)
  return storyId
}

/** @returns the story; `null` when the article was deleted at this moment */
async function reviseArticle(client: Transaction, input: ArticleToSave, known: KnownArticle): Promise<string | null> {
  const columns = contentColumns(input)
  const { rowCount } = await client.query(
    `update article set changed_at = $2, revision = revision + 1,
       ${columns.map(([name], index) => `${name} = $${index + 3}`).join(', ')}
     where id = $1`,
    [known.id, input.seenAt, ...columns.map(([, value]) => value)],
  )
  if (rowCount === 0) return null
  await insertRevision(client, input, known.id, known.revision + 1)
  await replaceEvents(client, input, known.id)
  await saveFingerprint(client, { id: known.id, storyId: known.story_id }, input.fingerprint)
  await refreshStory(client, known.story_id, input.seenAt)
  await announceStory(client, known.story_id, 'changed')
  return known.story_id
}

const insertRevisionStatement = prepare(
  'insert-revision',
  `insert into revision (article_id, number, title, body_text, body_html, content_hash, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
)

async function insertRevision(client: Queryable, { article, seenAt }: ArticleToSave, id: string, number: number) {
  await client.query(insertRevisionStatement, [
    id,
    number,
    article.title,
    article.bodyText,
    article.bodyHtml,
    article.contentHash,
    seenAt,
  ])
}

async function replaceEvents(client: Transaction, input: ArticleToSave, id: string): Promise<void> {
  await client.query('delete from event where article_id = $1', [id])
  insertEvents(client, input, id)
}

function insertEvents(client: Transaction, { article }: ArticleToSave, id: string): void {
  for (const [ordinal, event] of article.events.entries()) {
    client.send(
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

const lockAddressQuery = prepare('lock-address', `select pg_advisory_xact_lock(hashtextextended('article ' || $1, 0))`)

const knownQuery = prepare(
  'find-article',
  'select id, story_id, content_hash, revision from article where canonical_url = $1',
)

/**
 * Keeps an article with its revision, story and events inside the caller's transaction. Running it again with the
 * same reading changes nothing.
 * @param makeSearchText `null`: the caller makes the story's text searchable
 */
export async function saveArticle(
  client: Transaction,
  input: ArticleToSave,
  placeArticle: PlaceArticle,
  makeSearchText: MakeSearchText | null = null,
): Promise<{ outcome: SaveOutcome; storyId: string }> {
  const [, { rows }, placement] = await Promise.all([
    // One writer an address at a time: two that meet a new article must not both find it missing.
    client.query(lockAddressQuery, [input.canonicalUrl]),
    client.query<KnownArticle>(knownQuery, [input.canonicalUrl]),
    input.isUnread ? placeLocked(client, input, placeArticle) : null,
  ])
  const known = rows[0]
  if (known?.content_hash === input.article.contentHash) {
    await restoreArticle(client, known)
    return { outcome: 'unchanged', storyId: known.story_id }
  }
  const revised = known ? await reviseArticle(client, input, known) : null
  if (revised !== null) {
    if (makeSearchText) await indexStoryText(client, revised, makeSearchText)
    return { outcome: 'revised', storyId: revised }
  }
  const placed = placement ?? (await placeLocked(client, input, placeArticle))
  return { outcome: 'stored', storyId: await insertArticle(client, input, placed, makeSearchText) }
}

/** A page that was gone is there again. */
async function restoreArticle(client: Transaction, known: KnownArticle): Promise<void> {
  const { rowCount } = await client.query(
    'update article set withdrawn_at = null where id = $1 and withdrawn_at is not null',
    [known.id],
  )
  if (rowCount) await announceStory(client, known.story_id, 'changed')
}

/** Marks an article whose page is gone. Its text stays, and so does its item. */
export async function withdrawArticle(client: Transaction, canonicalUrl: string, at: Date): Promise<void> {
  const { rows } = await client.query<{ story_id: string }>(
    `update article set withdrawn_at = $2, changed_at = $2 where canonical_url = $1 and withdrawn_at is null
     returning story_id`,
    [canonicalUrl, at],
  )
  const storyId = rows[0]?.story_id
  if (storyId === undefined) return
  await client.query('update story set changed_at = $2 where id = $1', [storyId, at])
  await refreshStorySearch(client, storyId)
  await announceStory(client, storyId, 'changed')
}

/**
 * How many articles and stories are kept.
 * @param visible ids of the sources that count; `null`: all
 */
export async function countArchive(
  database: Database,
  visible: ReadonlySet<string> | null = null,
): Promise<{ articles: number; stories: number }> {
  const { rows } = visible
    ? await database.query<{ articles: number; stories: number }>(
        `select (select count(*)::int from article where source_id = any($1)) as articles,
           (select count(*)::int from story_search where source_ids && $1) as stories`,
        [[...visible]],
      )
    : await database.query<{ articles: number; stories: number }>(
        'select (select count(*)::int from article) as articles, (select count(*)::int from story where merged_into is null) as stories',
      )
  return rows[0] ?? { articles: 0, stories: 0 }
}
