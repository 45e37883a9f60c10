import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { restoreBackup, writeBackup } from '../../src/archive/backup.ts'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { findInstallation } from '../../src/archive/installation.ts'
import { findAppliedMigrations, migrateWith } from '../../src/archive/migrate.ts'
import { pauseSchedules } from '../../src/archive/schedule-pauses.ts'
import { anArchive, anEmptyDatabase } from '../a-database.ts'
import { aSave, keep, stated } from '../an-article.ts'
import { silent } from '../silent.ts'

// A hang guard: several databases on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'newsfold-backup-'))
const now = new Date('2026-11-23T04:00:00Z')
const file = join(folder, 'newsfold.jsonl.gz')
const opened: Database[] = []
let archive: Database

async function anEmptyArchive(): Promise<Database> {
  const database = await anArchive()
  opened.push(database)
  return database
}

/** Every row of every table as PostgreSQL writes it. */
async function contentOf(database: Database): Promise<Record<string, string[]>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select tablename::text as name from pg_tables where schemaname = 'newsfold' and tablename not in ('migration', 'installation') order by 1`,
  )
  const content: Record<string, string[]> = {}
  for (const { name } of tables) {
    const { rows } = await database.query<{ line: string }>(`select r::text as line from ${name} r order by 1`)
    content[name] = rows.map(({ line }) => line)
  }
  return content
}

async function constraintsOf(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ line: string }>(
    `select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line
     from pg_constraint where connamespace = 'newsfold'::regnamespace order by 1`,
  )
  return rows.map(({ line }) => line)
}

beforeAll(async () => {
  archive = await anEmptyArchive()
  // More rows than are fetched at once, text with everything that JSON escapes, a correction, an event.
  for (let n = 0; n < 3; n++) {
    const bodyText = `第 ${n} 号通告 "\\\n\t中文 😀`
    const events = [{ title: '听证会', start: stated('2019-12-01T01:00:00.000Z'), end: null, place: '市政府' }]
    await archive.transaction((client) => keep(client, aSave({ url: `http://city.example/${n}`, bodyText, events })))
  }
  await archive.transaction((client) =>
    keep(client, aSave({ url: 'http://city.example/1', bodyText: '更正后的通告。' })),
  )
  await archive.query(
    `insert into paragraph_use (hash, stories, last_story_id)
     select -9223372036854775808 + n, n, gen_random_uuid() from generate_series(0, 1200) n`,
  )
  await archive.query(`update story set merged_into = (select id from story order by id desc limit 1)
    where id = (select id from story order by id limit 1)`)
  await pauseSchedules(archive, [{ kind: 'tag', name: '部委' }], now)
  await writeBackup(archive, file, now)
})
afterAll(async () => {
  for (const database of opened) await database.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a backup that is restored is the same archive, to the last row and key', async () => {
  const empty = await anEmptyArchive()
  const counts = await restoreBackup(empty, file)
  expect(counts).toMatchObject({ article: 3, revision: 4, paragraph_use: 1201 })
  const content = await contentOf(empty)
  expect(content).toEqual(await contentOf(archive))
  expect(content['event']?.length).toBeGreaterThan(0)
  expect(await constraintsOf(empty)).toEqual(await constraintsOf(archive))
})

test('a restored archive goes on: it knows its articles, and takes new ones', async () => {
  const database = openDatabase(await anEmptyDatabase(), silent)
  opened.push(database)
  await restoreBackup(database, file)
  const again = aSave({ url: 'http://city.example/0', bodyText: '第 0 号通告 "\\\n\t中文 😀' })
  expect((await database.transaction((client) => keep(client, again))).outcome).toBe('unchanged')
  const fresh = aSave({ url: 'http://city.example/9', bodyText: '第九号通告。' })
  expect((await database.transaction((client) => keep(client, fresh))).outcome).toBe('stored')
})

test('an archive keeps its name, and a restored one gets another, since both may run on one Redis', async () => {
  const restored = await anEmptyArchive()
  await restoreBackup(restored, file)
  const names = [await findInstallation(archive), await findInstallation(archive), await findInstallation(restored)]
  expect(names[1]).toBe(names[0])
  expect(names[2]).toMatch(/^[0-9a-f-]{36}$/)
  expect(names[2]).not.toBe(names[0])
})

test('a backup shows one moment, whatever is written meanwhile', async () => {
  const busy = await anEmptyArchive()
  await restoreBackup(busy, file)
  const before = await contentOf(busy)
  const other = join(folder, 'busy.jsonl.gz')
  const writing = (async () => {
    for (let n = 100; n < 140; n++) {
      await busy.transaction((client) =>
        keep(client, aSave({ url: `http://city.example/${n}`, bodyText: `新通告 ${n}` })),
      )
    }
  })()
  await writeBackup(busy, other, now)
  await writing
  const restored = await anEmptyArchive()
  await restoreBackup(restored, other)
  const content = await contentOf(restored)
  expect(content['article']?.length).toBeGreaterThanOrEqual(before['article']?.length ?? 0)
  // Every article has its story, its revision and its fingerprint, or is not there: the keys would say so else.
  const { rows } = await restored.query<{ lost: number }>(
    `select count(*)::int as lost from article a where not exists
       (select from revision r where r.article_id = a.id and r.number = a.revision)`,
  )
  expect(rows[0]?.lost).toBe(0)
})

test('a backup of an older version is brought to the present shape', async () => {
  const older = openDatabase(await anEmptyDatabase(), silent)
  opened.push(older)
  const first = (await findAppliedMigrations(archive)).filter(({ number }) => number === 1)
  await older.transaction((client) => migrateWith(client, first))
  await older.query(
    `with told as (select gen_random_uuid() as id),
       ids as (select gen_random_uuid() as article, id as story from told),
       s as (insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
         select story, article, $1, $1, $1 from ids)
     insert into article (id, story_id, source_id, canonical_url, url, title, body_html, body_text, images, attachments,
       content_hash, confidence, warnings, first_seen_at, changed_at, revision, is_own_release)
     select article, story, 'city', 'http://city.example/old', 'http://city.example/old', '旧通告', '', '', '[]', '[]', 'x',
       1, '{}', $1, $1, 1, true from ids`,
    [now],
  )
  const path = join(folder, 'older.jsonl.gz')
  await writeBackup(older, path, now)
  const restored = openDatabase(await anEmptyDatabase(), silent)
  opened.push(restored)
  expect(await restoreBackup(restored, path)).toMatchObject({ article: 1, story: 1 })
  expect(await findAppliedMigrations(restored)).toEqual(await findAppliedMigrations(archive))
  expect(await constraintsOf(restored)).toEqual(await constraintsOf(archive))
  // Made by a migration of what the first one knew.
  const { rows } = await restored.query<{ sources: string[] }>('select source_ids as sources from story_search')
  expect(rows).toEqual([{ sources: ['city'] }])
})

test('a file that is cut off, broken or something else is refused, and the archive stays as it was', async () => {
  const target = await anEmptyArchive()
  await target.transaction((client) => keep(client, aSave({ url: 'http://a.example/1', bodyText: '原有。' })))
  const before = await contentOf(target)
  const variant = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  const whole = readFileSync(file)
  const lines = gunzipSync(whole).toString().split('\n')
  const cut = variant('cut', whole)
  truncateSync(cut, Math.floor(whole.length / 2))
  const refused: [string, string][] = [
    [cut, 'backup.unreadable'],
    [variant('short', gzipSync(lines.slice(0, -2).join('\n'))), 'backup.truncated'],
    [
      variant('hole', gzipSync(lines.filter((line) => !line.includes('city.example/2')).join('\n'))),
      'backup.truncated',
    ],
    [variant('text', Buffer.from('hello')), 'backup.unreadable'],
    [variant('other', gzipSync('{"a":1}\n')), 'backup.unreadable'],
    [join(folder, 'nowhere'), 'backup.missing'],
    [
      variant(
        'newer',
        gzipSync(
          lines
            .join('\n')
            .replace('"migrations":[', '"migrations":[{"number":9999,"name":"9999-later.sql","checksum":"x"},'),
        ),
      ),
      'archive.newer-than-program',
    ],
  ]
  for (const [path, code] of refused) await expect(restoreBackup(target, path)).rejects.toMatchObject({ code })
  expect(await contentOf(target)).toEqual(before)
})

test('a backup that cannot be written leaves nothing, and the one before stays', async () => {
  await expect(writeBackup(archive, join(folder, 'no', 'such', 'folder'), now)).rejects.toThrow('ENOENT')
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
})
