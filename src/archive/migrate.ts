import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError, UnreachableError } from '../model/errors.ts'
import { schema, type Database, type Queryable } from './database.ts'

/** Any constant will do; all versions of Newsfold must use the same. */
const migrationLock = 7_301_934_402

interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The numbered files beside this module, in order. */
function readMigrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), 'utf8')
      return { number: Number.parseInt(name, 10), name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

type Applied = ReadonlyMap<number, { readonly name: string; readonly checksum: string }>

async function appliedMigrations(client: Queryable): Promise<Applied> {
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'select number, name, checksum from migration',
  )
  return new Map(rows.map((row) => [row.number, row]))
}

function checkKnown(applied: Applied, known: readonly Migration[]) {
  for (const [number, { name, checksum }] of applied) {
    const ours = known.find((migration) => migration.number === number)
    if (!ours) {
      throw new ConfigurationError(
        'archive.newer-than-program',
        `The archive has migration ${name}, which this version of Newsfold does not know. ` +
          'It was used by a newer version: run that one, or restore a backup from before the upgrade.',
      )
    }
    if (ours.checksum !== checksum) {
      throw new ConfigurationError(
        'archive.migration-changed',
        `Migration ${name} was applied with another text than the one that is here. ` +
          'Released migrations never change: check out the released file and put your change into a new one.',
      )
    }
  }
}

/**
 * How long a migration waits for a table before it lets everybody else through: who comes after one that waits to change
 * a table waits behind it, and a backup reads every table to its end.
 */
const tableWaitMs = 2000
const pauseMs = 1000
/** Longer than any statement but a backup's may take. */
const giveUpAfterMs = 120_000

const isTableInUse = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '55P03' // lock_not_available

/**
 * Brings the archive to this program's shape. Processes that start at the same moment take turns, and those that are
 * at work, of this version or of the one before, go on.
 * @returns the names of the migrations that were applied now
 * @throws {ConfigurationError} the archive is newer than the program, or a released migration was edited
 * @throws {UnreachableError} somebody holds a table that a migration changes
 */
export async function migrate(database: Database): Promise<string[]> {
  const giveUpAt = performance.now() + giveUpAfterMs
  for (;;) {
    try {
      return await database.transaction(async (client) => {
        // A large archive takes its time, and so does waiting for another process that migrates it.
        await client.query('set local statement_timeout = 0')
        await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
        await client.query(`set local lock_timeout = ${tableWaitMs}`)
        return migrateWith(client, null)
      })
    } catch (error) {
      if (!isTableInUse(error)) throw error
      if (performance.now() > giveUpAt) {
        const says = 'A table that must be changed is in use. Wait for the backup, or end the session that reads it.'
        throw new UnreachableError(
          'archive.table-in-use',
          `The archive cannot be brought to this version: ${says}`,
          error,
        )
      }
      await sleep(pauseMs)
    }
  }
}

/** One migration as an archive, or a backup of one, remembers it. */
export interface AppliedMigration {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

/** The migrations that an archive has. */
export async function findAppliedMigrations(client: Queryable): Promise<AppliedMigration[]> {
  return [...(await appliedMigrations(client))]
    .map(([number, { name, checksum }]) => ({ number, name, checksum }))
    .toSorted((a, b) => a.number - b.number)
}

/**
 * Applies migrations inside the caller's transaction.
 * @param wanted these and no others, to make the shape that an older archive had; `null`: all
 * @throws {ConfigurationError} as `migrate` does, of the archive and of what is wanted
 */
export async function migrateWith(client: Queryable, wanted: readonly AppliedMigration[] | null): Promise<string[]> {
  const known = readMigrations()
  await client.query(`create schema if not exists ${schema}`)
  await client.query(
    `create table if not exists migration (
       number int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now()
     )`,
  )
  const applied = await appliedMigrations(client)
  checkKnown(applied, known)
  if (wanted) checkKnown(new Map(wanted.map((migration) => [migration.number, migration])), known)
  const isWanted = (number: number) => wanted === null || wanted.some((migration) => migration.number === number)
  const missing = known.filter(({ number }) => !applied.has(number) && isWanted(number))
  for (const { number, name, sql, checksum } of missing) {
    await client.query(sql)
    await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [number, name, checksum])
  }
  return missing.map((migration) => migration.name)
}

/** The names of migrations that this program needs and the archive does not have; newer ones of another program are no harm. */
export async function findMissingMigrations(client: Queryable): Promise<string[]> {
  const applied = await appliedMigrations(client)
  return readMigrations()
    .filter(({ number }) => !applied.has(number))
    .map(({ name }) => name)
}
