import { loadavg } from 'node:os'
import { chooseStories } from '../src/archive/choose-stories.ts'
import type { Database } from '../src/archive/database.ts'
import { searchStories } from '../src/archive/stories.ts'
import type { StoryFilter } from '../src/archive/story-filter.ts'
import { indexStoryText, refreshStorySearch } from '../src/archive/story-search.ts'
import { parseQuery } from '../src/search/parse-query.ts'
import { searchTextOf } from '../src/search/search-text.ts'
import { openGeneratedArchive } from './archive-options.ts'
import { processorClock } from './processor-time.ts'

/** Queries of each kind, on words that few, some and many stories have. */
const queries: readonly (readonly [query: string, filter?: Partial<StoryFilter>])[] = [
  ['通知'],
  ['跨境电商'],
  ['跨境电商 -招聘'],
  ['人工智能 通知'],
  ['"碳排放权"'],
  ['量子通信'],
  ['量子通信 | 碳排放权'],
  ['标题:跨境电商'],
  ['通'],
  ['鑫'],
  ['term40'],
  ['招聘 (人工智能 | 碳排放权) -通知'],
  ['-通知'],
  ['没有这个词语'],
  ['跨境電商'],
  // Phrases whose parts are common.
  ['中国家'],
  ['国家中国'],
  ['"of the"'],
  ['the -of'],
  // Nobody writes of it any more.
  ['防疫'],
  ['防疫 量子通信'],
  ['碳排放权 -通知', { order: 'seen' }],
  ['人工智能 碳排放权', { order: 'changed' }],
  ['防疫', { order: 'changed' }],
  ['跨境电商', { sourceIds: ['observatory'] }],
  ['防疫', { sourceIds: ['observatory', 'court'], languages: ['zh'] }],
  ['通知', { languages: ['en'] }],
  ['防疫', { since: new Date('2024-01-01T00:00:00Z') }],
  ['量子通信', { since: new Date('2024-01-01T00:00:00Z') }],
  ['跨境电商', { isFromEnd: true }],
  ['中国家', { isFromEnd: true }],
  ['', { sourceIds: ['ministry'] }],
  ['', { sourceIds: ['observatory'] }],
]

const rounds = 15

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

interface Timing {
  readonly found: number
  readonly ms: readonly number[]
  /** Of this process and the server, on average; `null`: not measured. */
  readonly processorMs: number | null
}

async function timeQuery(
  database: Database,
  query: string,
  filter: Partial<StoryFilter>,
  clock: () => number,
): Promise<Timing> {
  const whole = { sourceIds: null, languages: null, limit: 50, text: parseQuery(query), ...filter }
  const ms: number[] = []
  let found = 0
  const before = clock()
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    found = (await searchStories(database, whole)).stories.length
    ms.push(performance.now() - start)
  }
  return { found, ms, processorMs: (clock() - before) / rounds }
}

function nameOf(query: string, filter: Partial<StoryFilter>): string {
  const restrictions = Object.entries(filter).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
  return [`“${query}”`, ...restrictions].join(', ')
}

function report(name: string, { found, ms, processorMs }: Timing): void {
  const sorted = ms.toSorted((a, b) => a - b)
  const [first = 0] = ms
  process.stdout.write(
    `search ${name}: ${found} items, first ${first.toFixed(1)} ms, median ${percentile(sorted, 0.5).toFixed(1)} ms, ` +
      `p95 ${percentile(sorted, 0.95).toFixed(1)} ms${processorMs === null ? '' : `, processors ${processorMs.toFixed(1)} ms`}\n`,
  )
}

class UndoError extends Error {}

/** What it takes to tell the index of a story that is new, without what the disk takes to keep it. */
async function timeIndexing(database: Database): Promise<readonly number[]> {
  const { rows } = await database.query<{ id: string }>(
    'select story_id as id from story_search order by md5(story_id::text) limit 60',
  )
  const ms: number[] = []
  for (const { id } of rows) {
    const work = database.transaction(async (client) => {
      await client.query('delete from story_search where story_id = $1', [id])
      const start = performance.now()
      await refreshStorySearch(client, id)
      await indexStoryText(client, id, searchTextOf)
      ms.push(performance.now() - start)
      throw new UndoError('measured')
    })
    await work.catch((error: unknown) => {
      if (!(error instanceof UndoError)) throw error
    })
  }
  return ms
}

/** Search feeds of 50 items, from the query to the stories, over an archive of generated stories. */
export async function run(...options: readonly string[]): Promise<void> {
  const { database, count, close } = await openGeneratedArchive('search', options)
  try {
    // The first query of a connection plans and loads what the others find ready.
    await chooseStories(database, { sourceIds: null, languages: null, limit: 1 })
    const clock = await processorClock(database)
    const all: number[] = []
    for (const [query, filter = {}] of queries) {
      const timing = await timeQuery(database, query, filter, clock)
      report(nameOf(query, filter), timing)
      all.push(...timing.ms)
    }
    report('indexing of a new story', { found: 1, ms: await timeIndexing(database), processorMs: null })
    const sorted = all.toSorted((a, b) => a - b)
    process.stdout.write(
      `search load ${loadavg()[0]?.toFixed(1)}; all over ${count} stories: p95 ${percentile(sorted, 0.95).toFixed(1)} ms, slowest ${(sorted.at(-1) ?? 0).toFixed(1)} ms\n`,
    )
  } finally {
    await close()
  }
}
