import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseStories, chooseWithin } from '../../src/archive/choose-stories.ts'
import type { Database } from '../../src/archive/database.ts'
import { findStories } from '../../src/archive/stories.ts'
import { isStoryCursor, type StoryFilter } from '../../src/archive/story-filter.ts'
import { mergeStories, splitStory } from '../../src/archive/story-edits.ts'
import { indexUnmadeStories } from '../../src/archive/story-search.ts'
import { parseQuery } from '../../src/search/parse-query.ts'
import { searchTextOf } from '../../src/search/search-text.ts'
import { anArchive } from '../a-database.ts'
import { keepStory, type GivenArticle } from '../keep-story.ts'

let database: Database

const keep = (given: GivenArticle) => keepStory(database, given)

async function titles(filter: Partial<StoryFilter> & { query?: string }): Promise<string[]> {
  const { query, ...rest } = filter
  const text = query === undefined ? null : parseQuery(query)
  const stories = await findStories(database, { sourceIds: null, languages: null, limit: 100, text, ...rest })
  return stories.map(({ title }) => title)
}

beforeAll(async () => {
  database = await anArchive()
  await keep({ day: 1, title: '商务部發佈跨境電商新規', bodyText: '新規自十二月起施行。', sourceId: 'ministry' })
  await keep({ day: 2, title: '跨境电商企业招聘会', bodyText: '招聘会在体育馆举行。', sourceId: 'city' })
  await keep({ day: 3, title: '电商跨越国境', bodyText: '跨境的电商与其他。', sourceId: 'portal', language: 'zh-Hant' })
  await keep({ day: 4, title: 'Tax reform begins', bodyText: 'The office explains ＡＩ taxes.', language: 'en' })
  const drill = await keep({
    day: 5,
    title: '消防演练通知',
    bodyText: '演练于十一月举行。',
    sourceId: 'ministry',
    events: [
      {
        title: '演练',
        start: { at: '2019-11-20T01:00:00.000Z', precision: 'minute', zone: 'UTC', from: 't' },
        end: null,
        place: null,
      },
    ],
  })
  await keep({ day: 6, title: '消防演练通知（转载）', bodyText: '转载全文。', sourceId: 'portal', copyOf: drill })
})

afterAll(async () => {
  await database.close()
})

describe('stories are found by', () => {
  test.each<[string, Partial<StoryFilter> & { query?: string }, string[]]>([
    ['simplified words in traditional text', { query: '跨境电商' }, ['跨境电商企业招聘会', '商务部發佈跨境電商新規']],
    ['words and exclusions', { query: '跨境电商 -招聘' }, ['商务部發佈跨境電商新規']],
    ['exclusions alone', { query: '-电商 -tax' }, ['消防演练通知']],
    ['an excluded phrase whose pairs are all there', { query: '电商 -跨境电商' }, ['电商跨越国境']],
    ['either of two words', { query: '招聘会 | 消防' }, ['消防演练通知', '跨境电商企业招聘会']],
    ['one character', { query: '演' }, ['消防演练通知']],
    ['a whole Latin word in any width', { query: 'ai' }, ['Tax reform begins']],
    ['no part of a Latin word', { query: 'tax -reform' }, []],
    ['a title', { query: 'title:招聘' }, ['跨境电商企业招聘会']],
    ['the title of a copy', { query: '消防演练通知（转载）' }, ['消防演练通知']],
    ['a word in the title of a copy alone', { query: 'title:转载' }, ['消防演练通知']],
    ['a source, copies included', { sourceIds: ['portal'] }, ['消防演练通知', '电商跨越国境']],
    [
      'a language with its scripts',
      { languages: ['zh'], query: '电商' },
      ['电商跨越国境', '跨境电商企业招聘会', '商务部發佈跨境電商新規'],
    ],
    ['one script alone', { languages: ['zh-Hant'] }, ['电商跨越国境']],
    ['their age', { since: new Date('2019-11-04T00:00:00Z') }, ['消防演练通知', 'Tax reform begins']],
    ['what they announce', { hasEvents: true }, ['消防演练通知']],
  ])('%s', async (_, filter, expected) => {
    expect(await titles(filter)).toEqual(expected)
  })
})

test('common words are found by walking as rare ones by the index', async () => {
  for (const query of ['跨境电商', '电商 -跨境电商', '招聘会 | 消防', '演', 'title:招聘', '跨境 -(招聘 | 新规)']) {
    const filter = { sourceIds: null, languages: ['zh'], limit: 100, text: parseQuery(query) }
    const byIndex = await chooseStories(database, filter)
    expect(byIndex.length).toBeGreaterThan(0)
    // One is enough here, so that it is found among the newest.
    expect(await chooseStories(database, { ...filter, limit: 1 })).toMatchObject(
      byIndex.slice(0, 1).map(({ id }) => ({ id })),
    )
    const limits = { budgetMs: 60_000, newest: 1, candidates: 1, now: () => 0 }
    expect(await chooseWithin(database, filter, limits)).toEqual({ stories: byIndex, reached: null })
  }
})

test('orders differ where times do', async () => {
  expect((await titles({ order: 'published' }))[0]).toBe('消防演练通知')
  const changed = await findStories(database, { sourceIds: null, languages: null, limit: 100, order: 'changed' })
  const times = changed.map(({ changedAt }) => changedAt.getTime())
  expect(times).toEqual(times.toSorted((a, b) => b - a))
})

test('pages cover everything once, forwards and backwards, also when stories come meanwhile', async () => {
  const all = await chooseStories(database, { sourceIds: null, languages: null, limit: 100 })
  const forwards: string[] = []
  for (let before: string | null = null; ;) {
    const page = await chooseStories(database, { sourceIds: null, languages: null, limit: 2, before })
    if (page.length === 0) break
    forwards.push(...page.map(({ id }) => id))
    before = page.at(-1)?.cursor ?? null
    if (forwards.length === 2) await keep({ day: 28, title: '新到的公告', bodyText: '这是刚刚到的。', language: 'ja' })
  }
  expect(forwards).toEqual(all.map(({ id }) => id))
  const oldest = await chooseStories(database, { sourceIds: null, languages: null, limit: 2, isFromEnd: true })
  expect(oldest.map(({ id }) => id)).toEqual(forwards.slice(-2))
  const front = await chooseStories(database, {
    sourceIds: null,
    languages: null,
    limit: 2,
    after: oldest[0]?.cursor ?? null,
  })
  expect(front.map(({ id }) => id)).toEqual(forwards.slice(-4, -2))
})

test('a corrected text is found by its new words and no longer by the old ones', async () => {
  const url = 'https://news.example/corrected'
  await keep({ url, title: '会议改期', bodyText: '会议在甲地举行。', language: 'fr' })
  expect(await titles({ query: '甲地' })).toEqual(['会议改期'])
  await keep({ url, title: '会议改期', bodyText: '会议在乙地举行。', language: 'fr' })
  expect(await titles({ query: '甲地' })).toEqual([])
  expect(await titles({ query: '乙地' })).toEqual(['会议改期'])
})

test('joined stories are one, found by its own words, and parted ones are two', async () => {
  const first = await keep({ title: '桥梁合龙', bodyText: '大桥今日合龙。', language: 'de', day: 9 })
  const second = await keep({ title: '大桥贯通', bodyText: '贯通仪式在桥头举行。', language: 'de', day: 10 })
  await mergeStories(database, second, first, new Date('2019-11-11T00:00:00Z'))
  await indexUnmadeStories(database, searchTextOf)
  expect(await titles({ languages: ['de'] })).toEqual(['桥梁合龙'])
  expect(await titles({ query: '贯通仪式' })).toEqual([])
  const [story] = await findStories(database, { sourceIds: null, languages: ['de'], limit: 1 })
  const copy = story?.members.find(({ title }) => title === '大桥贯通')
  await splitStory(database, copy?.id ?? '', new Date('2019-11-12T00:00:00Z'))
  await indexUnmadeStories(database, searchTextOf)
  expect(await titles({ query: '贯通仪式' })).toEqual(['大桥贯通'])
})

test('stories from before search was there are made searchable once', async () => {
  await database.query(`update story_search set content_hash = null, title = '', text = '', lexemes = ''`)
  expect(await titles({ query: '招聘会' })).toEqual([])
  expect(await indexUnmadeStories(database, searchTextOf)).toBeGreaterThan(5)
  expect(await titles({ query: '招聘会' })).toEqual(['跨境电商企业招聘会'])
  expect(await indexUnmadeStories(database, searchTextOf)).toBe(0)
})

test('words with signs of the query language of PostgreSQL are only words', async () => {
  for (const query of ["'", "o'clock", 'a\\b', 'a:*', 'a&b', '"a | b"', '!a', '<->', '𠮷', 'x'.repeat(400)]) {
    const text = /[\p{L}\p{N}]/u.test(query) ? parseQuery(query) : null
    await expect(chooseStories(database, { sourceIds: ["'"], languages: ['\\'], limit: 5, text })).resolves.toEqual([])
  }
})

test('a place in the archive is recognised by its form', () => {
  expect(isStoryCursor('1572573600000000-00000000-0000-4000-8000-000000000001')).toBe(true)
  for (const text of ['', '1', 'a-b', '1572573600000000-0', "1'-00000000-0000-4000-8000-000000000001"]) {
    expect(isStoryCursor(text)).toBe(false)
  }
})
