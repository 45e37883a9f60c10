import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openDatabase } from '../../src/archive/database.ts'
import { openEmbeddedServer } from '../../src/archive/embedded/server.ts'
import { canonicalUrl } from '../../src/dedup/canonical-url.ts'
import { startNewsroom } from '../../src/newsroom/newsroom.ts'
import { silent } from '../silent.ts'
import { anInstallation, hasPostgres, type Installation } from './newsfold.ts'

// A hang guard: a whole demo on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let once: Installation
beforeAll(() => {
  once = anInstallation({}, { isNew: true })
})
afterAll(() => once.remove())

const demoFolder = (installation: Installation) => join(installation.data, 'demo')

async function archived(installation: Installation) {
  const server = await openEmbeddedServer(demoFolder(installation), silent)
  const database = openDatabase(server.connectionString, silent)
  const { rows } = await database.query<{ url: string; title: string; body: string; revision: number }>(
    'select canonical_url as url, title, body_text as body, revision from article order by 1',
  )
  await database.close()
  await server.stop()
  return rows
}

/** What the newsroom of this demo announces, at the addresses that it has there. */
async function announced(installation: Installation) {
  const file = readFileSync(join(demoFolder(installation), 'newsroom-ports.json'), 'utf8')
  const ports = z.object({ ministry: z.int(), city: z.int(), portal: z.int() }).parse(JSON.parse(file))
  const newsroom = await startNewsroom({ ports, correctAfterMs: null })
  await newsroom.stop()
  return newsroom.expected()
}

/** `found, stored, revised, unchanged, failed` by source, from the summary table. */
function summaryOf(out: string): Map<string, number[]> {
  const rows = out.matchAll(/^(ministry|city|portal) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) /gm)
  return new Map([...rows].map(([, id = '', ...counts]) => [id, counts.map(Number)]))
}

test('demo --once stores every announcement once and prints what it did, and a second run stores nothing', async () => {
  const first = await once.run(['demo', '--once'])
  expect([first.code, first.err]).toEqual([0, ''])
  expect(hasPostgres(demoFolder(once))).toBe(false)
  const expected = await announced(once)
  const articles = await archived(once)
  expect(articles.map(({ url }) => url)).toEqual(expected.map(({ url }) => canonicalUrl(url)).toSorted())
  expect(articles.every(({ revision }) => revision === 1)).toBe(true)
  for (const { url, title } of expected) {
    expect(articles.find((article) => article.url === canonicalUrl(url))?.title).toBe(title)
  }
  const stored = summaryOf(first.out)
  expect([...stored.keys()].toSorted()).toEqual(['city', 'ministry', 'portal'])
  expect([...stored.values()].reduce((sum, counts) => sum + (counts[1] ?? 0), 0)).toBe(expected.length)

  const second = await once.run(['demo', '--once'])
  expect([second.code, second.err]).toEqual([0, ''])
  for (const [, changed, revised, , failed] of summaryOf(second.out).values()) {
    expect([changed, revised, failed]).toEqual([0, 0, 0])
  }
  expect(await archived(once)).toEqual(articles)
})
