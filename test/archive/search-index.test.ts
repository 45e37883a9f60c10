import { expect, test } from 'vitest'
import { chooseWithin } from '../../src/archive/choose-stories.ts'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { findAppliedMigrations, migrate, migrateWith } from '../../src/archive/migrate.ts'
import { whileDispatching } from '../../src/archive/outbox.ts'
import { makeSearchIndex, tidySearchIndex } from '../../src/archive/search-index.ts'
import { indexUnmadeStories } from '../../src/archive/story-search.ts'
import { parseQuery } from '../../src/search/parse-query.ts'
import { searchTextOf } from '../../src/search/search-text.ts'
import { anArchive, anEmptyDatabase } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { silent } from '../silent.ts'

async function ginIndexes(database: Database): Promise<unknown[]> {
  const { rows } = await database.query<{ name: string; valid: boolean }>(
    `select c.relname as name, indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
     where indrelid = 'story_search'::regclass and c.relam = (select oid from pg_am where amname = 'gin') order by 1`,
  )
  return rows.map(({ name, valid }) => `${name} ${valid}`)
}

/** What a search finds that reads the newest story and asks the index for the others. */
async function foundByIndex(database: Database, query: string): Promise<string[]> {
  const filter = { sourceIds: null, languages: null, limit: 10, text: parseQuery(query) }
  const limits = { budgetMs: 60_000, newest: 1, candidates: 3, now: () => 0 }
  return (await chooseWithin(database, filter, limits)).stories.map(({ id }) => id).toSorted()
}

/** An archive of before the index, with stories in it. */
async function aFilledArchive(): Promise<Database> {
  const newest = await anArchive()
  const before = (await findAppliedMigrations(newest)).filter(({ number }) => number < 10)
  await newest.close()
  const database = openDatabase(await anEmptyDatabase(), silent)
  await database.transaction(async (client) => {
    await migrateWith(client, before)
    await client.query('set local session_replication_role = replica')
    await client.query(
      `insert into story_search (story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events)
       values (gen_random_uuid(), now(), now(), now(), '{}', '{}', false)`,
    )
  })
  await migrate(database)
  await database.query('delete from story_search')
  return database
}

test('a new archive has the index of searches, and nothing is made of it again', async () => {
  const database = await anArchive()
  expect(await ginIndexes(database)).toEqual(['story_search_windows true'])
  expect(await makeSearchIndex(database)).toBe(false)
  await database.close()
})

test('a filled archive is brought up to date without it, searches find all the same, and it is made beside them, once', async () => {
  const database = await aFilledArchive()
  expect(await ginIndexes(database)).toEqual(['story_search_lexemes true'])
  const ids: string[] = []
  for (const day of [1, 2, 3, 4, 5, 6]) {
    const publishedAt = { at: `2019-11-0${day}T01:00:00Z`, precision: 'minute', zone: 'UTC', from: 't' } as const
    ids.push(await keepStory(database, { title: `第${day}号供水通告`, bodyText: '城东。', sourceId: 's', publishedAt }))
  }
  await indexUnmadeStories(database, searchTextOf)
  expect(await foundByIndex(database, '供水')).toEqual(ids.toSorted())
  const made = await Promise.all([makeSearchIndex(database), makeSearchIndex(database)])
  expect(made.filter((isMade) => isMade)).toHaveLength(1)
  expect(await ginIndexes(database)).toEqual(['story_search_windows true'])
  expect(await foundByIndex(database, '供水')).toEqual(ids.toSorted())
  await database.close()
})

test('an index whose making was broken off is made anew', async () => {
  const database = await aFilledArchive()
  // Who reads the table since before holds up the end of the making.
  const reader = await database.connect()
  await reader.query('begin isolation level repeatable read')
  await reader.query('select from story_search')
  const stopping = new AbortController()
  const making = makeSearchIndex(database, stopping.signal)
  await expect.poll(() => ginIndexes(database), { timeout: 30_000 }).toContain('story_search_windows false')
  // It takes half an hour for a million stories: what is new goes out meanwhile.
  expect(await whileDispatching(database, () => Promise.resolve())).toBe(true)
  stopping.abort()
  await expect(making).rejects.toThrow('cancel')
  await reader.query('rollback')
  reader.release()
  expect(await makeSearchIndex(database)).toBe(true)
  expect(await ginIndexes(database)).toEqual(['story_search_windows true'])
  await database.close()
}, 60_000)

test('new stories are found while they wait at the end of the index, and are moved when enough of them are there', async () => {
  const database = await anArchive()
  let moved = 0
  const tidying = tidySearchIndex(
    {
      query: async (text, values) => {
        const result = await database.query<never>(text, values)
        moved += 1
        return result
      },
    },
    { most: 3, waitMs: 60_000, restMs: 100 },
  )
  const pagesLeft = async () => {
    const { rows } = await database.query<{ pages: number }>(
      `select gin_clean_pending_list('story_search_windows')::int as pages`,
    )
    return rows[0]?.pages
  }
  const keep = async (...numbers: number[]) => {
    for (const number of numbers)
      await keepStory(database, { title: `第${number}号供水通告`, bodyText: `城东${number}。`, sourceId: 's' })
    for (const _ of numbers) tidying.noted()
  }
  await keep(1)
  await keep(2)
  expect(moved).toBe(0)
  expect(await foundByIndex(database, '供水')).toHaveLength(2)
  await keep(3)
  await expect.poll(() => moved).toBe(1)
  expect(await pagesLeft()).toBe(0)
  await keep(4)
  expect(await pagesLeft()).toBeGreaterThan(0)
  // Those that come while it rests wait for its end.
  await keep(5, 6, 7)
  await expect.poll(() => moved).toBe(2)
  expect(await pagesLeft()).toBe(0)
  await database.close()
})
