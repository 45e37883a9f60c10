import type { SearchText } from '../model/text-query.ts'
import { prepare, type Database, type Queryable } from './database.ts'
import { storyChannel } from './story-channel.ts'
import { slotsOf } from './time-slots.ts'

/** Counts up when lexemes are made by other rules; what was made by older ones is then made again. */
const lexemeVersion = 2

/** Titles of copies that are not the story's own: of `story s` with its lead article `a`. */
const otherTitles = `(select coalesce(array_agg(distinct m.title order by m.title), '{}')
  from article m where m.story_id = s.id and m.title <> a.title)`

/** All that lexemes are made of, and by which rules; of expressions in SQL. */
export function textKeyOf(of: { contentHash: string; otherTitles: string; sortAt: string; seenAt: string }): string {
  return `concat_ws(':', ${lexemeVersion}, ${of.contentHash}, md5(array_to_string(${of.otherTitles}, E'\\n')),
    extract(epoch from ${of.sortAt})::bigint, extract(epoch from ${of.seenAt})::bigint)`
}

const textKey = textKeyOf({
  contentHash: 'a.content_hash',
  otherTitles,
  sortAt: 's.sort_at',
  seenAt: 's.first_seen_at',
})

/**
 * Brings what feeds choose stories by up to date with the story and its articles. A text that is another one than before
 * is found by its old words until `indexStoryText` makes the new ones; a story that was joined to another goes.
 */
export async function refreshStorySearch(client: Queryable, storyId: string): Promise<void> {
  await client.query(
    `delete from story_search x using story s where s.id = x.story_id and s.id = $1 and s.merged_into is not null`,
    [storyId],
  )
  await client.query(
    `insert into story_search as x
       (story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events, content_hash, text_key)
     select s.id, s.sort_at, s.first_seen_at, s.changed_at,
       (select array_agg(distinct m.source_id order by m.source_id) from article m where m.story_id = s.id),
       array_remove(array[lower(a.language), lower(split_part(a.language, '-', 1))], null),
       exists (select 1 from event e where e.article_id = a.id), null, null
     from story s join article a on a.id = s.lead_article_id where s.id = $1 and s.merged_into is null
     on conflict (story_id) do update set
       sort_at = excluded.sort_at, first_seen_at = excluded.first_seen_at, changed_at = excluded.changed_at,
       source_ids = excluded.source_ids, languages = excluded.languages, has_events = excluded.has_events,
       text_key = case when x.text_key = (select ${textKey} from story s join article a on a.id = s.lead_article_id
         where s.id = x.story_id) then x.text_key end`,
    [storyId],
  )
}

/** How a title, a text and the titles of copies become what they are found by. */
export type MakeSearchText = (title: string, bodyText: string, otherTitles: readonly string[]) => SearchText

interface UnmadeText {
  readonly title: string
  readonly bodyText: string
  readonly contentHash: string
  readonly otherTitles: readonly string[]
  readonly textKey: string
  readonly sortAt: Date
  readonly firstSeenAt: Date
}

const unmadeTextQuery = prepare(
  'find-unmade-text',
  `select a.title, a.body_text as "bodyText", a.content_hash as "contentHash", ${otherTitles} as "otherTitles",
     ${textKey} as "textKey", s.sort_at as "sortAt", s.first_seen_at as "firstSeenAt"
   from story_search x join story s on s.id = x.story_id join article a on a.id = s.lead_article_id
   where x.story_id = $1 and x.text_key is null`,
)

/** Makes a story searchable, when its lead article's text or the titles of its copies are others than before. */
export async function indexStoryText(client: Queryable, storyId: string, make: MakeSearchText): Promise<void> {
  const { rows } = await client.query<UnmadeText>(unmadeTextQuery, [storyId])
  const lead = rows[0]
  if (!lead) return
  const text = make(lead.title, lead.bodyText, lead.otherTitles)
  await client.query(
    `update story_search set content_hash = $2, text_key = $3, title = $4, text = $5,
       lexemes = array_to_tsvector($6::text[]), sequences = $7, slots = $8
     where story_id = $1`,
    [
      storyId,
      lead.contentHash,
      lead.textKey,
      text.title,
      text.text,
      text.lexemes,
      text.sequences ?? [],
      slotsOf(lead.sortAt, lead.firstSeenAt),
    ],
  )
}

/** Rows at a time while a whole archive is made searchable: a second's work. */
const batchSize = 200

/**
 * Makes every story searchable that is not yet: those from before search was there.
 * @returns how many there were
 */
export async function indexUnmadeStories(database: Database, make: MakeSearchText): Promise<number> {
  for (let count = 0; ;) {
    const done = await database.transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `select story_id as id from story_search where text_key is null limit ${batchSize}
         for update skip locked`,
      )
      for (const { id } of rows) await indexStoryText(client, id, make)
      return rows.length
    })
    count += done
    if (done === batchSize) continue
    // Searches that were made meanwhile have found too little.
    if (count > 0) await database.query('select pg_notify($1, $2)', [storyChannel, 'indexed'])
    return count
  }
}
