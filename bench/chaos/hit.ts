import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import type { Figures } from './figures.ts'
import type { Fleet } from './fleet.ts'
import type { Kill, Target } from './kill-plan.ts'
import type { NewsfoldSetUp } from './newsfold.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

const frozenMs = {
  /** Longer than a job's lock holds and the search for stalled jobs takes. */
  frozen: 14_000,
  /** Longer than PostgreSQL keeps the lease of a session that is silent. */
  'frozen-long': 75_000,
} as const
/** The guard looks each 5 s. */
const guardLimitMs = 15_000
/** Two looks of whoever makes the schedules. */
const healLimitMs = 30_000
/** At most so long is a store away. */
const awayMs = { redis: 6000, 'postgres-away': 12_000 } as const
/** Longer than the tries of a job take, and than anything waits for the archive. */
const longAwayMs = 75_000

/** The embedded PostgreSQL of a data folder; `null` when it does not run. */
export function postmasterOf(dataFolder: string): number | null {
  const file = readPostmasterFile(join(dataFolder, 'postgres', 'data'))
  return file && isAlive(file.pid) ? file.pid : null
}

/** Everything that can be hit in a round. */
export interface Victims {
  readonly stage: Stage
  readonly fleet: Fleet
  readonly setUp: NewsfoldSetUp
  readonly figures: Figures
  readonly isApart: boolean
}

const workerOf = (chance: number) => (chance < 0.5 ? 'worker-1' : 'worker-2')

type Hit = (victims: Victims, chance: number) => Promise<string>

async function killPostgres({ setUp, fleet }: Victims): Promise<string> {
  fleet.disturb()
  const postmaster = postmasterOf(setUp.dataFolder)
  if (postmaster !== null) process.kill(postmaster, 'SIGKILL')
  return ''
}

async function freeze({ fleet }: Victims, chance: number, ms: number): Promise<string> {
  fleet.signal(workerOf(chance), 'SIGSTOP')
  await sleep(ms)
  fleet.signal(workerOf(chance), 'SIGCONT')
  return `${workerOf(chance)} for ${ms / 1000} s`
}

async function sendPostgresAway({ fleet, stage }: Victims, chance: number, ms: number): Promise<string> {
  fleet.disturb()
  await stage.postgres?.stop(chance < 0.5 ? 'SIGKILL' : 'SIGINT')
  await sleep(ms)
  await stage.postgres?.start()
  return `away for ${Math.round(ms)} ms`
}

/** What is done to each target, and what of it is worth a line. */
const hits: Readonly<Record<Target, Hit>> = {
  process: async ({ fleet }) => {
    await fleet.kill('all')
    return ''
  },
  worker: async ({ fleet }, chance) => {
    await fleet.kill(workerOf(chance))
    return workerOf(chance)
  },
  server: async ({ fleet }) => {
    await fleet.kill('server')
    return ''
  },
  postgres: killPostgres,
  both: async (victims) => {
    await killPostgres(victims)
    await victims.fleet.kill('all')
    return ''
  },
  redis: async ({ fleet, stage }, chance) => {
    fleet.disturb()
    await stage.redis?.kill()
    await sleep(awayMs.redis * chance)
    await stage.redis?.start()
    return `away for ${Math.round(awayMs.redis * chance)} ms`
  },
  'postgres-away': (victims, chance) => sendPostgresAway(victims, chance, awayMs['postgres-away'] * chance),
  'postgres-away-long': (victims, chance) => sendPostgresAway(victims, chance, longAwayMs),
  emptied: emptyRedis,
  frozen: (victims, chance) => freeze(victims, chance, frozenMs.frozen),
  'frozen-long': (victims, chance) => freeze(victims, chance, frozenMs['frozen-long']),
  disk: fillDisk,
  clock: async ({ setUp, isApart }, chance) =>
    // Another digit of the same chance, so that every worker goes everywhere.
    setUp.clocks.move(isApart ? workerOf(chance) : 'all', (chance * 10) % 1),
}

/**
 * Hits, and waits until what went is back, but for the embedded PostgreSQL, which Newsfold brings back itself.
 * @returns what is worth a line; empty when the target says it all
 */
export function hit({ target, chance }: Kill, victims: Victims): Promise<string> {
  return hits[target](victims, chance)
}

async function emptyRedis({ stage, figures }: Victims): Promise<string> {
  const { redis } = stage
  if (!redis) return 'no Redis to empty'
  await redis.empty()
  const began = performance.now()
  // Crawls that were lost with it are due again; sites change all the time.
  if (!(await until(() => redis.hasTick(), { withinMs: healLimitMs, everyMs: 100 }))) {
    figures.fail('lateReturns', `Redis had no crawls ${healLimitMs / 1000} s after it was emptied`)
    return ''
  }
  const tookMs = performance.now() - began
  figures.healedMs.push(tookMs)
  return `crawls back after ${Math.round(tookMs)} ms`
}

async function fillDisk({ stage, fleet, figures }: Victims): Promise<string> {
  const { disk } = stage
  if (!disk) return 'no disk to fill'
  const isSaid = async (what: string, change: () => void, when: string): Promise<void> => {
    const before = fleet.timesSaid(what)
    change()
    if (await until(() => fleet.timesSaid(what) > before, { withinMs: guardLimitMs })) return
    figures.fail('lateReturns', `"${what}" was not in the log ${guardLimitMs / 1000} s after ${when}`)
  }
  const began = performance.now()
  await isSaid('crawling.paused', () => disk.fill(), 'the disk was full')
  const fullMs = Math.round(performance.now() - began)
  await isSaid('crawling.resumed', () => disk.free(), 'there was room again')
  return `full for ${fullMs} ms`
}
