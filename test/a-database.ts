import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { openDatabase, type Database } from '../src/archive/database.ts'
import { openEmbeddedServer } from '../src/archive/embedded/server.ts'
import { migrate } from '../src/archive/migrate.ts'
import { silent } from './silent.ts'

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return rows
  } finally {
    await client.end()
  }
}

/** The address of a new and empty database on the server that all tests share. */
export async function anEmptyDatabase(): Promise<string> {
  const server = await openEmbeddedServer(inject('sharedDataFolder'), silent)
  if (server.isStartedHere) {
    // Tests do not outlive a power cut; waiting for the disk takes most of their time.
    await runSql(server.connectionString, 'alter system set fsync = off')
    await runSql(server.connectionString, 'select pg_reload_conf()')
  }
  const name = `t_${randomBytes(6).toString('hex')}`
  await runSql(server.connectionString, `create database ${name}`)
  const url = new URL(server.connectionString)
  url.pathname = `/${name}`
  return url.href
}

/** Takes everything that is told of stories out of an archive; other tables are named in addition. */
export async function withoutStories(database: Database, ...others: readonly string[]): Promise<void> {
  const tables = ['story', 'article', 'revision', 'event', 'article_fingerprint', 'story_candidate', 'paragraph_use']
  await database.query(`truncate ${[...tables, 'story_search', 'story_log', 'outbox', ...others].join(', ')}`)
}

/** A database of a test's own with the archive's schema. */
export async function anArchive(): Promise<Database> {
  const database = openDatabase(await anEmptyDatabase(), silent)
  await migrate(database)
  return database
}
