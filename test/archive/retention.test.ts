import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { countArchive } from '../../src/archive/articles.ts'
import type { Database } from '../../src/archive/database.ts'
import { clearStories } from '../../src/archive/retention.ts'
import { splitStory } from '../../src/archive/story-edits.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { aSave, keep, type Saving } from '../an-article.ts'

const later = new Date('2019-12-06T00:00:00Z')
let database: Database

beforeAll(async () => {
  database = await anArchive()
})
beforeEach(() => withoutStories(database))
afterAll(() => database.close())

const save = (input: Saving) => database.transaction((client) => keep(client, input))
const waiting = async () =>
  (await database.query(`select from pg_locks where not granted and locktype = 'transactionid'`)).rows.length

/**
 * Clears all stories, and does something else in the middle: when they are as good as gone, and nobody can know it yet.
 * @returns what that came to
 */
async function whileClearing<T>(work: () => Promise<T>): Promise<T> {
  const gate = await database.connect()
  await gate.query('begin')
  // What clearing comes to last.
  await gate.query('lock table story_log in access exclusive mode')
  const clearing = clearStories(database, later, [])
  const isHeld = `select from pg_locks where not granted and relation = 'story_log'::regclass`
  await expect.poll(async () => (await database.query(isHeld)).rows.length, { timeout: 10_000 }).toBe(1)
  const working = work()
  await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
  await gate.query('commit')
  gate.release()
  await clearing
  return working
}

test('an article is not taken out of a story that is deleted at that moment', async () => {
  for (const n of [1, 2]) await save(aSave({ url: `http://copy.example/${n}` }))
  const { rows } = await database.query<{ id: string }>(`select id from article where url like '%/2'`)
  expect(await whileClearing(() => splitStory(database, rows[0]?.id ?? '', later))).toMatchObject({ kind: 'refused' })
  expect(await countArchive(database)).toEqual({ articles: 0, stories: 0 })
})

test('a new text of an article that is deleted at that moment is kept, with nothing left of the one before', async () => {
  await save(aSave())
  const revised = await whileClearing(() => save(aSave({ bodyText: '更正：会议改到乙地举行。' })))
  expect(revised.outcome).toBe('stored')
  expect(await countArchive(database)).toEqual({ articles: 1, stories: 1 })
  const ofOne =
    'select (select count(*)::int from revision) as revisions, (select count(*)::int from article_fingerprint) as prints'
  expect((await database.query(ofOne)).rows).toEqual([{ revisions: 1, prints: 1 }])
})
