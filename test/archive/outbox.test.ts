import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { withdrawArticle } from '../../src/archive/articles.ts'
import type { Database } from '../../src/archive/database.ts'
import {
  addDeliveries,
  findDelivery,
  listDeadLetters,
  markDelivered,
  markDeliveryFailed,
} from '../../src/archive/deliveries.ts'
import { nextDueAt, takeDue } from '../../src/archive/due-work.ts'
import {
  announceStory,
  lastLogNumber,
  logOutbox,
  readOutbox,
  readStoryLog,
  whileDispatching,
} from '../../src/archive/outbox.ts'
import { saveRequest } from '../../src/archive/subscriptions.ts'
import { mergeStories, splitStory } from '../../src/archive/story-edits.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'

let database: Database
beforeAll(async () => {
  database = await anArchive()
})
afterAll(() => database.close())
beforeEach(async () => {
  await withoutStories(database, 'delivery', 'subscription', 'subscription_request')
})

const at = new Date('2026-11-23T08:00:00Z')
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000)
const keep = (title: string, more = {}) =>
  keepStory(database, { title, bodyText: `${title}：市里今天说了一件事。`, ...more })
const kinds = async () =>
  Object.fromEntries((await readOutbox(database, 100)).map(({ storyId, kind }) => [storyId, kind]))
const empty = async () => {
  await database.transaction(async (client) => logOutbox(client, await readOutbox(client, 100), at))
}

test('a story is noted as new, and as changed when a copy, a correction or a withdrawal changes it', async () => {
  const id = await keep('供水通告')
  expect(await kinds()).toEqual({ [id]: 'new' })
  await keep('供水通告（转载）', { sourceId: 'portal', copyOf: id })
  // Who has not been told of it yet is told of a new story.
  expect(await kinds()).toEqual({ [id]: 'new' })
  await empty()
  await keep('供水通告', { bodyText: '更正：供水时间改为周四。' })
  expect(await kinds()).toEqual({ [id]: 'changed' })
  await empty()
  const url = `https://news.example/${encodeURIComponent('供水通告')}`
  await database.transaction((client) => withdrawArticle(client, url, at))
  expect(await kinds()).toEqual({ [id]: 'changed' })
  await empty()
  await keep('供水通告（转载）', { sourceId: 'portal', copyOf: id })
  expect(await kinds()).toEqual({})
})

test('a split story and the new one go out, and of two that are joined the one that stays', async () => {
  const [one, two] = [await keep('通告一'), await keep('通告二')]
  await empty()
  await mergeStories(database, two, one, at)
  expect(await kinds()).toEqual({ [one]: 'changed' })
  await empty()
  const { rows } = await database.query<{ id: string }>(`select id from article where title = '通告二'`)
  const split = await splitStory(database, rows[0]?.id ?? '', at)
  const made = split.kind === 'done' ? split.storyId : ''
  expect(await kinds()).toEqual({ [one]: 'changed', [made]: 'new' })
})

test('what was not committed is not noted', async () => {
  const id = await keep('通告')
  await empty()
  const failing = database.transaction(async (client) => {
    await announceStory(client, id, 'changed')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await kinds()).toEqual({})
})

test('a story that is deleted takes its note and its text to search along, whichever program deletes it', async () => {
  const gone = await keep('通告')
  const stays = await keep('公告')
  for (const table of ['event', 'revision', 'story_candidate', 'article_fingerprint']) {
    await database.query(`delete from ${table} where article_id in (select id from article where story_id = $1)`, [
      gone,
    ])
  }
  await database.query('delete from article where story_id = $1', [gone])
  await database.query('delete from story where id = $1', [gone])
  expect(await kinds()).toEqual({ [stays]: 'new' })
  expect((await database.query('select story_id from story_search')).rows).toEqual([{ story_id: stays }])
})

test('a change that comes while the outbox is read stays for the next look', async () => {
  const id = await keep('通告')
  const entries = await readOutbox(database, 100)
  await database.transaction((client) => announceStory(client, id, 'changed'))
  await logOutbox(database, entries, at)
  // As new it has gone out.
  expect(await kinds()).toEqual({ [id]: 'changed' })
})

test('the log has each story in the order of looking, and its end is what is asked for', async () => {
  const start = await lastLogNumber(database)
  const ids: string[] = []
  for (const title of ['甲', '乙', '丙']) {
    ids.push(await keep(title))
    await empty()
  }
  const lines = await readStoryLog(database, start, 100)
  expect(lines.map(({ storyId }) => storyId)).toEqual(ids)
  expect((await readStoryLog(database, start, 2)).map(({ storyId }) => storyId)).toEqual(ids.slice(1))
  expect(await readStoryLog(database, lines[1]?.number ?? 0, 100)).toEqual(lines.slice(2))
  expect(await lastLogNumber(database)).toBe(lines[2]?.number)
})

test('one process looks at a time', async () => {
  let inner: boolean | null = null
  const outer = await whileDispatching(database, async () => {
    inner = await whileDispatching(database, async () => undefined)
  })
  expect([outer, inner]).toEqual([true, false])
})

const item = { channel: 'webhook', target: 'all/desk.example/1', feedId: 'all', kind: 'new' } as const

test('what is due is taken once, and once more when its job is lost', async () => {
  await addDeliveries(database, [{ ...item, subject: 'a' }], at)
  expect(await nextDueAt(database, at)).toEqual(at)
  const take = (now: Date) => takeDue(database, { now, lostAfterMs: 30_000, limit: 10 })
  expect(await take(later(-1))).toEqual([])
  const [row] = await take(at)
  expect(row).toMatchObject({ kind: 'delivery', version: 0 })
  expect(await take(later(10))).toEqual([])
  expect(await nextDueAt(database, at)).toBe(null)
  expect(await take(later(31))).toEqual([row])
})

test('what a clock that was ahead has taken is taken again', async () => {
  await addDeliveries(database, [{ ...item, subject: 'a' }], at)
  const take = (now: Date) => takeDue(database, { now, lostAfterMs: 30_000, limit: 10 })
  const [row] = await take(later(86_400))
  expect(row).toBeDefined()
  expect(await take(later(10))).toEqual([row])
  expect(await take(later(20))).toEqual([])
})

test('what a clock that was ahead has put off is due, what a server has put off by a day is not', async () => {
  await addDeliveries(database, [{ ...item, subject: 'a' }], later(3 * 86_400))
  const callback = { callback: 'https://desk.example/1', callbackHost: 'desk.example:443', secret: null }
  const request = { mode: 'subscribe', topic: 'all', leaseSeconds: 60, reason: null, ...callback } as const
  await saveRequest(database, request, later(3 * 86_400))
  await database.query(
    `insert into subscription (id, topic, callback, expires_at, next_at, created_at)
     values (gen_random_uuid(), 'all', 'https://desk.example/2', $1, $1, $1)`,
    [later(3 * 86_400)],
  )
  expect(await nextDueAt(database, at)).toEqual(at)
  const take = () => takeDue(database, { now: at, lostAfterMs: 30_000, limit: 10 })
  expect((await take()).map(({ kind }) => kind)).toEqual(['confirm', 'content', 'delivery'])
  expect(await take()).toEqual([])
  expect(await nextDueAt(database, at)).toBe(null)

  await addDeliveries(database, [{ ...item, subject: 'b' }], later(86_400))
  expect(await nextDueAt(database, at)).toEqual(later(86_400))
  expect(await take()).toEqual([])
})

test('a delivery whose subject has changed meanwhile is made once more, as a change', async () => {
  await addDeliveries(database, [{ ...item, subject: 'a' }], at)
  const { rows } = await database.query<{ id: string }>('select id from delivery')
  const id = rows[0]?.id ?? ''
  const delivery = await findDelivery(database, id)
  if (!delivery) throw new Error('There is no delivery')
  await addDeliveries(database, [{ ...item, subject: 'a', kind: 'changed' }], at)
  await markDelivered(database, delivery, later(1))
  const again = await findDelivery(database, id)
  expect(again).toMatchObject({ kind: 'changed', attempts: 0 })
  if (again) await markDelivered(database, again, later(2))
  expect(await findDelivery(database, id)).toBe(null)
})

test('a dead letter is not due, and a change of its subject gives it another life', async () => {
  await addDeliveries(database, [{ ...item, subject: 'a' }], at)
  const { rows } = await database.query<{ id: string }>('select id from delivery')
  const id = rows[0]?.id ?? ''
  await markDeliveryFailed(database, id, { error: 'no', nextAt: null, now: at })
  expect(await findDelivery(database, id)).toBe(null)
  expect(await nextDueAt(database, at)).toBe(null)
  expect(await listDeadLetters(database, 10)).toMatchObject([{ id, lastError: 'no', diedAt: at, title: null }])
  await addDeliveries(database, [{ ...item, subject: 'a', kind: 'changed' }], later(5))
  expect(await findDelivery(database, id)).toMatchObject({ attempts: 0 })
  expect(await listDeadLetters(database, 10)).toEqual([])
})
