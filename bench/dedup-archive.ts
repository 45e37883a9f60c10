// How long it takes to find the candidates of a new article, and how large their tables are, as the archive grows.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDatabase, type Database } from '../src/archive/database.ts'
import { openEmbeddedServer } from '../src/archive/embedded/server.ts'
import { findCandidates } from '../src/archive/fingerprints.ts'
import { migrate } from '../src/archive/migrate.ts'
import { leastSharedKeys, maxCandidates, maxPerKey } from '../src/dedup/decide-story.ts'
import { storyWindowDays } from '../src/dedup/story-index.ts'
import { recordOf } from '../src/queue/place-in-story.ts'
import { announcementText } from './announcement-text.ts'
import { plot } from './plot.ts'

const sizes = [10_000, 100_000, 1_000_000]
/** Fingerprints made from texts; further articles get theirs moved by a constant, which keeps how keys are shared. */
const realArticles = 10_000
const lookups = 500
const dayMs = 86_400_000

interface Figures {
  readonly articles: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly megabytes: number
}

const recordAt = (index: number) => {
  const publishedAt = new Date(Date.UTC(2019, 0, 1) + (index % 365) * dayMs).toISOString()
  return recordOf({
    ...announcementText(index),
    publishedAt: { at: publishedAt, precision: 'day', zone: 'UTC', from: 'bench' },
  })
}

async function insertReal(database: Database): Promise<void> {
  for (let index = 0; index < realArticles; index++) {
    const record = recordAt(index)
    await database.query(
      `with s as (insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at)
           values (gen_random_uuid(), gen_random_uuid(), now(), now(), now()) returning id),
         a as (insert into article (id, story_id, source_id, canonical_url, url, title, body_html, body_text, images, attachments,
             content_hash, confidence, warnings, first_seen_at, changed_at, revision, is_own_release, language)
           select gen_random_uuid(), id, 'bench', $1, $1, 't', '', '', '[]', '[]', '', 1, '{}', now(), now(), 1, true, 'zh'
           from s returning id),
         f as (insert into article_fingerprint (article_id, version, words, data) select id, $2, $3, $5 from a)
       insert into story_candidate (key, article_id, published_at) select k, a.id, $4 from a, unnest($6::bigint[]) as k`,
      [`real-${index}`, record.version, record.words, record.publishedAt, Buffer.from(record.data), record.keys],
    )
  }
}

async function growTo(database: Database, articles: number, from: number): Promise<void> {
  for (let copy = from / realArticles; copy < articles / realArticles; copy++) {
    await database.transaction(async (client) => {
      await client.query(
        `create temporary table twin on commit drop as
           select a.id as old, gen_random_uuid() as id, gen_random_uuid() as story from article a where canonical_url like 'real-%'`,
      )
      await client.query(
        `insert into story (id, lead_article_id, first_seen_at, changed_at, sort_at) select story, id, now(), now(), now() from twin`,
      )
      await client.query(
        `insert into article (id, story_id, source_id, canonical_url, url, title, body_html, body_text, images, attachments,
           content_hash, confidence, warnings, first_seen_at, changed_at, revision, is_own_release, language)
         select id, story, 'bench', id::text, '', 't', '', '', '[]', '[]', '', 1, '{}', now(), now(), 1, true, 'zh' from twin`,
      )
      await client.query(
        `insert into article_fingerprint (article_id, version, words, data)
         select t.id, f.version, f.words, f.data from twin t join article_fingerprint f on f.article_id = t.old`,
      )
      await client.query(
        `insert into story_candidate (key, article_id, published_at)
         select (c.key + $1::bigint * 40503) % 4294967296, t.id, c.published_at from twin t join story_candidate c on c.article_id = t.old`,
        [copy],
      )
    })
  }
}

async function measure(database: Database, articles: number): Promise<Figures> {
  const times: number[] = []
  for (let index = 0; index < lookups; index++) {
    const record = recordAt((index * 7919) % realArticles)
    const from = performance.now()
    await findCandidates(database, record, {
      perKey: maxPerKey,
      compared: maxCandidates,
      sharedKeys: leastSharedKeys(record.keys),
      windowDays: storyWindowDays,
    })
    times.push(performance.now() - from)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const { rows } = await database.query<{ megabytes: number }>(
    `select (pg_total_relation_size('story_candidate') + pg_total_relation_size('article_fingerprint'))::float8 / 1e6 as megabytes`,
  )
  return {
    articles,
    medianMs: sorted[Math.floor(lookups / 2)] ?? 0,
    p99Ms: sorted[Math.floor(lookups * 0.99)] ?? 0,
    megabytes: rows[0]?.megabytes ?? 0,
  }
}

/** Kept for people who would rather look. */
const figureFile = 'docs/figures/dedup-archive.svg'

/** Prints a row for each size of the archive and draws the look-ups' time. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-bench-'))
  const log = pino({ level: 'error' })
  const server = await openEmbeddedServer(folder, log)
  const database = openDatabase(server.connectionString, log, { max: 2 })
  try {
    await migrate(database)
    await insertReal(database)
    const all: Figures[] = []
    let before = realArticles
    process.stdout.write('articles   median ms   p99 ms   MB of tables and indexes\n')
    for (const size of sizes) {
      await growTo(database, size, before)
      before = size
      // As autovacuum does within a minute.
      await database.query('vacuum analyze story_candidate, article_fingerprint, article')
      const figures = await measure(database, size)
      all.push(figures)
      process.stdout.write(
        `${String(size).padStart(8)}${figures.medianMs.toFixed(2).padStart(12)}${figures.p99Ms.toFixed(2).padStart(9)}${figures.megabytes.toFixed(0).padStart(8)}\n`,
      )
    }
    mkdirSync('docs/figures', { recursive: true })
    const title = 'Finding the candidates of a new article in PostgreSQL'
    const curve = (pick: (figures: Figures) => number) =>
      all.map((figures) => ({ x: figures.articles, y: pick(figures) }))
    const series = { median: curve(({ medianMs }) => medianMs), p99: curve(({ p99Ms }) => p99Ms) }
    writeFileSync(figureFile, plot(title, { x: 'articles in the archive', y: 'ms a look-up' }, series))
  } finally {
    await database.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
