import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'

/** One article as the archive holds it, with everything that a kill could have torn apart. */
export interface ArchivedArticle {
  readonly url: string
  readonly canonicalUrl: string
  readonly sourceId: string
  readonly storyId: string
  readonly contentHash: string
  readonly revision: number
  /** Hashes of its revisions, oldest first. */
  readonly revisions: readonly string[]
}

export interface ArchiveContents {
  readonly articles: readonly ArchivedArticle[]
  /** Stories that an article tells. */
  readonly stories: number
  /** Stories whose lead is missing or in another story, pages marked as stored without their article. */
  readonly torn: readonly string[]
  /** Sources that a run has read to its end. */
  readonly crawled: readonly string[]
}

interface Counts {
  readonly articles: number
  readonly stories: number
}

const countQuery = `
  select count(*)::int as articles, count(distinct story_id)::int as stories from newsfold.article`

const articlesQuery = `
  select url, canonical_url as "canonicalUrl", source_id as "sourceId", story_id as "storyId",
    content_hash as "contentHash", revision,
    array(select r.content_hash from newsfold.revision r where r.article_id = a.id order by r.number) as revisions
  from newsfold.article a`

const tornQuery = `
  select 'story ' || s.id || ' has no lead article' as what from newsfold.story s
   where not exists (select 1 from newsfold.article a where a.id = s.lead_article_id and a.story_id = s.id)
  union all
  select 'page ' || p.url || ' is marked as stored without an article' from newsfold.page p
   where p.status = 'stored'
     and not exists (select 1 from newsfold.article a where a.canonical_url = p.canonical_url)
  union all
  select 'article ' || a.url || ' has revision ' || a.revision || ' and other texts than that' from newsfold.article a
   where (select array_agg(r.number order by r.number) from newsfold.revision r where r.article_id = a.id)
     is distinct from array(select generate_series(1, a.revision))`

const crawledQuery = `
  select distinct source_id as "sourceId" from newsfold.crawl_run where outcome in ('succeeded', 'partial')`

/** How long a question may take before the database counts as away. */
const timeoutMs = 2000

/**
 * The address of a data folder's embedded database.
 * @throws {Error} it does not run
 */
export function embeddedUrl(dataFolder: string): string {
  const root = join(dataFolder, 'postgres')
  const file = readPostmasterFile(join(root, 'data'))
  if (!file) throw new Error('no server')
  const password = encodeURIComponent(readFileSync(join(root, 'password'), 'utf8').trim())
  return `postgresql://newsfold:${password}@127.0.0.1:${file.port}/postgres`
}

/** Looks into the archive's database beside Newsfold, over one connection that is made anew as needed. */
export class ArchiveView {
  readonly #url: () => string
  #client: Client | null = null

  /** @param url asked at each connection; throws while there is none */
  constructor(url: () => string) {
    this.#url = url
  }

  /** @returns `null` while the database is away or its tables are not made yet */
  async count(): Promise<Counts | null> {
    return this.#ask(async (client) => {
      const { rows } = await client.query<Counts>(countQuery)
      return rows[0] ?? { articles: 0, stories: 0 }
    })
  }

  async countArticles(): Promise<number | null> {
    return (await this.count())?.articles ?? null
  }

  /** @returns `null` while the database is away or its tables are not made yet */
  async read(): Promise<ArchiveContents | null> {
    return this.#ask(async (client) => {
      const articles = await client.query<ArchivedArticle>(articlesQuery)
      const torn = await client.query<{ what: string }>(tornQuery)
      const crawled = await client.query<{ sourceId: string }>(crawledQuery)
      const stories = await client.query<{ count: number }>(
        'select count(distinct story_id)::int as count from newsfold.article',
      )
      return {
        articles: articles.rows,
        stories: stories.rows[0]?.count ?? 0,
        torn: torn.rows.map(({ what }) => what),
        crawled: crawled.rows.map(({ sourceId }) => sourceId),
      }
    })
  }

  async #ask<T>(question: (client: Client) => Promise<T>): Promise<T | null> {
    try {
      this.#client ??= await this.#connect()
      return await question(this.#client)
    } catch {
      await this.close()
      return null
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#url(),
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      application_name: 'chaos',
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.end().catch(() => undefined)
  }
}
