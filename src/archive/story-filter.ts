import type { TextQuery } from '../model/text-query.ts'
import type { Bind } from './text-condition.ts'

/** By what a feed is sorted, the latest first: when its publisher says it was published, when we saw it, when it changed. */
export type StoryOrder = 'published' | 'seen' | 'changed'

export const orderColumns = { published: 'sort_at', seen: 'first_seen_at', changed: 'changed_at' } as const

/** A place between two stories of an order, which stays when others come: microseconds and the story's id. */
export type StoryCursor = string
const cursorForm = /^(-?\d{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Whether a text is a place in an order. */
export function isStoryCursor(text: string): boolean {
  return cursorForm.test(text)
}

/** The instant of a place, in milliseconds. */
export function timeOfCursor(cursor: StoryCursor): number {
  return Math.floor(Number(cursorForm.exec(cursor)?.[1] ?? 0) / 1000)
}

/** The place right in front of the first story of an instant, in milliseconds. */
export function cursorAt(atMs: number): StoryCursor {
  return `${atMs}000-00000000-0000-0000-0000-000000000000`
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

/** Collects the values of a statement. */
export function binder(): { values: unknown[]; bind: Bind } {
  const values: unknown[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}

function placeOf(cursor: StoryCursor, bind: Bind): string {
  const [, micros = '0', id = ''] = cursorForm.exec(cursor) ?? []
  return `(timestamptz 'epoch' + ${bind(micros)}::bigint * interval '1 microsecond', ${bind(id)}::uuid)`
}

/** What the index of lexemes tells of a row `x` of `story_search` as well. */
export function indexedConditions(filter: StoryFilter, bind: Bind): string[] {
  const parts: string[] = []
  if (filter.sourceIds) parts.push(`x.source_ids && ${bind(filter.sourceIds)}::text[]`)
  if (filter.languages) {
    parts.push(`x.languages && ${bind(filter.languages.map((language) => language.toLowerCase()))}::text[]`)
  }
  return parts
}

/** All other conditions of a filter but its text. */
export function placeConditions(filter: StoryFilter, bind: Bind): string[] {
  const column = columnOf(filter)
  const parts: string[] = []
  if (filter.ids) parts.push(`x.story_id = any(${bind(filter.ids)}::uuid[])`)
  if (filter.since) parts.push(`x.${column} >= ${bind(filter.since)}`)
  if (filter.hasEvents) parts.push('x.has_events')
  if (filter.before) parts.push(`(x.${column}, x.story_id) < ${placeOf(filter.before, bind)}`)
  if (filter.after) parts.push(`(x.${column}, x.story_id) > ${placeOf(filter.after, bind)}`)
  return parts
}

export function columnOf(filter: StoryFilter): (typeof orderColumns)[StoryOrder] {
  return orderColumns[filter.order ?? 'published']
}

/** The columns of a `ChosenStory`. */
export function selection(filter: StoryFilter): string {
  const column = columnOf(filter)
  return `x.story_id as id, (extract(epoch from x.${column}) * 1000000)::bigint || '-' || x.story_id as cursor`
}

export function whereAll(parts: readonly string[]): string {
  return parts.length > 0 ? `where ${parts.join(' and ')}` : ''
}

/** Whether stories are read from the oldest one on. */
export function isReversed(filter: StoryFilter): boolean {
  return filter.isFromEnd === true || (filter.after ?? null) !== null
}

export function ordering(filter: StoryFilter): string {
  const direction = isReversed(filter) ? 'asc' : 'desc'
  return `order by x.${columnOf(filter)} ${direction}, x.story_id ${direction}`
}

/** The same filter for what lies behind a place, in the direction of reading. */
export function behind(filter: StoryFilter, cursor: StoryCursor): StoryFilter {
  return isReversed(filter) ? { ...filter, after: cursor } : { ...filter, before: cursor }
}
