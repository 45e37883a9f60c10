import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { mergeStories, splitStory } from '../../src/archive/story-edits.ts'
import { findStories, findStory } from '../../src/archive/stories.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { aSave, keep, type Saving } from '../an-article.ts'

const later = new Date('2019-11-06T00:00:00Z')
const release = [
  '城市排水管网改造工程自下周一起分三个标段施工，涉及道路二十六条，总长四十一公里。',
  '施工期间沿线公交线路临时绕行，绕行方案已在站牌和公交公司网站公布。',
  '市水务局提醒沿线居民提前储水，夜间停水时间不超过六小时，应急供水车随时待命。',
].join('\n')
let database: Database

beforeAll(async () => {
  database = await anArchive()
})
beforeEach(() => withoutStories(database))
afterAll(() => database.close())

const save = (input: Saving) => database.transaction((client) => keep(client, input))
const aCopy = (n: number) => aSave({ url: `http://copy.example/${n}`, title: '管网改造下周开工', bodyText: release })
const membersOf = async (storyId: string) => (await findStory(database, storyId))?.members ?? []
const everything = { sourceIds: null, languages: null, limit: 10 }

test('an article that was taken out of its story stays out, and copies that come later go to one of the two', async () => {
  const { storyId } = await save(aCopy(1))
  await save(aCopy(2))
  const second = (await membersOf(storyId)).find(({ url }) => url.endsWith('/2'))
  const outcome = await splitStory(database, second?.id ?? '', later)
  expect(outcome).toMatchObject({ kind: 'done' })
  const other = outcome.kind === 'done' ? outcome.storyId : ''
  expect(other).not.toBe(storyId)
  expect((await membersOf(other)).map(({ url }) => url)).toEqual(['http://copy.example/2'])

  await save(aCopy(2))
  expect(await membersOf(other)).toHaveLength(1)
  const third = await save(aCopy(3))
  expect([storyId, other]).toContain(third.storyId)
})

test('a story that was joined to another leads there, and is no item of its own any more', async () => {
  const one = await save(aCopy(1))
  const two = await save(aSave({ url: 'http://other.example/1', title: '另一条', bodyText: '完全不同的一条消息。' }))
  expect(await mergeStories(database, two.storyId, one.storyId, later)).toEqual({ kind: 'done', storyId: one.storyId })
  expect((await findStory(database, two.storyId))?.id).toBe(one.storyId)
  expect(await membersOf(one.storyId)).toHaveLength(2)
  expect((await findStories(database, everything)).map(({ id }) => id)).toEqual([one.storyId])
})

test('what cannot be split or joined is refused, and nothing changes', async () => {
  const { storyId } = await save(aCopy(1))
  const [only] = await membersOf(storyId)
  expect(await splitStory(database, only?.id ?? '', later)).toMatchObject({ kind: 'refused' })
  expect(await splitStory(database, storyId, later)).toMatchObject({ kind: 'refused' })
  expect(await mergeStories(database, storyId, storyId, later)).toMatchObject({ kind: 'refused' })
  expect(await mergeStories(database, only?.id ?? '', storyId, later)).toMatchObject({ kind: 'refused' })
  expect((await findStory(database, storyId))?.changedAt).toEqual(new Date('2019-11-05T02:00:00Z'))
})
