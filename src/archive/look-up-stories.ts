import type { TextQuery } from '../model/text-query.ts'
import type { Database } from './database.ts'
import { queryWithin, type SearchBudget } from './search-budget.ts'
import {
  behind,
  binder,
  columnOf,
  cursorAt,
  indexedConditions,
  isReversed,
  ordering,
  placeConditions,
  selection,
  timeOfCursor,
  whereAll,
  type ChosenStory,
  type StoryCursor,
  type StoryFilter,
} from './story-filter.ts'
import { isDecidedByLexemes, lexemeBound, requiredSequences, textCondition } from './text-condition.ts'
import { coverOf, dayOf, startOfDay, type DayRange } from './time-slots.ts'
import type { Stretch } from './walk-stories.ts'

interface Row extends ChosenStory {
  readonly candidates: number
}

interface LookUp {
  readonly found: readonly ChosenStory[]
  readonly candidates: number
}

/** What is asked of the index. */
export interface IndexSearch {
  readonly filter: StoryFilter
  readonly query: TextQuery
  readonly budget: SearchBudget
  /** Whether all stories are told to the index by the present rules: with their sequences and slots. */
  readonly isMade: boolean
  /** There is no comparing when there are more candidates; `null`: however many there are. */
  readonly most: number | null
}

/**
 * What has the words by the index, compared with the query one after the other until enough are found.
 * @param days only of these, told by the index as well, where all are made; `null`: of all
 * @returns `null` when the budget was over before
 */
export async function lookUp(
  database: Database,
  { filter, query, budget, isMade, most }: IndexSearch,
  days: DayRange | null,
): Promise<LookUp | null> {
  const { values, bind } = binder()
  const column = columnOf(filter)
  const indexed = [`x.lexemes @@ ${bind(lexemeBound(query))}::tsquery`, ...indexedConditions(filter, bind)]
  const sequences = isMade ? requiredSequences(query) : []
  if (sequences.length > 0) indexed.push(`x.sequences @> ${bind(sequences)}::smallint[]`)
  if (days) indexed.push(`x.slots && ${bind(coverOf(filter.order === 'seen' ? 'seen' : 'published', days))}::int[]`)
  const places = placeConditions(filter, bind)
  // As a subquery it is asked for one story after the other, in order, and no longer than until enough are found.
  const compare = isDecidedByLexemes(query)
    ? 'true'
    : `(select ${textCondition(query, 't', bind)} from story_search t where t.story_id = x.story_id)`
  const counted = most === null ? 'true' : `counted.candidates <= ${bind(most)}`
  const text = `
    with candidates as materialized (
      select x.story_id, x.${column}, x.has_events
      from story_search x ${whereAll(indexed)} ${most === null ? '' : `limit ${bind(most + 1)}`}
    ), counted as (select count(*)::int as candidates from candidates)
    select ${selection(filter)}, counted.candidates
    from counted left join lateral (
      select * from (
        select * from candidates x ${whereAll([counted, ...places])} ${ordering(filter)} offset 0
      ) x where ${compare} limit ${bind(filter.limit)}
    ) x on true ${ordering(filter)}`
  const rows = await queryWithin<Row>(database, budget, { text, values })
  if (!rows) return null
  const found = rows.filter(({ id }) => id !== null).map(({ id, cursor }) => ({ id, cursor }))
  return { found, candidates: rows[0]?.candidates ?? 0 }
}

/** A window without candidates is followed by one that is at most so many times as long. */
const growth = 8

/** Windows begin and end where the index has its slots of nearly their length, so that few slots name them. */
function aligned(from: number, length: number, isForwards: boolean): DayRange {
  const unit = 8 ** Math.max(0, Math.floor(Math.log2(length) / 3 - 0.5))
  return isForwards
    ? { from, to: Math.ceil((from + length) / unit) * unit }
    : { from: Math.floor((from - length) / unit) * unit, to: from }
}

function nextLength(length: number, candidates: number, most: number): number {
  const fitting = candidates === 0 ? growth : most / 2 / candidates
  return Math.max(1, Math.round(length * Math.min(growth, Math.max(1, fitting))))
}

function isStartOfDay(cursor: StoryCursor): boolean {
  const at = timeOfCursor(cursor)
  return startOfDay(dayOf(at)) === at
}

/** The window behind a place. A day that the place is in the middle of is asked for again: it may have more. */
function windowBehind(reached: StoryCursor, length: number, isForwards: boolean): DayRange {
  const day = dayOf(timeOfCursor(reached))
  return aligned(isForwards || isStartOfDay(reached) ? day : day + 1, length, isForwards)
}

/** How far it is from where a search came to the far end of a window that had too many candidates. */
function distanceTo(crowded: DayRange | null, reached: StoryCursor, isForwards: boolean): number {
  if (!crowded) return Number.POSITIVE_INFINITY
  const day = dayOf(timeOfCursor(reached))
  const distance = isForwards ? crowded.to - day : day - crowded.from
  return distance > 0 ? distance : Number.POSITIVE_INFINITY
}

/**
 * Through the index from a place on, window of time by window, until enough are found or the budget is over. A window
 * with too many candidates is halved: what nobody writes of any more begins somewhere in it.
 * @param from what was found before, where that ended, and the days of the first window
 * @param whole the days from the archive's first story to its last one
 */
export async function lookUpOn(
  database: Database,
  search: IndexSearch & { readonly most: number },
  from: Stretch & { readonly days: number },
  whole: DayRange,
): Promise<Stretch> {
  const { filter, most } = search
  const isForwards = isReversed(filter)
  const oldest = Math.max(whole.from, filter.since ? dayOf(filter.since.getTime()) : whole.from)
  const found = [...from.found]
  let { days: length, reached } = from
  let crowded: DayRange | null = null
  while (reached !== null) {
    length = Math.min(length, Math.max(1, Math.floor(distanceTo(crowded, reached, isForwards) / 2)))
    const days = windowBehind(reached, length, isForwards)
    const rest = { ...behind(filter, reached), limit: filter.limit - found.length }
    const part = await lookUp(database, { ...search, filter: rest, most: length > 1 ? most : null }, days)
    if (!part) break
    if (length > 1 && part.candidates > most) {
      crowded = days
      continue
    }
    found.push(...part.found)
    const isEnd = isForwards ? days.to >= whole.to : days.from <= oldest
    reached = isEnd || found.length >= filter.limit ? null : cursorAt(startOfDay(isForwards ? days.to : days.from))
    length = nextLength(length, part.candidates, most)
  }
  return { found, reached }
}
