import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/archive/database.ts'
import { openSourceLeases, type SourceLeases } from '../../src/archive/source-lease.ts'
import { anArchive, runSql } from '../a-database.ts'
import { silent } from '../silent.ts'

let database: Database
let one: SourceLeases
let two: SourceLeases

beforeEach(async () => {
  database = await anArchive()
  one = openSourceLeases(database, silent)
  two = openSourceLeases(database, silent)
})
afterEach(async () => {
  await one.close()
  await two.close()
  await database.close()
})

/** Cuts the connections that leases live on. */
const cut = () =>
  runSql(
    database.connectionString,
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = 'newsfold-leases' and datname = current_database()`,
  )

test('a source is held by one process at a time, and by one job of a process', async () => {
  const giveBack = await one.take('city')
  expect(giveBack).not.toBeNull()
  expect(await two.take('city')).toBeNull()
  expect(await one.take('city')).toBeNull()
  expect(await two.take('ministry')).not.toBeNull()
  await giveBack?.()
  expect(await two.take('city')).not.toBeNull()
  expect(await one.take('city')).toBeNull()
})

test('of many that ask at the same moment one gets the source', async () => {
  const asked = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? one : two).take('city')))
  expect(asked.filter((lease) => lease !== null)).toHaveLength(1)
})

test('what a process held is free when it goes', async () => {
  await one.take('city')
  await one.close()
  expect(await two.take('city')).not.toBeNull()
})

test('what was held is free when its connection is cut, and the process can take it again', async () => {
  await one.take('city')
  await cut()
  await expect.poll(async () => (await one.take('city')) !== null, { timeout: 10_000 }).toBe(true)
  expect(await two.take('city')).toBeNull()
})

test('giving back a lease that was lost does not give back the one that was taken since', async () => {
  const lost = await one.take('city')
  await cut()
  await expect.poll(async () => (await one.take('city')) !== null, { timeout: 10_000 }).toBe(true)
  await lost?.()
  expect(await one.take('city')).toBeNull()
  expect(await two.take('city')).toBeNull()
})
