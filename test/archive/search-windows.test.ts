import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseStories, chooseWithin } from '../../src/archive/choose-stories.ts'
import type { Database } from '../../src/archive/database.ts'
import type { StoryFilter, StoryOrder } from '../../src/archive/story-filter.ts'
import { parseQuery } from '../../src/search/parse-query.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { matches } from '../search/matches.ts'

let database: Database

interface Kept {
  readonly id: string
  readonly title: string
  readonly bodyText: string
  readonly sourceId: string
  readonly at: Date
}
const kept: Kept[] = []

const dayMs = 86_400_000
/** Every query below is asked through this many windows at least. */
const small = { budgetMs: 60_000, newest: 2, candidates: 3, now: () => 0 }
const all = { sourceIds: null, languages: null, limit: 1000 }

/** Stories of three years, in bursts and gaps, with words that some of them have. */
function storyOf(number: number): Omit<Kept, 'id'> {
  const words = [
    ...(number % 2 === 0 ? ['中国'] : []),
    ...(number % 3 === 0 ? ['国家'] : []),
    ...(number % 41 === 0 ? ['中国家'] : []),
    ...(number < 30 ? ['防疫'] : []),
    ...(number % 5 === 0 ? ['of', 'the'] : []),
    ...(number % 37 === 0 ? ['of the'] : []),
  ]
  const day = number < 60 ? number * 9 : 540 + Math.floor(number / 20) * 30
  return {
    title: `第${number}号${number % 7 === 0 ? '通知' : '公告'}`,
    bodyText: `正文，${words.join('、')}。`,
    sourceId: number % 11 === 0 ? 'court' : 'city',
    at: new Date(Date.UTC(2017, 0, 1) + day * dayMs + (number % 20) * 3_600_000),
  }
}

beforeAll(async () => {
  database = await anArchive()
  for (let number = 0; number < 160; number++) {
    const story = storyOf(number)
    const publishedAt = { at: story.at.toISOString(), precision: 'minute', zone: 'UTC', from: 't' } as const
    kept.push({ ...story, id: await keepStory(database, { ...story, publishedAt }) })
  }
})

afterAll(async () => {
  await database.close()
})

/** What comparing everything finds, the latest first. */
function expected(query: string, isWanted: (story: Kept) => boolean): string[] {
  const text = parseQuery(query)
  return kept
    .filter((story) => isWanted(story) && text !== null && matches(text, story.title, story.bodyText).byText)
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .map(({ id }) => id)
}

async function found(query: string, filter: Partial<StoryFilter>): Promise<string[]> {
  const { stories, reached } = await chooseWithin(database, { ...all, text: parseQuery(query), ...filter }, small)
  expect(reached).toBe(null)
  return stories.map(({ id }) => id)
}

const queries = [
  '中国',
  '中国家',
  '国家中国',
  '"of the"',
  '防疫',
  '防疫 -通知',
  '中国 国家 -防疫',
  '通知 | 防疫',
  'title:通知',
  '家',
  '-公告',
]

describe('window by window all is found that a comparison finds', () => {
  test.each(queries)('%s', async (query) => {
    const whole = expected(query, () => true)
    expect(await found(query, {})).toEqual(whole)
    expect(await found(query, { limit: 4 })).toEqual(whole.slice(0, 4))
    expect(await found(query, { limit: 4, isFromEnd: true })).toEqual(whole.slice(-4))
    expect(await found(query, { sourceIds: ['court'] })).toEqual(expected(query, (story) => story.sourceId === 'court'))
    expect(await found(query, { languages: ['en'] })).toEqual([])
    const since = new Date('2018-01-01T00:00:00Z')
    expect(await found(query, { since })).toEqual(expected(query, ({ at }) => at >= since))
    // Seen on days of one month, all of them: another order, of which only the set is known here.
    for (const order of ['seen', 'changed'] satisfies StoryOrder[]) {
      expect((await found(query, { order })).toSorted()).toEqual(whole.toSorted())
    }
  })

  test('also page by page, in both directions', async () => {
    const whole = expected('中国', () => true)
    const text = parseQuery('中国')
    const forwards: string[] = []
    for (let before: string | null = null; ;) {
      const { stories } = await chooseWithin(database, { ...all, limit: 7, text, before }, small)
      if (stories.length === 0) break
      forwards.push(...stories.map(({ id }) => id))
      before = stories.at(-1)?.cursor ?? null
    }
    expect(forwards).toEqual(whole)
    const last = await chooseWithin(database, { ...all, limit: 7, text, isFromEnd: true }, small)
    const after = last.stories[0]?.cursor ?? null
    const front = await chooseWithin(database, { ...all, limit: 7, text, after }, small)
    expect(front.stories.map(({ id }) => id)).toEqual(whole.slice(-14, -7))
  })
})

/** A clock by which the budget is over after so many looks at it. */
function overAfter(looks: number): () => number {
  let look = 0
  return () => (look++ < looks ? 0 : 100_000)
}

describe('a search that takes too long', () => {
  test.each(['防疫', '-公告'])('gives what it found, and goes on from there: %s', async (query) => {
    const text = parseQuery(query)
    const gathered: string[] = []
    let before: string | null = null
    let pages = 0
    do {
      const choice = await chooseWithin(database, { ...all, text, before }, { ...small, now: overAfter(3) })
      gathered.push(...choice.stories.map(({ id }) => id))
      before = choice.reached
      pages++
    } while (before !== null)
    expect(pages).toBeGreaterThan(2)
    expect(gathered).toEqual(expected(query, () => true))
  })

  test.each(['防疫', '-公告'])('is gone on with where nobody waits for it, until all is found: %s', async (query) => {
    const filter = { ...all, text: parseQuery(query) }
    // By this clock a search has the time for two statements.
    let ms = 0
    const hurried = { ...small, now: () => (ms += small.budgetMs / 3) }
    const ids = async (over: Partial<StoryFilter>) =>
      (await chooseStories(database, { ...filter, ...over }, hurried)).map(({ id }) => id)
    expect((await chooseWithin(database, filter, hurried)).reached).not.toBe(null)
    const whole = expected(query, () => true)
    expect(await ids({})).toEqual(whole)
    expect(await ids({ isFromEnd: true })).toEqual(whole)
    expect(await ids({ limit: 20 })).toEqual(whole.slice(0, 20))
  })

  test('and cannot even begin is an error that passes', async () => {
    const choice = chooseWithin(database, { ...all, text: parseQuery('防疫') }, { ...small, now: overAfter(1) })
    await expect(choice).rejects.toMatchObject({ code: 'archive.busy', retry: 'later' })
  })
})

test('until all stories are told to the index by its present rules, those that are not are found as well', async () => {
  await database.query(
    `update story_search set text_key = null, sequences = null, slots = null where sort_at < '2018-06-01'`,
  )
  expect(await found('中国家', {})).toEqual(expected('中国家', () => true))
})

test('a program of an older version leaves stories that are made again', async () => {
  const count = async () => {
    const { rows } = await database.query<{ count: number }>(
      'select count(*)::int from story_search where text_key is null',
    )
    return rows[0]?.count
  }
  const before = await count()
  await database.query(`update story_search set lexemes = '' where text_key is not null`)
  expect(await count()).toBeGreaterThan(before ?? 0)
  expect(await count()).toBe(kept.length)
})
