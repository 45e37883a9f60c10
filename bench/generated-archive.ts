import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDatabase, type Database } from '../src/archive/database.ts'
import { openEmbeddedServer } from '../src/archive/embedded/server.ts'
import { migrate } from '../src/archive/migrate.ts'
import { searchTextOf } from '../src/search/search-text.ts'

/** Numbers from 0 to 1, the same ones in each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Words whose share of stories is known, so that queries can be asked at each of them. */
export const plantedWords = [
  { word: '通知', share: 0.5 },
  { word: '跨境电商', share: 0.1 },
  { word: '招聘', share: 0.05 },
  { word: '人工智能', share: 0.02 },
  { word: '碳排放权', share: 0.005 },
  { word: '量子通信', share: 0.0005 },
] as const

/** Words of two to four ideographs and some Latin ones; the first are frequent, as in any language. */
function vocabulary(random: () => number): string[] {
  // The block's first three thousand are not the commonest ideographs, but as many as texts use.
  const ideograph = () => String.fromCharCode(0x4e00 + Math.floor(random() ** 2 * 3000))
  return Array.from({ length: 6000 }, (_, index) => {
    if (index % 40 === 0) return `term${index}`
    return Array.from({ length: 2 + Math.floor(random() * 3) }, ideograph).join('')
  })
}

export interface GeneratedStory {
  readonly title: string
  readonly bodyText: string
}

/** Stories that have nothing but single words in common. */
export function storyGenerator(random: () => number): () => GeneratedStory {
  const words = vocabulary(random)
  const sentence = (length: number) =>
    Array.from({ length }, () => words[Math.floor(random() ** 3 * words.length)] ?? '').join('')
  return () => {
    const planted = plantedWords.filter(({ share }) => random() < share).map(({ word }) => word)
    const paragraphs = Array.from({ length: 6 }, () => `${sentence(12)}，${sentence(10)}。`)
    return {
      title: `关于${sentence(4)}的${random() < 0.3 ? (planted[0] ?? '公告') : '公告'}`,
      bodyText: [...paragraphs, `${planted.join('、')}，${sentence(3)}。`].join('\n'),
    }
  }
}

const batchSize = 500
const sources = ['ministry', 'city', 'portal', 'bureau', 'court'] as const
/** One of the sources has few stories: a feed of it must not read all the others. */
const rareSource = 'observatory'

/** One statement and one text a column: parsing what is sent took most of the time otherwise. */
const insertStories = `
  with given as (
    select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
      $8::text[]) as r(id, at, source, title, body, normal_title, normal, lexemes)
  ), new_story as (
    insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
    select id, id, at, at, at from given
  ), new_article as (
    insert into article (id, story_id, source_id, canonical_url, url, title, language, published, published_at,
      is_own_release, body_html, body_text, summary, images, attachments, content_hash, confidence, warnings, first_seen_at,
      changed_at, revision)
    select id, id, source, 'https://news.example/' || id, 'https://news.example/' || id, title, 'zh',
      jsonb_build_object('at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'),
        'precision', 'minute', 'zone', 'Asia/Shanghai', 'from', 'text'),
      at, true, '<p>' || replace(body, E'\\n', '</p><p>') || '</p>', body, left(body, 100), '[]', '[]', id::text, 1, '{}',
      at, at, 1
    from given
  )
  insert into story_search (story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events,
    content_hash, title, text, lexemes)
  select id, at, at, at, array[source], '{zh}', false, id::text, normal_title, normal,
    array_to_tsvector(string_to_array(lexemes, ' '))
  from given`

async function insertBatch(database: Database, first: number, stories: readonly GeneratedStory[]): Promise<void> {
  const numbers = stories.map((_, index) => first + index)
  const texts = stories.map(({ title, bodyText }) => searchTextOf(title, bodyText))
  await database.query(insertStories, [
    numbers.map((number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`),
    numbers.map((number) => new Date(Date.UTC(2016, 0, 1) + number * 3_000_000).toISOString()),
    numbers.map((number) => (number % 5000 === 17 ? rareSource : (sources[number % sources.length] ?? rareSource))),
    stories.map(({ title }) => title),
    stories.map(({ bodyText }) => bodyText),
    texts.map(({ title }) => title),
    texts.map(({ text }) => text),
    texts.map(({ lexemes }) => lexemes.join(' ')),
  ])
}

/** An archive of generated stories in a folder of its own, which goes when it is closed. */
export async function generateArchive(count: number): Promise<{ database: Database; close: () => Promise<void> }> {
  const log = pino({ level: 'silent' })
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-bench-'))
  const server = await openEmbeddedServer(folder, log)
  const database = openDatabase(server.connectionString, log)
  const close = async (): Promise<void> => {
    await database.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    await migrate(database)
    await database.query('alter system set synchronous_commit = off')
    await database.query('select pg_reload_conf()')
    // Made at once at the end: the same index, in a tenth of the time.
    const { rows } = await database.query<{ definition: string }>(
      `select pg_get_indexdef('story_search_lexemes'::regclass) as definition`,
    )
    await database.query('drop index story_search_lexemes')
    const next = storyGenerator(seededRandom(20_191_031))
    for (let first = 0; first < count; first += batchSize) {
      const length = Math.min(batchSize, count - first)
      await insertBatch(database, first, Array.from({ length }, next))
    }
    await database.transaction(async (client) => {
      await client.query(`set local maintenance_work_mem = '512MB'`)
      await client.query('set local statement_timeout = 0')
      await client.query(rows[0]?.definition ?? '')
    })
    await database.query('analyze')
    return { database, close }
  } catch (error) {
    await close()
    throw error
  }
}
