import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Database } from '../src/archive/database.ts'
import { ConfigurationError } from '../src/model/errors.ts'
import { ask } from './chaos/feed-watch.ts'
import type { Child } from './chaos/child.ts'
import { readNumbers } from './measure-options.ts'
import { install, type Installation } from './scale/installation.ts'
import { startSite } from './scale/site-process.ts'

/** `new`: seconds until each source has another announcement. `every`: seconds between two polls of one. */
const defaults = { minutes: 60, sources: 30, every: 20, new: 60 }
type Plan = typeof defaults

const megabyte = 2 ** 20
const readEveryMs = 250
/** A minute's samples: of the heap the least counts, which is nearest to what lives, of the others the middle. */
const samplesEach = 6
/** Flat: the median of the last third is at most this much above the one of the second third. */
const flatRatio = 1.05

interface Sample {
  readonly nodeMb: number
  readonly heapMb: number
  readonly postgresMb: number
  /** Of that, its buffers, which fill. */
  readonly buffersMb: number
  /** Of that, what its processes have for themselves. */
  readonly ownMb: number
}

const paths = [
  '/feeds/all.rss',
  '/feeds/all.json',
  '/feeds/all.atom',
  '/',
  '/feeds/search.rss?q=%E9%80%9A%E7%9F%A5',
] as const

/** Readers who ask for one thing after the other until they are told to stop. @returns how often, and failures */
async function read(port: number, signal: AbortSignal): Promise<{ asked: number; failed: number }> {
  const tally = { asked: 0, failed: 0 }
  while (!signal.aborted) {
    const answer = await ask(`http://127.0.0.1:${port}${paths[tally.asked++ % paths.length]}`).catch(() => null)
    if (answer?.status !== 200) tally.failed++
    await sleep(readEveryMs, undefined, { signal }).catch(() => undefined)
  }
  return tally
}

async function sample(installation: Installation, child: Child): Promise<Sample> {
  const { body } = await ask(`http://127.0.0.1:${installation.port}/metrics`)
  const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(body)?.[1] ?? 0)
  const { node, postgres } = installation.use(child)
  return {
    nodeMb: node.bytes / megabyte,
    heapMb: heap / megabyte,
    postgresMb: postgres.bytes / megabyte,
    buffersMb: postgres.sharedBytes / megabyte,
    ownMb: postgres.ownBytes / megabyte,
  }
}

async function sampleMinute(installation: Installation, child: Child): Promise<Sample> {
  const samples: Sample[] = []
  for (let n = 0; n < samplesEach; n++) {
    await sleep(60_000 / samplesEach)
    if (child.hasEnded()) throw new Error(`Newsfold ended: ${child.lastWords()}`)
    samples.push(await sample(installation, child))
  }
  return {
    nodeMb: median(samples.map(({ nodeMb }) => nodeMb)),
    heapMb: Math.min(...samples.map(({ heapMb }) => heapMb)),
    postgresMb: median(samples.map(({ postgresMb }) => postgresMb)),
    buffersMb: median(samples.map(({ buffersMb }) => buffersMb)),
    ownMb: median(samples.map(({ ownMb }) => ownMb)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Least squares, per step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const over = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0)
  const under = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  return over / under
}

function verdict(name: string, values: readonly number[]): boolean {
  const third = Math.floor(values.length / 3)
  const [before, after] = [median(values.slice(third, 2 * third)), median(values.slice(2 * third))]
  const isFlat = after <= before * flatRatio
  process.stdout.write(
    `soak ${name}: ${before.toFixed(0)} MB in the second third, ${after.toFixed(0)} MB in the last, ` +
      `${slope(values.slice(third)).toFixed(2)} MB a minute: ${isFlat ? 'flat' : 'NOT flat'} (at most ${flatRatio} times)\n`,
  )
  return isFlat
}

async function tableSizes(database: Database): Promise<string> {
  const { rows } = await database.query<{ name: string; kilobytes: number; rows: number }>(
    `select c.relname as name, (pg_total_relation_size(c.oid) / 1024)::int as kilobytes, s.n_live_tup::int as rows
     from pg_class c join pg_stat_user_tables s on s.relid = c.oid order by 2 desc limit 8`,
  )
  return rows.map((row) => `${row.name} ${row.kilobytes} kB (${row.rows} rows)`).join(', ')
}

async function watch(plan: Plan, installation: Installation, child: Child): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (let minute = 1; minute <= plan.minutes; minute++) {
    const now = await sampleMinute(installation, child)
    samples.push(now)
    process.stdout.write(
      `soak minute ${minute}: Node ${now.nodeMb.toFixed(0)} MB (heap ${now.heapMb.toFixed(0)} MB), ` +
        `PostgreSQL ${now.postgresMb.toFixed(0)} MB (buffers ${now.buffersMb.toFixed(0)} MB, its own ${now.ownMb.toFixed(0)} MB)\n`,
    )
    if (minute % 10 === 0) process.stdout.write(`soak tables: ${await tableSizes(installation.database)}\n`)
  }
  return samples
}

function sourceText(host: string, number: number, plan: Plan): string {
  return stringify({
    name: `Source ${number}`,
    kind: number % 2 === 0 ? 'feed' : 'html',
    listings: [`http://${host}/${number}/${number % 2 === 0 ? 'feed.xml' : 'list.html'}`],
    schedule: { every: `${plan.every}s` },
    politeness: { delay: '100ms' },
    allowPrivateHosts: [host],
  })
}

/**
 * Everything in one process for an hour, publishers that announce and correct all the time, readers that ask all the
 * time: whether memory stays as it is, and what the tables grow by. Memory that grows, and a reader without an answer,
 * end it with exit code 1.
 * @param args numbers: see `defaults`
 */
export async function run(...args: readonly string[]): Promise<void> {
  const plan = readNumbers(args, defaults)
  if (plan.minutes < 6) {
    throw new ConfigurationError('bench.options', '--minutes: expected 6 or more, a warm-up and two thirds to compare')
  }
  const site = await startSite(plan.sources, 10, plan.new * 1000)
  const texts = site.hosts.map((host, index) => [`s${index + 1}`, sourceText(host, index + 1, plan)] as const)
  const installation = await install(Object.fromEntries(texts), {})
  const child = installation.start()
  const reading = new AbortController()
  try {
    await sleep(5000)
    const readers = read(installation.port, reading.signal)
    const samples = await watch(plan, installation, child)
    reading.abort()
    const { asked, failed } = await readers
    const { rows } = await installation.database.query<{ articles: number; runs: number; revisions: number }>(
      `select (select count(*) from article)::int as articles, (select count(*) from crawl_run)::int as runs,
         (select count(*) from revision where number > 1)::int as revisions`,
    )
    const [counts] = rows
    process.stdout.write(
      `soak ${plan.minutes} minutes: ${counts?.runs} runs, ${counts?.articles} articles, ${counts?.revisions} corrections, ` +
        `${asked} requests of readers, ${failed} without an answer\n`,
    )
    const areFlat = [
      verdict(
        'Node',
        samples.map(({ nodeMb }) => nodeMb),
      ),
      verdict(
        'heap',
        samples.map(({ heapMb }) => heapMb),
      ),
      verdict(
        "PostgreSQL's own",
        samples.map(({ ownMb }) => ownMb),
      ),
    ]
    if (failed > 0 || areFlat.includes(false)) process.exitCode = 1
  } finally {
    reading.abort()
    child.kill('SIGTERM')
    await child.ended
    await installation.close()
    site.close()
  }
}
