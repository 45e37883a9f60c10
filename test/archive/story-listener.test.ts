import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database, Transaction } from '../../src/archive/database.ts'
import { logOutbox, readOutbox } from '../../src/archive/outbox.ts'
import { listenForStories } from '../../src/archive/story-listener.ts'
import { anArchive, runSql } from '../a-database.ts'
import { aSave, keep } from '../an-article.ts'
import { silent } from '../silent.ts'

let database: Database
beforeEach(async () => {
  database = await anArchive()
})
afterEach(() => database.close())

const listeners = `from pg_stat_activity where application_name = 'newsfold-listener' and datname = current_database()`
const ask = (sql: string) => runSql(database.connectionString, sql)

test('a stored story is heard, also after the connection was cut', async () => {
  let heard = 0
  const stop = listenForStories(database, silent, () => heard++)
  await expect.poll(() => heard).toBe(1)
  await database.transaction((client) => keep(client, aSave()))
  await expect.poll(() => heard).toBe(2)
  await ask(`select pg_terminate_backend(pid, 5000) ${listeners}`)
  // Once for what it may have missed.
  await expect.poll(() => heard, { timeout: 10_000 }).toBe(3)
  await database.transaction((client) => keep(client, aSave({ url: 'http://a.example/2', bodyText: '又' })))
  await expect.poll(() => heard).toBe(4)
  await stop()
  await expect.poll(() => ask(`select ${listeners}`)).toEqual([])
})

/** A process whose words are lost with it. */
const dying = (client: Transaction): Transaction => ({ ...client, tell: () => undefined })

test('a story of a process that died before it told of it is heard of when a dispatcher finds it', async () => {
  let heard = 0
  const stop = listenForStories(database, silent, () => heard++)
  await expect.poll(() => heard).toBe(1)
  await database.transaction((client) => keep(dying(client), aSave()))
  await database.query(`update outbox set noted_at = noted_at - interval '5 s'`)
  await logOutbox(database, await readOutbox(database, 10), new Date())
  await expect.poll(() => heard).toBe(2)
  await stop()
})

test('a listener that is stopped before it is connected leaves no connection behind', async () => {
  await Promise.all(Array.from({ length: 5 }, () => listenForStories(database, silent, () => undefined)()))
  await expect.poll(() => ask(`select ${listeners}`)).toEqual([])
  // Those that were under way would be there by now.
  await ask('select pg_sleep(0.5)')
  expect(await ask(`select ${listeners}`)).toEqual([])
})
