import { Client } from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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

test('a process that was stopped for long is not sure of what it held', async () => {
  await one.take('city')
  expect([one.isSure('city'), one.isSure('ministry')]).toEqual([true, false])
  const now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now + 55_000)
  try {
    expect([one.has('city'), one.isSure('city')]).toEqual([true, false])
    // The server answers: it has kept the session.
    await one.take('ministry')
    expect(one.isSure('city')).toBe(true)
  } finally {
    clock.mockRestore()
  }
})

test('what a process held before it was stopped for long is not taken again with a new connection', async () => {
  const onLost = vi.fn<() => void>()
  await one.take('city', onLost)
  const now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now + 55_000)
  try {
    await two.take('ministry')
    expect([one.isSure('city'), two.isSure('ministry')]).toEqual([false, true])
    await cut()
    // Somebody else may have had it, and given it back, meanwhile.
    await expect.poll(() => onLost.mock.calls).toHaveLength(1)
    expect(one.has('city')).toBe(false)
    expect(await two.take('city')).not.toBeNull()
  } finally {
    clock.mockRestore()
  }
})

test('due sources are taken together, those that somebody is at are said, and all are given back', async () => {
  await database.query(
    `insert into source_schedule (source_id, every_ms, jitter_ms, anchor_at, next_at)
     select 'city-' || n, 60000, 0, now(), now() - n * interval '1 min' from generate_series(-1, 4) as n`,
  )
  const all = { now: new Date(Date.now() + 1000), limit: 9, except: [], onLost: vi.fn<() => void>() }
  await one.take('city-1')
  await two.take('city-2')
  expect(await one.takeDue({ ...all, except: ['city-0'] })).toEqual({
    taken: ['city-4', 'city-3'],
    busy: ['city-2', 'city-1'],
  })
  expect(await two.takeDue({ ...all, limit: 3 })).toEqual({ taken: [], busy: ['city-4', 'city-3', 'city-2'] })
  await one.giveBack(['city-4', 'city-3', 'nobody'])
  expect(one.has('city-3')).toBe(false)
  expect((await two.takeDue(all)).taken).toEqual(['city-4', 'city-3', 'city-0'])
})

/** Sessions that hold a source. */
const holders = async () => {
  const rows = await runSql(
    database.connectionString,
    `select l.pid from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and a.datname = current_database()`,
  )
  return rows.map(({ pid }) => pid)
}

test('a process whose connection is cut holds what it held as soon as it has another one, and gives it back', async () => {
  const lost: string[] = []
  const giveBack = await one.take('city', () => lost.push('city'))
  const [before] = await holders()
  await cut()
  await expect.poll(async () => (await holders()).some((pid) => pid !== before), { timeout: 10_000 }).toBe(true)
  expect(await two.take('city')).toBeNull()
  expect(await one.take('city')).toBeNull()
  expect(one.has('city')).toBe(true)
  expect(lost).toEqual([])
  await giveBack?.()
  expect(await two.take('city')).not.toBeNull()
})

test('what somebody else took while the connection was away is lost, and its holder is told', async () => {
  const lost: string[] = []
  const keep = (id: string) => one.take(id, () => lost.push(id))
  const giveBack = await keep('city')
  await keep('town')
  const other = new Client({ connectionString: database.connectionString })
  await other.connect()
  // Waits for the lock before its holder goes, so it is the next to have it.
  const taken = other.query(`select pg_advisory_lock(hashtextextended('source city', 0))`)
  const waits = `select 1 from pg_locks where locktype = 'advisory' and not granted`
  await expect.poll(() => runSql(database.connectionString, waits), { timeout: 10_000 }).toHaveLength(1)
  await cut()
  await taken
  await expect.poll(() => lost, { timeout: 10_000 }).toEqual(['city'])
  expect([one.has('city'), one.has('town')]).toEqual([false, true])
  // Not its own any more: nothing happens.
  await giveBack?.()
  await other.end()
  await expect.poll(async () => (await two.take('city')) !== null, { timeout: 10_000 }).toBe(true)
})
