import type { SearchText } from '../model/text-query.ts'
import { prepare, type Transaction } from './database.ts'
import type { FingerprintRecord } from './fingerprints.ts'
import { storyChannel } from './story-channel.ts'
import { textKeyOf } from './story-search.ts'
import { slotsOf } from './time-slots.ts'

/** A story that begins with one article. */
export interface NewStory {
  readonly id: string
  readonly articleId: string
  readonly sourceId: string
  readonly seenAt: Date
  /** ISO 8601; `null` when the publisher does not say. */
  readonly publishedAt: string | null
  readonly language: string | null
  readonly hasEvents: boolean
  readonly title: string
  readonly bodyText: string
  readonly bodyHtml: string
  readonly contentHash: string
  readonly fingerprint: FingerprintRecord
  /** What it is found by; `null`: that is made later. */
  readonly search: SearchText | null
  /** Columns of `article` and their values, those aside that are said here. */
  readonly columns: readonly (readonly [name: string, value: unknown])[]
}

function sortedAt({ publishedAt, seenAt }: NewStory): Date {
  return publishedAt === null ? seenAt : new Date(Math.min(Date.parse(publishedAt), seenAt.getTime()))
}

/**
 * Keeps a story with its first article, revision and fingerprint, what feeds choose it by, and the note that it must go
 * out. All of it is one statement: most articles begin a story, and a dozen questions to the server cost more than what
 * they ask for. Nothing else knows of the story yet, so there is nothing to bring up to date.
 */
export function insertNewStory(client: Transaction, story: NewStory): void {
  const { fingerprint: print, search } = story
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const [id, articleId, seenAt] = [bind(story.id), bind(story.articleId), bind(story.seenAt)]
  const [publishedAt, language] = [bind(story.publishedAt), bind(story.language)]
  const [sourceId, contentHash] = [bind(story.sourceId), bind(story.contentHash)]
  const sortAt = `least(${publishedAt}::timestamptz, ${seenAt}::timestamptz)`
  const textKey = textKeyOf({ contentHash, otherTitles: `'{}'::text[]`, sortAt, seenAt: `${seenAt}::timestamptz` })
  const columns = story.columns.map(([name, value]) => [name, bind(value)] as const)
  const text = `
    with new_story as (
      insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
      values (${id}, ${articleId}, ${seenAt}, ${seenAt}, ${sortAt})
    ), new_article as (
      insert into article (id, story_id, source_id, first_seen_at, changed_at, revision, ${columns.map(([name]) => name).join(', ')})
      values (${articleId}, ${id}, ${sourceId}, ${seenAt}, ${seenAt}, 1, ${columns.map(([, value]) => value).join(', ')})
    ), new_revision as (
      insert into revision (article_id, number, title, body_text, body_html, content_hash, seen_at)
      values (${articleId}, 1, ${bind(story.title)}, ${bind(story.bodyText)}, ${bind(story.bodyHtml)}, ${contentHash}, ${seenAt})
    ), new_print as (
      insert into article_fingerprint (article_id, version, words, data)
      values (${articleId}, ${bind(print.version)}, ${bind(print.words)}, ${bind(Buffer.from(print.data))})
    ), new_keys as (
      insert into story_candidate (key, seen, article_id, published_at) overriding system value
      select key, seen, ${articleId}, ${bind(print.publishedAt)}::timestamptz
      from nextval('story_candidate_seen_seq') as seen, unnest(${bind(print.keys)}::bigint[]) as key
    ), new_paragraphs as (
      insert into paragraph_use as p (hash, stories, last_story_id)
      select distinct h, 1, ${id}::uuid from unnest(${bind(print.paragraphs)}::bigint[]) as h order by 1
      on conflict (hash) do update set stories = p.stories + 1, last_story_id = excluded.last_story_id
        where p.last_story_id <> excluded.last_story_id
    ), new_search as (
      insert into story_search (story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events,
        content_hash, text_key, title, text, lexemes, sequences, slots)
      values (${id}, ${sortAt}, ${seenAt}, ${seenAt}, array[${sourceId}::text],
        array_remove(array[lower(${language}), lower(split_part(${language}, '-', 1))], null), ${bind(story.hasEvents)},
        ${bind(search && story.contentHash)}, case when ${bind(search !== null)} then ${textKey} end,
        ${bind(search?.title ?? '')}, ${bind(search?.text ?? '')}, array_to_tsvector(${bind(search?.lexemes ?? [])}::text[]),
        ${bind(search?.sequences ?? [])}::smallint[], ${bind(search ? slotsOf(sortedAt(story), story.seenAt) : [])}::int[])
    )
    insert into outbox (story_id, kind) values (${id}, 'new')`
  client.send(prepare('insert-new-story', text), values)
  client.tell(storyChannel)
}
