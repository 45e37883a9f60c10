import { once } from 'node:events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { createReadiness } from '../../src/server/readiness.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { silent } from '../silent.ts'

// A hang guard: a busy machine takes its time to start a server.
vi.setConfig({ testTimeout: 60_000 })

const answerSchema = z.object({ status: z.string(), parts: z.record(z.string(), z.string()) })
let database: Database
let server: RunningServer

const serverOn = (database: Database) =>
  startServer({ database, feeds: [], sources: [], host: '127.0.0.1', port: 0, publicUrl: null, log: silent })

async function readyz(url: string) {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, ...answerSchema.omit({ status: true }).parse(await response.json()) }
}

beforeAll(async () => {
  database = await anArchive()
  server = await serverOn(database)
})
afterAll(async () => {
  await server.stop()
  await database.close()
})

test('a process whose archive is there and whole is ready', async () => {
  expect(await readyz(server.url)).toEqual({ status: 200, parts: { database: 'ok', migrations: 'ok' } })
})

test('an archive that lost a migration is not ready, and its name is said', async () => {
  await database.query(`update migration set number = 900 where number = 2`)
  try {
    const { status, parts } = await readyz(server.url)
    expect([status, parts['database']]).toEqual([503, 'ok'])
    expect(parts['migrations']).toContain('0002-search.sql')
  } finally {
    await database.query(`update migration set number = 2 where number = 900`)
  }
})

test('without its database a process lives, is not ready, and says so at once and not after twenty seconds', async () => {
  const away = openDatabase(`postgresql://nobody@127.0.0.1:${await freePort(null)}/none`, silent)
  const alone = await serverOn(away)
  const startedAt = Date.now()
  const { status, parts } = await readyz(alone.url)
  // A hang guard: the archive's own patience is 20 s.
  expect(Date.now() - startedAt).toBeLessThan(10_000)
  expect(status).toBe(503)
  expect(parts['database']).toContain('ECONNREFUSED')
  expect((await fetch(`${alone.url}/healthz`)).status).toBe(200)
  await alone.stop()
  await away.close()
})

test('a process that goes on without what is missing says what that is, and is not ready without anything else', async () => {
  const away = new Set<string>()
  const checks = ['database', 'queue'].map((name) => ({
    name,
    check: () => (away.has(name) ? Promise.reject(new Error('away')) : Promise.resolve()),
  }))
  const ask = createReadiness({ checks, goesOnWithout: (missing) => !missing.has('queue') })
  expect(await ask()).toEqual({ status: 'ready', parts: { database: 'ok', queue: 'ok' } })
  away.add('database')
  expect(await ask()).toEqual({ status: 'degraded', parts: { database: 'away', queue: 'ok' } })
  away.add('queue')
  expect((await ask()).status).toBe('not-ready')
})

test('a check that hangs is reported and not started again before it ends', async () => {
  let asked = 0
  const release = new AbortController()
  const check = async () => {
    asked++
    await once(release.signal, 'abort')
  }
  const ask = createReadiness({ checks: [{ name: 'queue', check }] })
  const answers = await Promise.all([ask(), ask()])
  expect(answers.map(({ status }) => status)).toEqual(['not-ready', 'not-ready'])
  expect(answers[0]?.parts['queue']).toMatch(/no answer within/)
  expect(asked).toBe(1)
  const last = ask()
  release.abort()
  expect(await last).toEqual({ status: 'ready', parts: { queue: 'ok' } })
})
