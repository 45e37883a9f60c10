import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Child } from '../chaos/child.ts'
import { findSchedules } from '../../src/archive/source-schedules.ts'
import { askChild } from './ask-child.ts'
import { bareResultSchema, type BareResult, type BareTask } from './bare-client.ts'
import { install, type Installation } from './installation.ts'
import { startSite, type Arrival, type SiteProcess, type SiteReport } from './site-process.ts'

export interface PollPlan {
  readonly sources: number
  /** Seconds between two polls of a source. */
  readonly every: number
  readonly minutes: number
  /** Crawls at the same time. */
  readonly runs: number
}

/** Beside the feed's page, which is kept for search and readers: as few as a feed can have. */
const articlesEach = 1
const megabyte = 2 ** 20

const sourceId = (number: number): string => `s${number}`

function sourceText(host: string, number: number, every: number): string {
  return stringify({
    name: `Source ${number}`,
    kind: 'feed',
    listings: [`http://${host}/${number}/feed.xml`],
    fullText: false,
    schedule: { every: `${every}s` },
    // Each is at an address of its own, and asked long after the last time: its pace never makes anybody wait.
    politeness: { delay: 0 },
    allowPrivateHosts: [host],
  })
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** When each source is due for the first time after it was new, in milliseconds since 1970; every interval from there on. */
async function anchorsOf({ database }: Installation): Promise<ReadonlyMap<number, number>> {
  const schedules = await findSchedules(database)
  return new Map(schedules.map(({ sourceId, anchorAt }) => [Number(sourceId.slice(1)), anchorAt.getTime()]))
}

/** Waits until the ticks of all sources have begun: until then there are fewer than there will be. */
async function settle(anchors: ReadonlyMap<number, number>): Promise<void> {
  const ms = Math.max(...anchors.values()) - Date.now()
  process.stdout.write(`scale all are on schedule in ${Math.max(0, ms / 1000).toFixed(0)} s\n`)
  await sleep(Math.max(0, ms))
}

/** How many ticks there are in the window. */
function ticksIn({ from, to }: Window, anchors: ReadonlyMap<number, number>, everyMs: number): number {
  const until = (at: number, anchor: number) => Math.max(0, Math.floor((at - anchor) / everyMs) + 1)
  return [...anchors.values()].reduce((sum, anchor) => sum + until(to, anchor) - until(from, anchor), 0)
}

/** Waits until every source has been read once and nothing is under way. */
async function fill(plan: PollPlan, installation: Installation, child: Child): Promise<void> {
  let before = -1
  for (;;) {
    if (child.hasEnded()) throw new Error(`Newsfold ended: ${child.lastWords()}`)
    const { rows } = await installation.database
      .query<{ count: number }>('select count(*)::int as count from listing_state where is_complete')
      // Its tables are made by the command.
      .catch(() => ({ rows: [{ count: 0 }] }))
    const count = rows[0]?.count ?? 0
    if (count >= plan.sources) return
    if (count >= before + plan.sources / 20) {
      process.stdout.write(`scale first reading of ${count} of ${plan.sources} sources\n`)
      before = count
    }
    await sleep(500)
  }
}

interface Window {
  readonly from: number
  readonly to: number
  readonly report: SiteReport
  readonly nodeMs: number
  readonly postgresMs: number
  readonly nodePeak: number
  readonly postgresPeak: number
  readonly growth: number
}

async function bytesOnDisk({ database }: Installation): Promise<number> {
  const { rows } = await database.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(c.oid))::float8 as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  )
  return rows[0]?.bytes ?? 0
}

async function watch(
  plan: PollPlan,
  { installation, child, site }: { installation: Installation; child: Child; site: SiteProcess },
): Promise<Window> {
  await site.report()
  const disk = await bytesOnDisk(installation)
  const before = installation.use(child)
  const from = Date.now()
  let [nodePeak, postgresPeak] = [0, 0]
  while (Date.now() < from + plan.minutes * 60_000) {
    await sleep(Math.min(5000, plan.minutes * 60_000))
    const { node, postgres } = installation.use(child)
    nodePeak = Math.max(nodePeak, node.bytes)
    postgresPeak = Math.max(postgresPeak, postgres.bytes)
  }
  const to = Date.now()
  const after = installation.use(child)
  const report = await site.report()
  return {
    from,
    to,
    report,
    nodeMs: after.node.cpuMs - before.node.cpuMs,
    postgresMs: after.postgres.cpuMs - before.postgres.cpuMs,
    nodePeak,
    postgresPeak,
    growth: (await bytesOnDisk(installation)) - disk,
  }
}

/** How long after the moment that its schedule names each source was asked, in milliseconds, sorted. */
function latenesses(arrivals: readonly Arrival[], anchors: ReadonlyMap<number, number>, everyMs: number): number[] {
  return arrivals
    .map(({ source, at }) => (((at - (anchors.get(source) ?? 0)) % everyMs) + everyMs) % everyMs)
    .toSorted((a, b) => a - b)
}

const askBare = (task: BareTask): Promise<BareResult> => askChild('./bare-client.ts', task, bareResultSchema)

/** What is promised; more ends the measurement with exit code 1. */
const limits = { lateMs: 5000, pollMs: 3, megabytes: 2048 }
/** Ticks of the window's last moment are asked for behind it. */
const atTheEdge = 0.001

function print(
  window: Window,
  at: { due: number; late: readonly number[]; bare: BareResult; bareAsked: number },
): void {
  const { report, late, due } = { ...window, ...at }
  const polls = report.arrivals.length
  const seconds = (window.to - window.from) / 1000
  const notModified = report.arrivals.filter(({ status }) => status === 304).length
  const others = report.robots + report.pages + report.others
  const perPoll = (ms: number) => ms / polls
  const [node, postgres] = [perPoll(window.nodeMs), perPoll(window.postgresMs)]
  const bare = at.bare.cpuMs / at.bareAsked
  const [nodeMb, postgresMb] = [window.nodePeak / megabyte, window.postgresPeak / megabyte]
  const isLate = percentile(late, 0.99) > limits.lateMs || polls < due * (1 - atTheEdge)
  const isDear =
    node + postgres > limits.pollMs || polls + others > 1.01 * polls || nodeMb + postgresMb > limits.megabytes
  if (isLate || isDear) process.exitCode = 1
  process.stdout.write(
    [
      `scale polls: ${polls} of ${due} that were due in ${seconds.toFixed(0)} s (${(polls / seconds).toFixed(1)}/s)`,
      `scale lateness: p50 ${percentile(late, 0.5)} ms, p99 ${percentile(late, 0.99)} ms, most ${late.at(-1) ?? 0} ms (p99 at most ${limits.lateMs})`,
      `scale requests: ${((polls + others) / polls).toFixed(3)} a poll, 304s ${(notModified / polls).toFixed(3)} a poll; ` +
        `beside listings ${report.robots} robots.txt, ${report.pages} pages, ${report.others} others`,
      `scale processor time a poll: ${(node + postgres).toFixed(2)} ms (at most ${limits.pollMs}), Node ${node.toFixed(2)} ms, ` +
        `PostgreSQL ${postgres.toFixed(2)} ms; a bare undici loop ${bare.toFixed(2)} ms, so ${((node + postgres) / bare).toFixed(1)} times that`,
      `scale memory at its peak: Node ${nodeMb.toFixed(0)} MB, PostgreSQL ${postgresMb.toFixed(0)} MB, ` +
        `together ${(nodeMb + postgresMb).toFixed(0)} MB (at most ${limits.megabytes})`,
      `scale disk: ${(window.growth / polls).toFixed(0)} bytes a poll`,
      `scale load average ${loadavg()[0]?.toFixed(1)}`,
      '',
    ].join('\n'),
  )
}

/** Sources of one listing each that never change, asked on schedule: what a poll costs and whether it is on time. */
export async function measurePolls(plan: PollPlan): Promise<void> {
  const site = await startSite(plan.sources, articlesEach)
  const texts = site.hosts.map((host, index) => [sourceId(index + 1), sourceText(host, index + 1, plan.every)] as const)
  const installation = await install(Object.fromEntries(texts), {
    NEWSFOLD_RUNS: String(plan.runs),
    // What is left of 2 GB beside PostgreSQL.
    NODE_OPTIONS: '--max-old-space-size=1024',
  })
  const child = installation.start()
  try {
    const startedAt = performance.now()
    await fill(plan, installation, child)
    const filledMs = performance.now() - startedAt
    process.stdout.write(
      `scale ${plan.sources} new sources, each at a host of its own, read for the first time in ${(filledMs / 1000).toFixed(0)} s\n`,
    )
    const anchors = await anchorsOf(installation)
    await settle(anchors)
    const window = await watch(plan, { installation, child, site })
    const due = ticksIn(window, anchors, plan.every * 1000)
    const late = latenesses(window.report.arrivals, anchors, plan.every * 1000)
    const bareAsked = Math.min(plan.sources, 4000)
    const bare = await askBare({ hosts: [...site.hosts], requests: bareAsked, concurrency: 8 })
    print(window, { due, late, bare, bareAsked })
  } finally {
    child.kill('SIGTERM')
    await child.ended
    await installation.close()
    site.close()
  }
}
