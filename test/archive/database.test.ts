import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { findAppliedMigrations, migrate, migrateWith, type AppliedMigration } from '../../src/archive/migrate.ts'
import { anArchive, anEmptyDatabase, runSql } from '../a-database.ts'
import { silent } from '../silent.ts'

let database: Database

beforeAll(async () => {
  database = await anArchive()
  await database.query('create table note (id int primary key, text text not null)')
})
afterAll(() => database.close())

const backend = 'select pg_backend_pid() as pid'

test('a transaction whose connection is ended by the server is run again and commits once', async () => {
  let tries = 0
  await database.transaction(async (client) => {
    tries++
    await client.query('insert into note values ($1, $2)', [1, `try ${tries}`])
    if (tries > 1) return
    const { rows } = await client.query<{ pid: number }>(backend)
    await runSql(database.connectionString, `select pg_terminate_backend(${rows[0]?.pid}, 5000)`)
    await client.query('select 1')
  })
  expect(await runSql(database.connectionString, 'select text from newsfold.note where id = 1')).toEqual([
    { text: 'try 2' },
  ])
})

test('a connection that is ended under a running query ends neither the query nor the process', async () => {
  const slow = database.query<{ done: number }>('select pg_sleep(0.4)::text, 1 as done')
  const pids = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where query like 'select pg_sleep(0.4)%'`
  await expect.poll(() => runSql(database.connectionString, pids)).toHaveLength(1)
  expect((await slow).rows[0]?.done).toBe(1)
})

test('what a query has wrong is said at once and is not tried again', async () => {
  let tries = 0
  const wrong = database.transaction(async (client) => {
    tries++
    await client.query('select nothing from nowhere')
  })
  await expect(wrong).rejects.toThrow('nowhere')
  expect(tries).toBe(1)
})

test('a transaction fails with a statement whose answer it does not wait for, and says which', async () => {
  const keep = (id: number, last?: string) =>
    database.transaction(async (client) => {
      client.send('insert into note values ($1, $2)', [id, 'first'])
      client.send('insert into note values ($1, $2)', [id + 1, 'second'])
      if (last !== undefined) await client.query(last)
    })
  const kept = async () => (await database.query('select id, text from note where id >= 10 order by id')).rows
  await keep(10)
  expect(await kept()).toEqual([
    { id: 10, text: 'first' },
    { id: 11, text: 'second' },
  ])
  await expect(keep(9)).rejects.toThrow('duplicate key')
  await expect(keep(9, 'select 1')).rejects.toThrow('duplicate key')
  await keep(12, 'select 1')
  expect((await kept()).map((row) => row['id'])).toEqual([10, 11, 12, 13])
  expect((await database.query('select id from note where id = 9')).rows).toEqual([])
})

test('a transaction whose connection ends behind a statement that nobody waits for is run again', async () => {
  let tries = 0
  await database.transaction(async (client) => {
    tries++
    client.send('insert into note values (20, $1)', [`try ${tries}`])
    if (tries === 1) client.send('select pg_terminate_backend(pg_backend_pid())')
  })
  expect((await database.query('select text from note where id = 20')).rows).toEqual([{ text: 'try 2' }])
})

test('processes that migrate one new database at the same moment apply each migration once', async () => {
  const url = await anEmptyDatabase()
  const databases = [1, 2, 3, 4].map(() => openDatabase(url, silent))
  const applied = await Promise.all(databases.map(migrate))
  for (const each of databases) await each.close()
  const names = (await runSql(url, 'select name from newsfold.migration order by number')).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(0)
  expect(applied.flat()).toEqual(names)
})

/** The migrations up to a number, as a backup of that time would name them. */
async function migrationsUpTo(last: number): Promise<AppliedMigration[]> {
  return (await findAppliedMigrations(database)).filter(({ number }) => number <= last)
}

test('a migration waits for who reads a table, and holds up nobody else meanwhile', async () => {
  const older = openDatabase(await anEmptyDatabase(), silent)
  const early = await migrationsUpTo(3)
  await older.transaction((client) => migrateWith(client, early))
  // The next one changes crawl_run, which a backup of the version that runs is reading.
  const backup = await older.connect()
  await backup.query('begin isolation level repeatable read read only')
  await backup.query('select count(*) from crawl_run')
  const migrating = migrate(older)
  const waiting = `select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'`
  await expect.poll(() => runSql(older.connectionString, waiting), { timeout: 10_000 }).toHaveLength(1)
  // Comes behind the one that waits; a hang here would end with the test's own time.
  expect((await older.query<{ count: number }>('select count(*)::int as count from crawl_run')).rows).toEqual([
    { count: 0 },
  ])
  await backup.query('rollback')
  backup.release()
  const all = (await migrationsUpTo(Number.MAX_SAFE_INTEGER)).map(({ name }) => name)
  expect([...early.map(({ name }) => name), ...(await migrating)]).toEqual(all)
  await older.close()
})

test('an archive that a newer version has used is refused by name', async () => {
  const newer = await anArchive()
  await newer.query(`insert into migration (number, name, checksum) values (9000, '9000-later.sql', 'x')`)
  await expect(migrate(newer)).rejects.toMatchObject({
    code: 'archive.newer-than-program',
    message: expect.stringContaining('9000-later.sql'),
  })
  await newer.close()
})

test('an archive whose migration had another text is refused by name', async () => {
  const edited = await anArchive()
  await edited.query(`update migration set checksum = 'another' where number = 1`)
  await expect(migrate(edited)).rejects.toMatchObject({
    code: 'archive.migration-changed',
    message: expect.stringContaining('0001-archive.sql'),
  })
  await edited.close()
})
