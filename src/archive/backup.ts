import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { ConfigurationError, describeError, UnreadableError } from '../model/errors.ts'
import { schema, type Database, type Queryable } from './database.ts'
import { findAppliedMigrations, migrateWith } from './migrate.ts'

// A backup is gzip of lines: first an object that says what it is; then for each table a list ["table", name, columns]
// and its rows, one object each; last ["end", rows by table]. Rows pass as text: their 64-bit numbers are not JavaScript's.

const headerSchema = z.object({
  newsfoldBackup: z.literal(1),
  createdAt: z.string(),
  migrations: z.array(z.object({ number: z.int(), name: z.string(), checksum: z.string() })).min(1),
})
const tableSchema = z.tuple([z.literal('table'), z.string(), z.array(z.string()).min(1)])
const countsSchema = z.record(z.string(), z.int())
const endSchema = z.tuple([z.literal('end'), countsSchema])

/** Rows by table. */
export type RowCounts = Readonly<z.output<typeof countsSchema>>

const rowsPerFetch = 500
/** A statement with all rows of a batch; articles with pictures of their own run to megabytes. */
const bytesPerInsert = 4 * 2 ** 20

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The archive's own tables; what migrations write is made by migrating. */
async function findTables(client: Queryable): Promise<{ name: string; columns: string[] }[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select c.table_name::text as name, array_agg(c.column_name::text order by c.ordinal_position) as columns
     from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where c.table_schema = $1 and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' and c.table_name not in ('migration', 'installation')
     group by c.table_name order by c.table_name`,
    [schema],
  )
  return rows
}

async function* linesOfTable(client: Queryable, name: string, columns: readonly string[]): AsyncGenerator<string> {
  await client.query(
    `declare backup_rows no scroll cursor for
     select to_json(r)::text as line from (select ${columns.map(quoted).join(', ')} from ${schema}.${quoted(name)}) r`,
  )
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`fetch ${rowsPerFetch} from backup_rows`)
    for (const { line } of rows) yield line
    if (rows.length === 0) break
  }
  await client.query('close backup_rows')
}

async function* linesOfArchive(database: Database, now: Date, counts: Record<string, number>): AsyncGenerator<string> {
  const client = await database.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query('set local statement_timeout = 0')
    const migrations = await findAppliedMigrations(client)
    yield `${JSON.stringify({ newsfoldBackup: 1, createdAt: now.toISOString(), migrations })}\n`
    for (const { name, columns } of await findTables(client)) {
      let count = 0
      yield `${JSON.stringify(['table', name, columns])}\n`
      for await (const line of linesOfTable(client, name, columns)) {
        yield `${line}\n`
        count++
      }
      counts[name] = count
    }
    yield `${JSON.stringify(['end', counts])}\n`
  } finally {
    // A connection in a transaction is of no use to anybody else.
    client.release(true)
  }
}

/**
 * Writes the whole archive as it is at one moment into one file; others may write meanwhile.
 * @param file appears when it is whole; one of that name is replaced
 */
export async function writeBackup(database: Database, file: string, now: Date): Promise<RowCounts> {
  const partial = `${file}.partial`
  const counts: Record<string, number> = {}
  try {
    await pipeline(linesOfArchive(database, now, counts), createGzip(), createWriteStream(partial, { mode: 0o600 }))
    const handle = await open(partial, 'r')
    await handle.sync()
    await handle.close()
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  return counts
}

async function* linesOfFile(file: string): AsyncGenerator<string> {
  const input = createReadStream(file)
  const unzipped = createGunzip().setEncoding('utf8')
  // What goes wrong is thrown where the text is read.
  unzipped.on('error', () => undefined)
  pipeline(input, unzipped).catch(() => undefined)
  let rest = ''
  try {
    for await (const chunk of unzipped) {
      const lines = `${rest}${String(chunk)}`.split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } finally {
    input.destroy()
  }
}

function parseLine<T>(schema: z.ZodType<T>, line: string, file: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw new UnreadableError(
      'backup.unreadable',
      `Cannot restore ${file}: it is no backup of Newsfold, or a damaged one.`,
      cause,
    )
  }
}

/** Foreign keys stand in the way of rows that come table by table; they are put back, and checked, at the end. */
async function withoutForeignKeys(client: Queryable, work: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ relation: string; name: string; definition: string }>(
    `select conrelid::regclass::text as relation, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = $1::regnamespace`,
    [schema],
  )
  for (const { relation, name } of rows) await client.query(`alter table ${relation} drop constraint ${name}`)
  await work()
  for (const { relation, name, definition } of rows)
    await client.query(`alter table ${relation} add constraint ${name} ${definition}`)
}

/** Numbers that the database gives out go on after the largest that was restored. */
async function continueSequences(client: Queryable): Promise<void> {
  const { rows } = await client.query<{ relation: string; column: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as relation, column_name as column
     from information_schema.columns where table_schema = $1 and is_identity = 'YES'`,
    [schema],
  )
  for (const { relation, column } of rows) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(column)}), 0) + 1, false) from ${relation}`,
      [relation, column],
    )
  }
}

/** Takes lines into tables. @returns rows by table */
async function loadRows(client: Queryable, lines: AsyncIterator<string>, file: string): Promise<RowCounts> {
  const counts: Record<string, number> = {}
  let table: { name: string; columns: string } | null = null
  let batch: string[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (!table || batch.length === 0) return
    const { name, columns } = table
    await client.query(
      `insert into ${schema}.${quoted(name)} (${columns}) overriding system value
       select ${columns} from json_populate_recordset(null::${schema}.${quoted(name)}, $1::json)`,
      [`[${batch.join(',')}]`],
    )
    batch = []
    bytes = 0
  }
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const line = next.value
    if (line.startsWith('{') && table) {
      batch.push(line)
      counts[table.name] = (counts[table.name] ?? 0) + 1
      bytes += line.length
      if (bytes > bytesPerInsert) await flush()
      continue
    }
    await flush()
    if (line.startsWith('["end"')) {
      const [, expected] = parseLine(endSchema, line, file)
      if (JSON.stringify(expected) === JSON.stringify(counts)) return counts
      break
    }
    const [, name, columns] = parseLine(tableSchema, line, file)
    counts[name] = 0
    table = { name, columns: columns.map(quoted).join(', ') }
  }
  throw new UnreadableError('backup.truncated', `Cannot restore ${file}: it ends before its end. Take another backup.`)
}

/**
 * Puts a backup in the place of the archive, in one transaction, and brings it to this program's shape.
 * @throws {ConfigurationError} the backup is of a newer program
 * @throws {UnreadableError} it is damaged; the archive is as it was
 */
export async function restoreBackup(database: Database, file: string): Promise<RowCounts> {
  try {
    return await database.transaction(async (client) => {
      const lines = linesOfFile(file)
      try {
        const first = await lines.next()
        const header = parseLine(headerSchema, first.done === true ? '' : first.value, file)
        await client.query('set local statement_timeout = 0')
        await client.query(`drop schema if exists ${schema} cascade`)
        await migrateWith(client, header.migrations)
        let counts: RowCounts = {}
        await withoutForeignKeys(client, async () => {
          counts = await loadRows(client, lines, file)
        })
        await continueSequences(client)
        await migrateWith(client, null)
        return counts
      } finally {
        await lines.return(undefined)
      }
    })
  } catch (error) {
    const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    if (isZlib) {
      throw new UnreadableError('backup.unreadable', `Cannot restore ${file}: it is damaged or no backup.`, error)
    }
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) {
      throw new ConfigurationError('backup.missing', `Cannot read ${file}: ${describeError(error)}`, error)
    }
    throw error
  }
}
