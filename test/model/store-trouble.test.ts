import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { whatToTry } from '../../src/model/store-trouble.ts'
import { anEmptyDatabase } from '../a-database.ts'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { describeOnRedis } from '../on-redis.ts'
import { findRequirement } from '../requirements.ts'

/** What to try where a client does not get into a database; `null` where it does. */
async function onDatabase(address: string, change: (url: URL) => void): Promise<string | null> {
  const url = new URL(address)
  change(url)
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 500 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return null
  } catch (error) {
    return whatToTry('DATABASE_URL', error)
  }
}

test('what to try is said by what is wrong with a database', async () => {
  const address = await anEmptyDatabase()
  const nobodysPort = String(await freePort(null))
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const silentPort = portOf(silent.address())
  const on = (change: (url: URL) => void) => onDatabase(address, change)
  try {
    expect({
      fine: await on(() => undefined),
      refused: await on((url) => (url.port = nobodysPort)),
      nowhere: await on((url) => (url.hostname = 'nowhere.invalid')),
      silent: await on((url) => (url.port = silentPort)),
      absent: await on((url) => (url.pathname = '/there_is_no_such')),
      stranger: await on((url) => (url.password = 'wrong')),
      encrypted: await on((url) => (url.search = '?sslmode=verify-full')),
    }).toEqual({
      fine: null,
      refused: 'Nothing listens there: start it, or correct host and port in DATABASE_URL',
      nowhere: 'Its host has no address: correct the name in DATABASE_URL, or look at the name service',
      silent: 'Nothing comes back from there: see whether it runs, to firewalls, and to the host in DATABASE_URL',
      absent: 'There is no such database: make it (createdb), or correct the name in DATABASE_URL',
      stranger: 'It does not let us in: correct user and password in DATABASE_URL',
      encrypted: expect.stringContaining('sslmode=disable'),
    })
  } finally {
    silent.close()
  }
})

function portOf(address: string | AddressInfo | null): string {
  if (address === null || typeof address === 'string') throw new Error(`expected a port, got ${address}`)
  return String(address.port)
}

async function onRedis(url: string): Promise<string | null> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  let failure: unknown = null
  redis.on('error', (error) => (failure = error))
  try {
    await redis.connect()
    await redis.ping()
    return null
  } catch (error) {
    return whatToTry('REDIS_URL', failure ?? error)
  } finally {
    redis.disconnect()
  }
}

describeOnRedis(() => {
  let redis: RunningRedis
  beforeAll(async () => {
    redis = await startRedis(findRequirement('redis').program, ['--requirepass', 'right'])
  })
  afterAll(() => redis.stop())
  const withPassword = (password: string) => redis.url.replace('redis://', `redis://:${password}@`)

  test('what to try is said by what is wrong with a Redis', async () => {
    const noWay = 'It does not let us in: correct user and password in REDIS_URL'
    expect(await onRedis(withPassword('right'))).toBeNull()
    expect(await onRedis(redis.url)).toBe(noWay)
    expect(await onRedis(withPassword('wrong'))).toBe(noWay)
    const nobodysPort = await freePort(null)
    expect(await onRedis(`redis://127.0.0.1:${nobodysPort}`)).toContain('Nothing listens there')
  })
})
