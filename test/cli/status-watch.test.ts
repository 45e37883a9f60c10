import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/archive/embedded/server.ts'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { openDatabase } from '../../src/archive/database.ts'
import { migrate } from '../../src/archive/migrate.ts'
import { silent } from '../silent.ts'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

// A hang guard: whole programs and a server on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const soon = { timeout: 60_000, interval: 100 }
const folder = mkdtempSync(join(tmpdir(), 'newsfold-status-'))
let postgres: EmbeddedServer
let newsfold: Installation
let env: Record<string, string>

const sourceText = (id: string): string => `name: ${id}\nlistings: ['https://${id}.example/']\n`

beforeAll(async () => {
  postgres = await openEmbeddedServer(folder, silent)
  const database = openDatabase(postgres.connectionString, silent)
  await migrate(database)
  await database.query(
    `insert into source_health (source_id, state, since, reason, checked_at) values
       ('city', 'broken', now(), '3 runs failed', now()), ('town', 'healthy', now(), null, now()),
       ('removed', 'gone', now(), null, now())`,
  )
  await database.query(
    `insert into alert_channel (channel, key, says, since, told_at, over_at) values
       ('log', 'source:city', 'broken: 3 runs failed', now(), now(), null),
       ('log', 'disk', '100 MB free', now(), now(), now()), ('mail', 'queue', 'overdue', now(), now(), null)`,
  )
  await database.query(
    `insert into delivery (id, channel, target, feed_id, subject, kind, next_at, died_at, created_at) values
       (gen_random_uuid(), 'webhook', 't', 'all', 'a', 'new', now(), null, now()),
       (gen_random_uuid(), 'hub', 't', 'all', 'b', 'new', null, now(), now())`,
  )
  await database.close()
  newsfold = anInstallation({ city: sourceText('city'), town: sourceText('town'), lake: sourceText('lake') })
  env = { DATABASE_URL: postgres.connectionString }
})
afterAll(async () => {
  await newsfold.remove()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const awaySchema = z.object({ address: z.string(), since: z.string(), reason: z.string() })
const lineSchema = z.object({
  away: awaySchema.nullable(),
  sources: z.object({ enabled: z.number() }).optional(),
})

/** What was written last, as far as its line has ended. */
function lastLine({ out }: Running): z.output<typeof lineSchema> | null {
  const line = out().split('\n').at(-2)
  return line === undefined ? null : lineSchema.parse(JSON.parse(line))
}
const lastScreen = ({ out }: Running): string => out().split('\u001B[H\u001B[2J').at(-1) ?? ''

test('the status tells the states of sources, deliveries and alerts, to people and to programs alike', async () => {
  const [json, screen] = await Promise.all(
    [['status', '--json'], ['status']].map((args) => newsfold.run(args, { env })),
  )
  expect([json?.code, json?.err, screen?.code, screen?.err]).toEqual([0, '', 0, ''])
  expect(JSON.parse(json?.out ?? '')).toMatchObject({
    away: null,
    queue: { problem: null },
    health: { gone: 0, blocked: 0, broken: 1, degraded: 0, quiet: 0, healthy: 1, unread: 1 },
    deliveries: {
      isPaused: false,
      channels: [
        { channel: 'websub', waiting: 0, dead: 0 },
        { channel: 'webhook', waiting: 1, dead: 0 },
        { channel: 'hub', waiting: 0, dead: 1 },
      ],
    },
    alerts: [{ key: 'source:city', says: 'broken: 3 runs failed', isMuted: false }],
  })
  expect(screen?.out).toMatch(/^deliveries +1 waiting \(1 to webhooks\), 1 given up$/m)
  expect(screen?.out).toMatch(/^health +1 healthy, 1 broken, 1 unread$/m)
  expect(screen?.out).toMatch(/^source:city +\d\d:\d\d:\d\d +broken: 3 runs failed$/m)
})

test('whoever watches is told that the database is away, where it is and since when, and sees all again when it is back', async () => {
  const screens = newsfold.start(['status', '--watch'], env)
  const lines = newsfold.start(['status', '--watch', '--json'], env)
  await expect
    .poll(() => [lastScreen(screens), lastLine(lines)?.away], soon)
    .toEqual([expect.stringContaining('3 enabled'), null])
  writeFileSync(join(newsfold.config, 'sources', 'hill.yaml'), sourceText('hill'))
  await expect.poll(() => lastLine(lines)?.sources?.enabled, soon).toBe(4)

  const before = new Date()
  process.kill(readPostmasterFile(join(folder, 'postgres', 'data'))?.pid ?? 0, 'SIGQUIT')
  await expect.poll(() => lastLine(lines)?.away?.reason, soon).toContain('ECONNREFUSED')
  const { host, pathname } = new URL(postgres.connectionString)
  const away = lastLine(lines)?.away
  expect(away?.address).toMatch(new RegExp(`^postgresql://[^:@]+@${host}${pathname}$`))
  // A look that began before it went is the first that fails.
  expect(Math.abs(new Date(away?.since ?? 0).getTime() - before.getTime())).toBeLessThan(60_000)
  await expect.poll(() => lastScreen(screens), soon).toMatch(/^database +away since \d\d:\d\d:\d\d: postgresql:/m)
  // It goes on, and since when stays.
  const count = lines.out().split('\n').length
  await expect.poll(() => lines.out().split('\n').length, soon).toBeGreaterThan(count)
  expect(lastLine(lines)?.away?.since).toBe(away?.since)

  postgres = await openEmbeddedServer(folder, silent)
  await expect.poll(() => lastLine(lines)?.sources?.enabled, soon).toBe(4)
  await expect.poll(() => lastScreen(screens), soon).toContain('4 enabled')
  for (const { child } of [screens, lines]) child.kill('SIGINT')
  const { password } = new URL(postgres.connectionString)
  expect(password).not.toBe('')
  const ends = await Promise.all([screens.finished, lines.finished])
  for (const { out, err } of ends) {
    expect(err).toBe('')
    expect(out).not.toContain(password)
  }
})
