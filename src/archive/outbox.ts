import { prepare, type Database, type Queryable, type Transaction } from './database.ts'
import { pushChannel, storyChannel, storyLogChannel } from './story-channel.ts'

/** Whether a story is there for the first time. */
export type StoryChange = 'new' | 'changed'

export interface OutboxEntry {
  readonly storyId: string
  readonly kind: StoryChange
  readonly version: number
  /** Nobody has come for it soon after it was noted: who noted it may have told nobody. */
  readonly isLate: boolean
}

/** Far longer than it takes to be told of a story. */
const lateSeconds = 2

const announceStatement = prepare(
  'announce-story',
  `insert into outbox (story_id, kind) values ($1, $2)
     on conflict (story_id) do update set version = outbox.version + 1,
       kind = case when outbox.kind = 'new' then 'new' else excluded.kind end`,
)

/** Notes, in the transaction of the change, that a story must go out, and wakes who listens when it is committed. */
export async function announceStory(client: Transaction, storyId: string, kind: StoryChange): Promise<void> {
  await client.query(announceStatement, [storyId, kind])
  client.tell(storyChannel)
}

/** Entries of the outbox, the oldest first. */
export async function readOutbox(db: Queryable, limit: number): Promise<OutboxEntry[]> {
  const { rows } = await db.query<OutboxEntry>(
    `select story_id as "storyId", kind, version, noted_at < now() - interval '${lateSeconds} s' as "isLate"
     from outbox order by noted_at, story_id limit $1`,
    [limit],
  )
  return rows
}

/** Moves entries into the log of stories; those that were changed since they were read stay, as changes. */
export async function logOutbox(client: Queryable, entries: readonly OutboxEntry[], at: Date): Promise<void> {
  if (entries.length === 0) return
  const ids = entries.map(({ storyId }) => storyId)
  await client.query(
    `insert into story_log (story_id, kind, at)
     select e.id, e.kind, $3 from unnest($1::uuid[], $2::text[]) with ordinality as e (id, kind, n)
     where exists (select from story s where s.id = e.id and s.merged_into is null) order by e.n`,
    [ids, entries.map(({ kind }) => kind), at],
  )
  await client.query(
    `delete from outbox o using unnest($1::uuid[], $2::int[]) as e (id, version)
     where o.story_id = e.id and o.version = e.version`,
    [ids, entries.map(({ version }) => version)],
  )
  await client.query(`update outbox set kind = 'changed' where story_id = any($1::uuid[])`, [ids])
  await client.query('select pg_notify($1, $2)', [storyLogChannel, ''])
  if (entries.some(({ isLate }) => isLate)) await client.query('select pg_notify($1, $2)', [storyChannel, ''])
}

/** One line of the log. Numbers rise in the order in which lines can be seen. */
export interface LoggedStory {
  readonly number: number
  readonly storyId: string
  readonly kind: StoryChange
}

/** The lines behind a number, the last `limit` of them, in order. */
export async function readStoryLog(db: Queryable, after: number, limit: number): Promise<LoggedStory[]> {
  const { rows } = await db.query<LoggedStory>(
    `select * from (select id::float8 as number, story_id as "storyId", kind from story_log
       where id > $1 order by id desc limit $2) l order by number`,
    [after, limit],
  )
  return rows
}

/** The number of the last line; 0 when there is none. */
export async function lastLogNumber(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ number: number }>('select coalesce(max(id), 0)::float8 as number from story_log')
  return rows[0]?.number ?? 0
}

/** Removes lines that nobody asks for any more. */
export async function pruneStoryLog(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from story_log where at < $1', [before])
}

/** Any constant will do; all versions of Newsfold must use the same. */
const dispatchLock = 7_301_934_403

/**
 * Runs `work` while no other process does the same; what it writes through its client is written together.
 * @returns whether it ran
 */
export function whileDispatching(database: Database, work: (client: Queryable) => Promise<void>): Promise<boolean> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ isOurs: boolean }>('select pg_try_advisory_xact_lock($1) as "isOurs"', [
      dispatchLock,
    ])
    if (!rows[0]?.isOurs) return false
    await work(client)
    return true
  })
}

/** Wakes those who put what is due into the queue. */
export async function wakeDispatchers(db: Queryable): Promise<void> {
  await db.query('select pg_notify($1, $2)', [pushChannel, ''])
}
