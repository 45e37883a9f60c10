import { chooseStories } from '../src/archive/choose-stories.ts'
import type { Database } from '../src/archive/database.ts'
import { findStories } from '../src/archive/stories.ts'
import { parseQuery } from '../src/search/parse-query.ts'
import { generateArchive } from './generated-archive.ts'

/** Queries of each kind, on words that few, some and many stories have. */
const queries = [
  '通知',
  '跨境电商',
  '跨境电商 -招聘',
  '人工智能 通知',
  '"碳排放权"',
  '量子通信',
  '量子通信 | 碳排放权',
  '标题:跨境电商',
  '通',
  'term40',
  '招聘 (人工智能 | 碳排放权) -通知',
  '-通知',
  '没有这个词语',
] as const

const rounds = 15

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

interface Timing {
  readonly found: number
  readonly ms: readonly number[]
}

async function timeQuery(database: Database, query: string, sourceIds: readonly string[] | null): Promise<Timing> {
  const filter = { sourceIds, languages: null, limit: 50, text: parseQuery(query) }
  const ms: number[] = []
  let found = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    found = (await findStories(database, filter)).length
    ms.push(performance.now() - start)
  }
  return { found, ms }
}

function report(name: string, { found, ms }: Timing): void {
  const sorted = ms.toSorted((a, b) => a - b)
  const times = `median ${percentile(sorted, 0.5).toFixed(1)} ms, p95 ${percentile(sorted, 0.95).toFixed(1)} ms`
  process.stdout.write(`search ${name}: ${found} items, ${times}\n`)
}

/** Search feeds of 50 items, from the query to the stories, over an archive of generated stories. */
export async function run(count = 100_000): Promise<void> {
  const start = performance.now()
  const { database, close } = await generateArchive(count)
  try {
    const took = Math.round((performance.now() - start) / 1000)
    process.stdout.write(`search archive: ${count} stories generated and indexed in ${took} s\n`)
    // The first query of a connection plans and loads what the others find ready.
    await chooseStories(database, { sourceIds: null, languages: null, limit: 1 })
    const all: number[] = []
    for (const query of queries) {
      const timing = await timeQuery(database, query, null)
      report(`“${query}”`, timing)
      all.push(...timing.ms)
    }
    for (const source of ['ministry', 'observatory']) {
      const timing = await timeQuery(database, '', [source])
      report(`source ${source}`, timing)
      all.push(...timing.ms)
    }
    const sorted = all.toSorted((a, b) => a - b)
    process.stdout.write(
      `search all over ${count} stories: p95 ${percentile(sorted, 0.95).toFixed(1)} ms, slowest ${(sorted.at(-1) ?? 0).toFixed(1)} ms\n`,
    )
  } finally {
    await close()
  }
}
