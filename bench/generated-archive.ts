import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { openDatabase, type Database } from '../src/archive/database.ts'
import { openEmbeddedServer } from '../src/archive/embedded/server.ts'
import { migrate } from '../src/archive/migrate.ts'
import { slotsOf } from '../src/archive/time-slots.ts'
import { searchTextOf } from '../src/search/search-text.ts'
import { storyGenerator, type GeneratedStory } from './generated-story.ts'

/** Counts up when other stories are generated, or the archive's shape is another one: kept archives are made anew. */
const generation = 1
const batchSize = 5000
const sources = ['ministry', 'city', 'portal', 'bureau', 'court'] as const
/** One of the sources has few stories: a feed of it must not read all the others. */
const rareSource = 'observatory'
const firstAt = Date.UTC(2016, 0, 1)
/** Ten years in all, however many stories. */
const spanMs = 10 * 365 * 86_400_000

/** A row as `copy` reads it. */
function rowOf(values: readonly string[]): string {
  return `${values.map((value) => value.replaceAll('\n', '\\n')).join('\t')}\n`
}

interface Rows {
  readonly story: string
  readonly article: string
  readonly story_search: string
}

const columns: Readonly<Record<keyof Rows, string>> = {
  story: 'id, lead_article_id, first_seen_at, changed_at, sort_at',
  article: `id, story_id, source_id, canonical_url, url, title, language, published, published_at, is_own_release,
    body_html, body_text, summary, images, attachments, content_hash, confidence, warnings, first_seen_at, changed_at,
    revision`,
  story_search: `story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events, content_hash, text_key,
    title, text, lexemes, sequences, slots`,
}

function rowsOf(number: number, count: number, story: GeneratedStory): Rows {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const date = new Date(firstAt + Math.floor((number * spanMs) / count))
  const at = date.toISOString()
  const source = number % 5000 === 17 ? rareSource : (sources[number % sources.length] ?? rareSource)
  const { title, bodyText, normalTitle, normal } = story
  const address = `https://news.example/${id}`
  const published = JSON.stringify({ at, precision: 'minute', zone: 'Asia/Shanghai', from: 'text' })
  const html = `<p>${bodyText.replaceAll('\n', '</p><p>')}</p>`
  const lexemes = `'${[...story.lexemes].join("' '")}'`
  const [sequences, slots] = [[...story.sequences].join(','), slotsOf(date, date).join(',')]
  const article = [id, id, source, address, address, title, 'zh', published, at, 't', html, bodyText]
  const rest = [bodyText.slice(0, 100), '[]', '[]', id, '1', '{}', at, at, '1']
  const found = [id, at, at, at, `{${source}}`, '{zh}', 'f', id, id, normalTitle, normal, lexemes]
  return {
    story: rowOf([id, id, at, at, at]),
    article: rowOf([...article, ...rest]),
    story_search: rowOf([...found, `{${sequences}}`, `{${slots}}`]),
  }
}

/** What is put together must be what the program makes. */
function check({ title, bodyText, normalTitle, normal, lexemes, sequences }: GeneratedStory): void {
  const made = searchTextOf(title, bodyText)
  assert.deepEqual([normalTitle, normal], [made.title, made.text])
  assert.deepEqual([...lexemes].toSorted(), made.lexemes.toSorted())
  assert.deepEqual(sequences, new Set(made.sequences))
}

async function copyRows(database: Database, folder: string, name: keyof Rows, rows: string): Promise<void> {
  const file = join(folder, `${name}.txt`)
  writeFileSync(file, rows)
  await database.transaction(async (client) => {
    // Foreign keys are right by themselves here, and take half of the time.
    await client.query('set local session_replication_role = replica')
    await client.query('set local statement_timeout = 0')
    await client.query(`copy ${name} (${columns[name]}) from '${file}'`)
  })
  rmSync(file)
}

async function fill(database: Database, folder: string, count: number): Promise<void> {
  const next = storyGenerator(count)
  let copying: Promise<unknown> = Promise.resolve()
  for (let first = 0; first < count; first += batchSize) {
    const rows = { story: '', article: '', story_search: '' }
    for (let number = first; number < Math.min(first + batchSize, count); number++) {
      const story = next(number)
      if (number % 10_000 === 0) check(story)
      const row = rowsOf(number, count, story)
      rows.story += row.story
      rows.article += row.article
      rows.story_search += row.story_search
    }
    await copying
    copying = Promise.all([
      copyRows(database, folder, 'story', rows.story),
      copyRows(database, folder, 'article', rows.article),
      copyRows(database, folder, 'story_search', rows.story_search),
    ])
  }
  await copying
}

/** Runs `work` without the indexes that are made at once at the end: the same ones, in a tenth of the time. */
async function withoutIndexes(database: Database, work: () => Promise<void>): Promise<void> {
  const { rows } = await database.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid in ('story_search'::regclass, 'article'::regclass, 'story'::regclass) and not indisunique`,
  )
  for (const { name } of rows) await database.query(`drop index ${name}`)
  await work()
  for (const { definition } of rows) {
    await database.transaction(async (client) => {
      await client.query(`set local maintenance_work_mem = '512MB'`)
      await client.query('set local statement_timeout = 0')
      await client.query(definition)
    })
  }
}

async function generate(database: Database, folder: string, count: number): Promise<void> {
  const fast = ['fsync', 'synchronous_commit', 'full_page_writes'] as const
  for (const setting of fast) await database.query(`alter system set ${setting} = off`)
  await database.query(`alter system set max_wal_size = '4GB'`)
  await database.query('select pg_reload_conf()')
  await withoutIndexes(database, () => fill(database, folder, count))
  for (const setting of fast) await database.query(`alter system reset ${setting}`)
  await database.query('select pg_reload_conf()')
  const client = await database.connect()
  await client.query('set statement_timeout = 0')
  await client.query('vacuum analyze')
  await client.query('checkpoint')
  client.release()
}

export interface GeneratedArchive {
  readonly database: Database
  /** How long it took to make; `null`: a kept one. */
  readonly tookMs: number | null
  readonly close: () => Promise<void>
}

/**
 * An archive of generated stories.
 * @param keptIn a folder that it stays in, for the next run; `null`: in one of its own, which goes when it is closed
 */
export async function generateArchive(count: number, keptIn: string | null = null): Promise<GeneratedArchive> {
  const log = pino({ level: 'silent' })
  const folder = keptIn === null ? mkdtempSync(join(tmpdir(), 'newsfold-bench-')) : resolve(keptIn)
  mkdirSync(folder, { recursive: true })
  // The server's own user reads what is copied from here.
  chmodSync(folder, 0o755)
  const whole = join(folder, `stories-${count}-${generation}`)
  const isKept = existsSync(whole)
  const data = join(folder, 'data')
  if (!isKept) rmSync(data, { recursive: true, force: true })
  const start = performance.now()
  const server = await openEmbeddedServer(data, log)
  const database = openDatabase(server.connectionString, log)
  const close = async (): Promise<void> => {
    await database.close()
    await server.stop()
    if (keptIn === null) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    await migrate(database)
    if (!isKept) {
      await generate(database, folder, count)
      writeFileSync(whole, '')
    }
    return { database, tookMs: isKept ? null : performance.now() - start, close }
  } catch (error) {
    await close()
    throw error
  }
}
