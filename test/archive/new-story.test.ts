import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { saveArticle } from '../../src/archive/articles.ts'
import { refreshStory } from '../../src/archive/story-lead.ts'
import { indexStoryText } from '../../src/archive/story-search.ts'
import { searchTextOf } from '../../src/search/search-text.ts'
import { anArchive } from '../a-database.ts'
import { aSave } from '../an-article.ts'

let database: Database

beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())

test('a story that begins is kept as one that is brought up to date afterwards', async () => {
  const at = { at: '2019-12-04T01:00:00.000Z', precision: 'day', zone: 'Asia/Shanghai', from: '12月4日' } as const
  const event = { title: '发布会', start: at, end: null, place: null }
  const input = aSave({ language: 'zh-Hant', events: [event], publishedAt: at })
  const { storyId } = await database.transaction((client) =>
    saveArticle(client, input, async () => ({ storyId: null, fingerprint: input.fingerprint }), searchTextOf),
  )
  const read = async () => [
    (await database.query('select * from story where id = $1', [storyId])).rows,
    (await database.query('select * from story_search where story_id = $1', [storyId])).rows,
  ]
  const begun = await read()
  expect(begun[1]).toMatchObject([{ languages: ['zh-hant', 'zh'], has_events: true }])
  await refreshStory(database, storyId, input.seenAt)
  expect(await read()).toEqual(begun)
  await database.query(
    `update story_search set content_hash = null, text_key = null, text = '', lexemes = '', sequences = null, slots = null`,
  )
  await refreshStory(database, storyId, input.seenAt)
  await indexStoryText(database, storyId, searchTextOf)
  expect(await read()).toEqual(begun)
})
