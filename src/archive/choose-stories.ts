import type { TextQuery } from '../model/text-query.ts'
import type { Database } from './database.ts'
import { isDecidedByLexemes, isSelective, lexemeBound, textCondition, type Bind } from './text-condition.ts'

/** By what a feed is sorted, the latest first: when its publisher says it was published, when we saw it, when it changed. */
export const storyOrders = ['published', 'seen', 'changed'] as const
export type StoryOrder = (typeof storyOrders)[number]

const orderColumns = { published: 'sort_at', seen: 'first_seen_at', changed: 'changed_at' } as const

/** A place between two stories of an order, which stays when others come: microseconds and the story's id. */
export type StoryCursor = string
const cursorForm = /^(-?\d{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Whether a text is a place in an order. */
export function isStoryCursor(text: string): boolean {
  return cursorForm.test(text)
}

/** Which stories a feed wants. `null` or absent means: all. */
export interface StoryFilter {
  readonly sourceIds: readonly string[] | null
  readonly languages: readonly string[] | null
  readonly limit: number
  readonly text?: TextQuery | null
  /** Only of these. */
  readonly ids?: readonly string[]
  /** Not those that come before this instant in the feed's order. */
  readonly since?: Date | null
  readonly hasEvents?: boolean
  readonly order?: StoryOrder
  /** Those right behind this place. */
  readonly before?: StoryCursor | null
  /** Those right in front of this place. */
  readonly after?: StoryCursor | null
  /** The oldest ones in place of the latest. */
  readonly isFromEnd?: boolean
}

export interface ChosenStory {
  readonly id: string
  readonly cursor: StoryCursor
}

/**
 * Above this many stories that have all words, the words are so common that the newest 50 are found sooner by walking
 * from the newest story on; below it, reading all of them takes about 5 ms.
 */
const mostCandidates = 5000

/**
 * The newest stories that are read before the index is asked: 1 to 10 ms, by the length of their texts, and enough for
 * words that every twelfth story has.
 */
const newest = 600

/**
 * Parts of a phrase may be common and the phrase rare, so that a walk goes through everything: 1,000,000 stories take
 * some 10 s. A search that takes longer must not keep connections from feeds.
 */
const longestWalkMs = 10_000

function placeOf(cursor: StoryCursor, bind: Bind): string {
  const [, micros = '0', id = ''] = cursorForm.exec(cursor) ?? []
  return `(timestamptz 'epoch' + ${bind(micros)}::bigint * interval '1 microsecond', ${bind(id)}::uuid)`
}

function conditions(filter: StoryFilter, column: string, bind: Bind): string[] {
  const parts: string[] = []
  if (filter.sourceIds) parts.push(`x.source_ids && ${bind(filter.sourceIds)}::text[]`)
  if (filter.languages) {
    parts.push(`x.languages && ${bind(filter.languages.map((language) => language.toLowerCase()))}::text[]`)
  }
  if (filter.ids) parts.push(`x.story_id = any(${bind(filter.ids)}::uuid[])`)
  if (filter.since) parts.push(`x.${column} >= ${bind(filter.since)}`)
  if (filter.hasEvents) parts.push('x.has_events')
  if (filter.before) parts.push(`(x.${column}, x.story_id) < ${placeOf(filter.before, bind)}`)
  if (filter.after) parts.push(`(x.${column}, x.story_id) > ${placeOf(filter.after, bind)}`)
  return parts
}

interface Row extends ChosenStory {
  readonly candidates: number
}

function selection(column: string): string {
  return `x.story_id as id, (extract(epoch from x.${column}) * 1000000)::bigint || '-' || x.story_id as cursor`
}

function whereAll(parts: readonly string[]): string {
  return parts.length > 0 ? `where ${parts.join(' and ')}` : ''
}

function isReversed(filter: StoryFilter): boolean {
  return filter.isFromEnd === true || (filter.after ?? null) !== null
}

function ordering(filter: StoryFilter, column: string): string {
  const direction = isReversed(filter) ? 'asc' : 'desc'
  return `order by x.${column} ${direction}, x.story_id ${direction}`
}

function binder(): { values: unknown[]; bind: Bind } {
  const values: unknown[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}

/** From the newest story on, until enough are found, or as far as `among` stories go. */
async function walk(database: Database, filter: StoryFilter, among: number | null): Promise<readonly ChosenStory[]> {
  const { values, bind } = binder()
  const column = orderColumns[filter.order ?? 'published']
  const parts = conditions(filter, column, bind)
  const order = ordering(filter, column)
  // Last: it is what takes time.
  const texts = filter.text ? [`(${textCondition(filter.text, 'x', bind)})`] : []
  const from =
    among === null
      ? `story_search x ${whereAll([...parts, ...texts])}`
      : `(select * from story_search x ${whereAll(parts)} ${order} limit ${bind(among)}) x ${whereAll(texts)}`
  const statement = `select ${selection(column)} from ${from} ${order} limit ${bind(filter.limit)}`
  if (!filter.text || among !== null) return (await database.query<ChosenStory>(statement, values)).rows
  return database.transaction(async (client) => {
    await client.query(`set local statement_timeout = ${longestWalkMs}`)
    return (await client.query<ChosenStory>(statement, values)).rows
  })
}

/** Everything that has the words, by the index; `null` when that is too much to look at. */
async function lookUp(
  database: Database,
  filter: StoryFilter,
  query: TextQuery,
  most: number,
): Promise<readonly ChosenStory[] | null> {
  const { values, bind } = binder()
  const column = orderColumns[filter.order ?? 'published']
  const bound = bind(lexemeBound(query))
  const parts = conditions(filter, column, bind)
  const isDecided = isDecidedByLexemes(query)
  // As a subquery it is asked for one story after the other, in order, and no longer than until enough are found.
  const compare = isDecided
    ? 'true'
    : `(select ${textCondition(query, 't', bind)} from story_search t where t.story_id = x.story_id)`
  const statement = `
    with candidates as materialized (
      select x.story_id, x.${column}, x.source_ids, x.languages, x.has_events
      from story_search x where x.lexemes @@ ${bound}::tsquery limit ${bind(most + 1)}
    ), counted as (select count(*)::int as candidates from candidates)
    select ${selection(column)}, counted.candidates
    from counted left join lateral (
      select * from (
        select * from candidates x where counted.candidates <= ${bind(most)}
          ${parts.map((part) => `and ${part}`).join(' ')}
        ${ordering(filter, column)} offset 0
      ) x where ${compare} limit ${bind(filter.limit)}
    ) x on true`
  const rows = await database.transaction(async (client) => {
    // Estimates do not know what it costs to read a list of lexemes: reading all of them is never right.
    await client.query('set local enable_seqscan = off')
    return (await client.query<Row>(statement, values)).rows
  })
  if ((rows[0]?.candidates ?? 0) > most) return null
  return rows.filter(({ id }) => id !== null)
}

/** Among the newest stories where the words are common, by the index where they are rare; `null` in between. */
async function search(database: Database, filter: StoryFilter, most: number): Promise<readonly ChosenStory[] | null> {
  const query = filter.text
  // A few that are named are read one by one.
  if (!query || filter.ids || !isSelective(query)) return null
  const latest = most > 0 ? await walk(database, filter, newest) : []
  return latest.length >= filter.limit ? latest : lookUp(database, filter, query, most)
}

/**
 * The stories of a feed, the latest first.
 * @param most how many stories with all words are looked at; of more common words the stories are walked through
 */
export async function chooseStories(
  database: Database,
  filter: StoryFilter,
  most = mostCandidates,
): Promise<readonly ChosenStory[]> {
  const chosen = (await search(database, filter, most)) ?? (await walk(database, filter, null))
  return isReversed(filter) ? chosen.toReversed() : chosen
}
