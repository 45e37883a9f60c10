import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild, type Child } from './child.ts'
import type { Clocks } from './clock.ts'
import { ask } from './feed-watch.ts'
import { crowdedMs, usedMs } from './processor.ts'
import { until } from './wait.ts'

/** The real command, as a user runs it. */
const program = join(fileURLToPath(new URL('../../', import.meta.url)), 'bin', 'newsfold.js')

export interface NewsfoldSetUp {
  readonly dataFolder: string
  readonly configFolder: string
  readonly port: number
  readonly redisUrl: string | null
  /** `null`: Newsfold has its own PostgreSQL. */
  readonly databaseUrl: string | null
  /** `host:port` of the webhook's receiver. */
  readonly receiver: string
  readonly clocks: Clocks
}

/** The environment without any setting of the person who runs this. */
function environmentOf({
  dataFolder,
  configFolder,
  port,
  redisUrl,
  databaseUrl,
  receiver,
}: NewsfoldSetUp): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('NEWSFOLD_') && name !== 'DATABASE_URL' && name !== 'REDIS_URL',
  )
  return {
    ...Object.fromEntries(inherited),
    NEWSFOLD_DATA: dataFolder,
    NEWSFOLD_CONFIG: configFolder,
    NEWSFOLD_PORT: String(port),
    NEWSFOLD_ALLOW_PRIVATE_HOSTS: receiver,
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  }
}

/** What readers ask for. */
export const feedPath = '/feeds/all.rss'

let started = 0

/** @param role whose clock it has */
export function startNewsfold(command: 'start' | 'work' | 'serve', role: string, setUp: NewsfoldSetUp): Child {
  started++
  return startChild(process.execPath, [program, command], {
    ...environmentOf(setUp),
    ...setUp.clocks.environment(role),
    // Each process names itself differently, so that publishers can tell who asked.
    NEWSFOLD_CONTACT: `https://chaos.example/${role}-${started}`,
  })
}

/** What a command of Newsfold prints. */
export async function askNewsfold(args: readonly string[], setUp: NewsfoldSetUp): Promise<string> {
  const child = startChild(process.execPath, [program, ...args], environmentOf(setUp))
  await child.ended
  return child.lastWords()
}

/** What a start took, in milliseconds. */
export interface StartTime {
  readonly tookMs: number
  /** Its own processor time, which depends little on what else the machine does; `null` where unknown. */
  readonly usedMs: number | null
  /** Share of the time in which some program of this machine waited for a processor. */
  readonly crowded: number
}

/** Waits until the server answers with the feed. @returns `null`: it ended, or did not within a minute */
export async function serving(child: Child, port: number): Promise<StartTime | null> {
  let answeredAt: number | null = null
  const crowdedBefore = crowdedMs()
  const beganAt = performance.now()
  await until(
    async () => {
      if (child.hasEnded()) return true
      const answer = await ask(`http://127.0.0.1:${port}${feedPath}`).catch(() => null)
      if (answer?.status === 200) answeredAt = performance.now()
      return answeredAt !== null
    },
    { withinMs: 60_000 },
  )
  if (answeredAt === null) return null
  return {
    tookMs: answeredAt - child.startedAt,
    usedMs: usedMs(child.pid),
    crowded: (crowdedMs() - crowdedBefore) / (answeredAt - beganAt),
  }
}
