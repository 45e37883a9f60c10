import type { TextQuery } from '../model/text-query.ts'
import type { Database } from './database.ts'
import { queryWithin, type SearchBudget } from './search-budget.ts'
import {
  behind,
  binder,
  indexedConditions,
  ordering,
  placeConditions,
  selection,
  whereAll,
  type ChosenStory,
  type StoryCursor,
  type StoryFilter,
} from './story-filter.ts'
import { textCondition } from './text-condition.ts'

/** What was found on a part of the way. */
export interface Stretch {
  readonly found: readonly ChosenStory[]
  /** The place that was come to; `null`: the end of the archive, or as much as was wanted. */
  readonly reached: StoryCursor | null
}

interface Row extends ChosenStory {
  readonly number: number
  readonly isMatch: boolean
}

/**
 * Reads the next `among` stories of a filter, each compared with the query.
 * @returns `null` when the budget was over before
 */
export async function walkStretch(
  database: Database,
  filter: StoryFilter,
  query: TextQuery,
  among: number,
  budget: SearchBudget,
): Promise<Stretch | null> {
  const { values, bind } = binder()
  const conditions = [...indexedConditions(filter, bind), ...placeConditions(filter, bind)]
  const order = ordering(filter)
  const text = `
    select id, cursor, "isMatch", number from (
      select ${selection(filter)}, ${textCondition(query, 'x', bind)} as "isMatch",
        (row_number() over (${order}))::int as number
      from (select * from story_search x ${whereAll(conditions)} ${order} limit ${bind(among)}) x
    ) x where "isMatch" or number = ${bind(among)} order by number limit ${bind(filter.limit)}`
  const rows = await queryWithin<Row>(database, budget, { text, values })
  if (!rows) return null
  const found = rows.filter(({ isMatch }) => isMatch).map(({ id, cursor }) => ({ id, cursor }))
  const last = rows.at(-1)
  return { found, reached: last?.number === among && found.length < filter.limit ? last.cursor : null }
}

/** The next stretch is this much longer, so that few are needed and a short one ends soon. */
const growth = 4

/** From a place on through everything, until enough are found or the budget is over. */
export async function walkOn(
  database: Database,
  filter: StoryFilter,
  query: TextQuery,
  from: Stretch & { readonly length: number },
  budget: SearchBudget,
): Promise<Stretch> {
  const found = [...from.found]
  let { reached } = from
  for (let among = from.length * growth; reached !== null; among *= growth) {
    const rest = { ...behind(filter, reached), limit: filter.limit - found.length }
    const stretch = await walkStretch(database, rest, query, among, budget)
    if (!stretch) break
    found.push(...stretch.found)
    reached = stretch.reached
  }
  return { found, reached }
}
