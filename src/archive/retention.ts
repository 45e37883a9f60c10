import type { Database, Queryable } from './database.ts'
import { storyChannel } from './story-channel.ts'

/** Rows in one transaction: short enough that writers beside it do not wait. */
const runsAtOnce = 5000
const revisionsAtOnce = 1000
const storiesAtOnce = 200

/** Of a run that found nothing new its source's next ones say as much. */
const uneventful = `outcome = 'succeeded' and stored + revised + failed = 0`

function clearRunsThat(database: Database, condition: string, before: Date): Promise<number> {
  return untilNone(async () => {
    const { rowCount } = await database.query(
      `delete from crawl_run where id in (
         select id from crawl_run r where ${condition}
           and exists (select from crawl_run n where n.source_id = r.source_id and n.finished_at > r.finished_at)
         order by finished_at limit ${runsAtOnce})`,
      [before],
    )
    return rowCount ?? 0
  })
}

/**
 * Deletes runs that ended before `before`, and those before `uneventfulBefore` that found nothing new; the last one of a
 * source stays.
 * @returns how many
 */
export async function clearRuns(database: Database, before: Date, uneventfulBefore: Date = before): Promise<number> {
  const old = await clearRunsThat(database, 'finished_at < $1', before)
  return old + (await clearRunsThat(database, `${uneventful} and finished_at < $1`, uneventfulBefore))
}

/** Deletes texts that articles had before `before`, but for the first and the present one. @returns how many */
export function clearRevisions(database: Database, before: Date): Promise<number> {
  return untilNone(async () => {
    const { rowCount } = await database.query(
      `delete from revision where (article_id, number) in (
         select r.article_id, r.number from revision r join article a on a.id = r.article_id
         where r.seen_at < $1 and r.number > 1 and r.number < a.revision limit ${revisionsAtOnce})`,
      [before],
    )
    return rowCount ?? 0
  })
}

/**
 * Deletes stories, with their articles and all that belongs to them, on which nothing has happened since `before`. What
 * is known of their pages stays, so that listings that still name them do not bring them back.
 * @param kept ids of stories that stay however old they are
 * @returns how many articles
 */
export async function clearStories(database: Database, before: Date, kept: readonly string[]): Promise<number> {
  return untilNone(() =>
    database.transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `select id from story where merged_into is null and changed_at < $1 and sort_at < $1 and first_seen_at < $1
           and not id = any($2::uuid[])
         order by changed_at limit ${storiesAtOnce} for update`,
        [before, kept],
      )
      return rows.length === 0
        ? 0
        : deleteStories(
            client,
            rows.map(({ id }) => id),
          )
    }),
  )
}

async function deleteStories(client: Queryable, ids: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `with recursive joined as (
       select id from story where id = any($1)
       union select s.id from story s join joined j on s.merged_into = j.id
     ) select id from joined`,
    [ids],
  )
  const all = rows.map(({ id }) => id)
  const { rows: articles } = await client.query<{ id: string }>('select id from article where story_id = any($1)', [
    all,
  ])
  const articleIds = articles.map(({ id }) => id)
  for (const table of ['event', 'revision', 'story_candidate', 'article_fingerprint']) {
    await client.query(`delete from ${table} where article_id = any($1)`, [articleIds])
  }
  await client.query('delete from article where id = any($1)', [articleIds])
  // In one statement: stories that were joined name each other.
  await client.query('delete from story where id = any($1)', [all])
  await client.query('select pg_notify($1, $2)', [storyChannel, ids[0] ?? ''])
  // A story without articles is gone as well, and the next ones follow.
  return Math.max(1, articleIds.length)
}

async function untilNone(work: () => Promise<number>): Promise<number> {
  let total = 0
  for (let count = await work(); count > 0; count = await work()) total += count
  return total
}
