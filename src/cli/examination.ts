import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { freePort } from '../archive/embedded/free-port.ts'
import { describeError } from '../model/errors.ts'
import { whatToTry } from '../model/store-trouble.ts'
import { withoutPassword } from '../model/without-password.ts'
import { readFeedsFile, readSourceFiles } from '../runtime/config-files.ts'
import { freeBytesOf, leastFreeBytes } from '../runtime/disk-space.ts'
import type { Settings } from '../runtime/settings.ts'
import { feedQueryOf, unknownNames } from '../server/feed-query.ts'
import { openArchive } from './services.ts'

/** What was found out about one part of the set-up. */
export interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warning' | 'problem'
  /** The first line for a table; further lines are details. */
  readonly says: string
}

type Check = (settings: Settings, log: Logger) => Finding | Finding[] | Promise<Finding | Finding[]>

const oldestNode = [20, 19] as const
const oldestPostgres = 140_000

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])
  const says = isOld ? `${process.versions.node}: expected ${oldestNode.join('.')} or newer` : process.versions.node
  return { what: 'Node', state: isOld ? 'problem' : 'ok', says }
}

function checkData(settings: Settings): Finding[] {
  const folder = settings.NEWSFOLD_DATA
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const says = `${folder} cannot be written: ${describeError(error)}. Give it to this user, or set NEWSFOLD_DATA`
    return [{ what: 'data folder', state: 'problem', says }]
  }
  const free = freeBytesOf(folder)
  const size = `${Math.round(free / 2 ** 20).toLocaleString('en')} MB free`
  return [
    { what: 'data folder', state: 'ok', says: folder },
    free < leastFreeBytes
      ? { what: 'disk', state: 'problem', says: `${size} for ${folder}: make room, at least 200 MB` }
      : { what: 'disk', state: 'ok', says: size },
  ]
}

async function checkDatabase(settings: Settings, log: Logger): Promise<Finding> {
  const what = settings.DATABASE_URL ? 'database' : 'embedded database'
  try {
    const archive = await openArchive(settings, log, { retryForMs: 0 })
    const { rows } = await archive.database.query<{ version: string; number: number }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
    )
    await archive.close()
    const server = rows[0]
    if (server && server.number < oldestPostgres) {
      return { what, state: 'problem', says: `PostgreSQL ${server.version}: expected 14 or newer` }
    }
    return { what, state: 'ok', says: `PostgreSQL ${server?.version ?? ''} answers, migrations are applied` }
  } catch (error) {
    return { what, state: 'problem', says: describeError(error) }
  }
}

async function checkRedis(settings: Settings): Promise<Finding[]> {
  if (!settings.REDIS_URL) return [{ what: 'queue', state: 'ok', says: 'in PostgreSQL (REDIS_URL is not set)' }]
  const { Redis } = await import('ioredis')
  const redis = new Redis(settings.REDIS_URL, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  let failure: unknown = null
  redis.on('error', (error) => (failure = error))
  try {
    await redis.connect()
    const findings: Finding[] = [{ what: 'Redis', state: 'ok', says: `${withoutPassword(settings.REDIS_URL)} answers` }]
    const append = await configOf(redis, 'appendonly')
    const policy = await configOf(redis, 'maxmemory-policy')
    if (append === null || policy === null) {
      findings.push({
        what: 'Redis',
        state: 'warning',
        says: 'does not show its settings: see to it that it keeps its data and evicts nothing',
      })
    }
    if (append === 'no') {
      findings.push({
        what: 'Redis',
        state: 'warning',
        says: 'appendonly is off: waiting jobs are lost when it is killed. Set "appendonly yes"',
      })
    }
    if (policy && policy !== 'noeviction') {
      findings.push({
        what: 'Redis',
        state: 'warning',
        says: `maxmemory-policy is ${policy}: jobs may vanish. Set "maxmemory-policy noeviction"`,
      })
    }
    return findings
  } catch (error) {
    const says = `${withoutPassword(settings.REDIS_URL)} does not answer: ${describeError(failure ?? error)}. ${whatToTry('REDIS_URL', failure ?? error)}`
    return [{ what: 'Redis', state: 'problem', says }]
  } finally {
    redis.disconnect()
  }
}

/** One setting of Redis; `null` where it does not say, as hosted ones do not. */
async function configOf(redis: Redis, name: string): Promise<string | null> {
  try {
    const answer: unknown = await redis.call('CONFIG', 'GET', name)
    return Array.isArray(answer) ? String(answer[1] ?? '') : null
  } catch {
    return null
  }
}

async function checkPort(settings: Settings): Promise<Finding> {
  const port = settings.NEWSFOLD_PORT
  if (port === 0 || (await freePort(port)) === port) return { what: 'port', state: 'ok', says: `${port} is free` }
  const says = `${port} is in use: the server will take another one, unless it is Newsfold itself. Set NEWSFOLD_PORT to choose`
  return { what: 'port', state: 'warning', says }
}

function checkSources(settings: Settings): Finding {
  try {
    const { sources, broken } = readSourceFiles(settings.NEWSFOLD_CONFIG)
    if (broken.length === 0) return { what: 'sources', state: 'ok', says: `${sources.length} can be read` }
    const problems = broken.map(({ problem }) => problem).join('\n')
    return {
      what: 'sources',
      state: 'problem',
      says: `${sources.length} can be read, ${broken.length} cannot:\n${problems}`,
    }
  } catch (error) {
    return { what: 'sources', state: 'problem', says: describeError(error) }
  }
}

function checkFeeds(settings: Settings): Finding {
  try {
    const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG)
    const sources = new Map(readSourceFiles(settings.NEWSFOLD_CONFIG).sources.map((source) => [source.id, source]))
    for (const feed of feeds) feedQueryOf(feed, sources)
    const unknown = feeds.flatMap((feed) => unknownNames(feed, sources))
    const says = [`${feeds.length} are published`, ...unknown].join('\n')
    return { what: 'feeds', state: unknown.length > 0 ? 'warning' : 'ok', says }
  } catch (error) {
    return { what: 'feeds', state: 'problem', says: describeError(error) }
  }
}

function checkContact(settings: Settings): Finding {
  const contact = settings.NEWSFOLD_CONTACT
  if (contact !== null) return { what: 'contact', state: 'ok', says: contact }
  const says = 'publishers find nobody to turn to in the user agent: set NEWSFOLD_CONTACT to a page or mail address'
  return { what: 'contact', state: 'warning', says }
}

function checkUser(): Finding {
  if (process.getuid?.() !== 0) return { what: 'user', state: 'ok', says: 'not root' }
  const home = dirname(process.execPath)
  const says = existsSync(home) ? 'root: fine for a look; give a service a user of its own' : 'root'
  return { what: 'user', state: 'warning', says }
}

const checks: readonly Check[] = [
  checkNode,
  checkUser,
  checkData,
  checkDatabase,
  checkRedis,
  checkPort,
  checkSources,
  checkFeeds,
  checkContact,
]

/** Looks at every part of the set-up, one after the other; a part in trouble does not keep the others from being seen. */
export async function examine(settings: Settings, log: Logger): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) findings.push(...[await check(settings, log)].flat())
  return findings
}
