import type { Database } from './database.ts'
import { UnreachableError } from '../model/errors.ts'
import type { TextQuery } from '../model/text-query.ts'
import { lookUp, lookUpOn } from './look-up-stories.ts'
import { startBudget } from './search-budget.ts'
import {
  behind,
  binder,
  columnOf,
  indexedConditions,
  isReversed,
  ordering,
  placeConditions,
  selection,
  whereAll,
  type ChosenStory,
  type StoryCursor,
  type StoryFilter,
} from './story-filter.ts'
import { hasSearchIndex } from './search-index.ts'
import { isSelective } from './text-condition.ts'
import { dayOf, type DayRange } from './time-slots.ts'
import { walkOn, walkStretch, type Stretch } from './walk-stories.ts'

/** The stories of a feed, the latest first. */
export interface Choice {
  readonly stories: readonly ChosenStory[]
  /** How far a search came before its time was over; there may be more behind it. `null`: this is all. */
  readonly reached: StoryCursor | null
}

/** How much work a search may be. */
export interface SearchLimits {
  /** What takes longer gives what was found by then. */
  readonly budgetMs: number
  /** Stories that are read, from the newest on, before the index is asked. */
  readonly newest: number
  /** Above this many that have the words by the index, it is asked for a shorter time rather than each looked at. */
  readonly candidates: number
  /** Milliseconds, from anywhere: what the budget is counted by. */
  readonly now: () => number
}

/**
 * The newest 600: 1 to 10 ms, by the length of their texts, and enough for words that every twelfth story has. Looking
 * at 2,000 candidates takes about 2 ms. The budget is far longer than any search takes that the index can narrow down,
 * and keeps the others from taking connections from feeds.
 */
const searchLimits: SearchLimits = { budgetMs: 3000, newest: 600, candidates: 2000, now: () => performance.now() }

/** For work that no reader waits for. */
const patientLimits: SearchLimits = { ...searchLimits, budgetMs: 60_000 }

/** The first window has this many times the newest stories: enough for words that one in two hundred has. */
const firstWindow = 20

/**
 * Where the newest stories let expect that the walk is longer than this, each candidate of the index is looked at: that
 * takes 2 µs each, and the walk 10 µs.
 */
const mostWalked = 20_000

/** All stories of a filter that asks for no words. */
async function readAll(database: Database, filter: StoryFilter): Promise<readonly ChosenStory[]> {
  const { values, bind } = binder()
  const conditions = [...indexedConditions(filter, bind), ...placeConditions(filter, bind)]
  const statement = `select ${selection(filter)} from story_search x ${whereAll(conditions)} ${ordering(filter)} limit ${bind(filter.limit)}`
  return (await database.query<ChosenStory>(statement, values)).rows
}

interface ArchiveShape {
  /** From its first story to its last one. */
  readonly days: DayRange
  /** In so many days, the latest ones, came the first window's number of stories. */
  readonly windowDays: number
  /** Whether the index is not there yet, or some story has not been told to it by the present rules. */
  readonly hasUnmade: boolean
}

async function findShape(database: Database, filter: StoryFilter, newest: number): Promise<ArchiveShape> {
  const column = columnOf(filter)
  const { rows } = await database.query<{
    first: Date | null
    last: Date | null
    sample: Date | null
    hasUnmade: boolean
  }>(
    `select min(${column}) as first, max(${column}) as last,
       (select ${column} from story_search order by ${column} desc, story_id desc offset ${newest} limit 1) as sample,
       not ${hasSearchIndex} or exists (select from story_search where text_key is null) as "hasUnmade"
     from story_search`,
  )
  const { first, last, sample, hasUnmade = true } = rows[0] ?? {}
  const from = dayOf(first?.getTime() ?? 0)
  const to = dayOf(last?.getTime() ?? 0) + 1
  const sampleDays = sample && last ? (last.getTime() - sample.getTime()) / 86_400_000 : to - from
  const windowDays = Math.max(1, Math.round(sampleDays * firstWindow))
  return { days: { from, to }, windowDays, hasUnmade }
}

/**
 * Among the newest stories where the words are common, through the index where they are rare.
 * @throws {UnreachableError} not even the newest stories could be read
 */
async function search(
  database: Database,
  filter: StoryFilter,
  query: TextQuery,
  { budgetMs, newest, candidates, now }: SearchLimits,
): Promise<Stretch> {
  const budget = startBudget(budgetMs, now)
  const nearest = await walkStretch(database, filter, query, newest, budget)
  if (!nearest) throw new UnreachableError('archive.busy', `The newest stories could not be read within ${budgetMs} ms`)
  if (nearest.reached === null) return nearest
  // A few that are named are read one by one, and exclusions alone name nearly everything.
  if (isSelective(query) && !filter.ids) {
    const shape = await findShape(database, filter, newest)
    const asked = { filter, query, budget, isMade: !shape.hasUnmade, most: candidates }
    if (asked.isMade && filter.order !== 'changed') {
      return lookUpOn(database, asked, { ...nearest, days: shape.windowDays }, shape.days)
    }
    const few = await lookUp(database, asked, null)
    if (few && few.candidates <= candidates) return { found: few.found, reached: null }
    const isFarAway = nearest.found.length * mostWalked < newest * filter.limit
    const all = isFarAway ? await lookUp(database, { ...asked, most: null }, null) : null
    if (all) return { found: all.found, reached: null }
  }
  return walkOn(database, filter, query, { ...nearest, length: newest }, budget)
}

/** Chooses stories within the limits of a search that a reader waits for. */
export async function chooseWithin(
  database: Database,
  filter: StoryFilter,
  limits: SearchLimits = searchLimits,
): Promise<Choice> {
  const { found, reached } = filter.text
    ? await search(database, filter, filter.text, limits)
    : { found: await readAll(database, filter), reached: null }
  return { stories: isReversed(filter) ? found.toReversed() : found, reached }
}

/**
 * The stories of a feed, the latest first, however long it takes to find them.
 * @throws {UnreachableError} the archive is too busy for a search to come any further
 */
export async function chooseStories(
  database: Database,
  filter: StoryFilter,
  limits: SearchLimits = patientLimits,
): Promise<readonly ChosenStory[]> {
  let stories: readonly ChosenStory[] = []
  for (let rest = filter; ;) {
    const choice = await chooseWithin(database, rest, limits)
    stories = isReversed(filter) ? [...choice.stories, ...stories] : [...stories, ...choice.stories]
    if (choice.reached === null) return stories
    rest = { ...behind(filter, choice.reached), limit: filter.limit - stories.length }
  }
}
