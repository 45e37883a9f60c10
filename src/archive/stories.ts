import type { AnnouncedEvent, ArticleImage, Attachment } from '../model/article.ts'
import type { StatedTime } from '../model/time.ts'
import { chooseStories, chooseWithin } from './choose-stories.ts'
import type { Database, Queryable } from './database.ts'
import type { ChosenStory, StoryCursor, StoryFilter } from './story-filter.ts'

/** One article of a story as far as feeds and pages show it. */
export interface MemberRecord {
  readonly id: string
  readonly sourceId: string
  readonly url: string
  readonly title: string
  readonly origin: string | null
}

/** A story with its lead article: what one feed item is made of. */
export interface StoryRecord {
  readonly id: string
  readonly firstSeenAt: Date
  readonly changedAt: Date
  readonly sortAt: Date
  readonly articleId: string
  readonly sourceId: string
  readonly url: string
  readonly title: string
  readonly byline: string | null
  readonly origin: string | null
  readonly language: string | null
  readonly summary: string | null
  readonly bodyHtml: string
  readonly bodyText: string
  readonly published: StatedTime | null
  readonly modified: StatedTime | null
  readonly images: readonly ArticleImage[]
  readonly attachments: readonly Attachment[]
  readonly revision: number
  /** When we saw its present text first. */
  readonly revisedAt: Date
  /** When its page was found gone; `null` while it is there. */
  readonly withdrawnAt: Date | null
  /** Every article of the story, the lead among them, in the order of arrival. */
  readonly members: readonly MemberRecord[]
  readonly events: readonly AnnouncedEvent[]
}

const selectBy = (lead: string): string => `
  select s.id, s.first_seen_at as "firstSeenAt", s.changed_at as "changedAt", s.sort_at as "sortAt",
    a.id as "articleId", a.source_id as "sourceId", a.url, a.title, a.byline, a.origin, a.language, a.summary,
    (select r.seen_at from revision r where r.article_id = a.id and r.number = a.revision) as "revisedAt",
    a.body_html as "bodyHtml", a.body_text as "bodyText", a.published, a.modified, a.images, a.attachments, a.revision, a.withdrawn_at as "withdrawnAt",
    (select jsonb_agg(jsonb_build_object('id', m.id, 'sourceId', m.source_id, 'url', m.url, 'title', m.title,
       'origin', m.origin) order by m.first_seen_at, m.id) from article m where m.story_id = s.id) as members,
    coalesce((select jsonb_agg(jsonb_build_object('title', e.title, 'start', e.starts, 'end', e.ends, 'place', e.place)
       order by e.ordinal) from event e where e.article_id = a.id), '[]') as events
  from story s join article a on ${lead}`
const select = selectBy('a.id = s.lead_article_id')

/** A story and its place in the order that was asked for. */
export type PlacedStory = StoryRecord & { readonly cursor: StoryCursor }

/** The stories of these ids, in their order; ids of none are left out. */
export async function findStoriesById(db: Queryable, ids: readonly string[]): Promise<StoryRecord[]> {
  if (ids.length === 0) return []
  const { rows } = await db.query<StoryRecord>(`${select} where s.id = any($1)`, [ids])
  const stories = new Map(rows.map((story) => [story.id, story]))
  return ids.map((id) => stories.get(id)).filter((story) => story !== undefined)
}

/** Stories as if these articles of theirs were the ones that tell them. */
export async function findArticlesOfStories(db: Queryable, articleIds: readonly string[]): Promise<StoryRecord[]> {
  if (articleIds.length === 0) return []
  const { rows } = await db.query<StoryRecord>(`${selectBy('a.story_id = s.id')} where a.id = any($1)`, [articleIds])
  return rows
}

/** The stories that a feed wants, the latest first. */
export async function findStories(database: Database, filter: StoryFilter): Promise<PlacedStory[]> {
  return findChosen(database, await chooseStories(database, filter))
}

/** What a search found while a reader waited. */
export interface FoundStories {
  readonly stories: readonly PlacedStory[]
  /** How far it came; there may be more behind it. `null`: this is all. */
  readonly reached: StoryCursor | null
}

/** The stories that a feed wants, the latest first, as far as they were found while a reader waits. */
export async function searchStories(database: Database, filter: StoryFilter): Promise<FoundStories> {
  const { stories, reached } = await chooseWithin(database, filter)
  return { stories: await findChosen(database, stories), reached }
}

async function findChosen(database: Database, chosen: readonly ChosenStory[]): Promise<PlacedStory[]> {
  const cursors = new Map(chosen.map(({ id, cursor }) => [id, cursor]))
  const stories = await findStoriesById(database, [...cursors.keys()])
  return stories.map((story) => ({ ...story, cursor: cursors.get(story.id) ?? '' }))
}

/** A story as far as it must be known to know whether it was changed. */
export interface StoryChange {
  readonly id: string
  readonly changedAt: Date
  readonly sortAt: Date
}

/**
 * Every story that those may see who may see some sources alone, with when it was changed last, the latest first.
 * @param visible ids of sources; `null`: all
 */
export async function listStoryChanges(
  db: Queryable,
  visible: ReadonlySet<string> | null,
): Promise<readonly StoryChange[]> {
  const { rows } = await db.query<StoryChange>(
    `select story_id as id, changed_at as "changedAt", sort_at as "sortAt" from story_search
     where $1::text[] is null or source_ids && $1 order by sort_at desc, story_id desc`,
    [visible && [...visible]],
  )
  return rows
}

/** One story, or the one that it was joined to; `null` when there is none with this id. */
export async function findStory(db: Queryable, id: string): Promise<StoryRecord | null> {
  const { rows } = await db.query<StoryRecord>(
    `${select} where s.id = (select coalesce(merged_into, id) from story where id = $1)`,
    [id],
  )
  return rows[0] ?? null
}

/** One text that the lead article of a story has had. */
export interface RevisionRecord {
  readonly number: number
  readonly title: string
  readonly bodyText: string
  readonly seenAt: Date
}

/** All texts that an article has had, oldest first. */
export async function findRevisions(db: Queryable, articleId: string): Promise<RevisionRecord[]> {
  const { rows } = await db.query<RevisionRecord>(
    `select number, title, body_text as "bodyText", seen_at as "seenAt"
     from revision where article_id = $1 order by number`,
    [articleId],
  )
  return rows
}
