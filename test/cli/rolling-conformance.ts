import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { ArchiveView, embeddedUrl } from '../../bench/chaos/archive-view.ts'
import { checkFeed } from '../../bench/chaos/feed-check.ts'
import { findOverlaps } from '../../bench/chaos/overlaps.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import type { SiteId } from '../../src/newsroom/announcement.ts'
import { startNewsroom } from '../../src/newsroom/newsroom.ts'
import type { SeenRequest } from '../../src/newsroom/site-server.ts'
import { runSql } from '../a-database.ts'
import { anInstallation, type Running } from './newsfold.ts'

const soon = { timeout: 60_000, interval: 50 }

const stop = async ({ child, finished }: Running): Promise<void> => {
  child.kill('SIGTERM')
  expect((await finished).code).toBe(0)
}
const kill = async ({ child, finished }: Running): Promise<void> => {
  child.kill('SIGKILL')
  await finished
}

/** A row a worker: whether it has the lease of who keeps the schedules. */
const keepersQuery = `
  select pid in (select pid from pg_locks where locktype = 'advisory' and granted) as keeps
  from pg_stat_activity where application_name = 'newsfold-schedules' order by keeps`

const textOf = ({ id: _id, ...rest }: Source): string => stringify({ ...rest, schedule: { every: '5s' } })

/** Two workers, of which one keeps the schedules, and a server, each stopped and killed in turn, on either queue. */
export function testRolling(environment: () => Record<string, string>): void {
  // A hang guard: it takes about 20 s.
  vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

  test('processes that are stopped and killed one after the other lose nothing, double nothing, never crawl one source at a time, and take the schedules over', async () => {
    const requests = new Map<SiteId, SeenRequest[]>([
      ['ministry', []],
      ['city', []],
      ['portal', []],
    ])
    const newsroom = await startNewsroom({
      latencyMs: 120,
      correctAfterMs: null,
      saw: (siteId, request) => requests.get(siteId)?.push(request),
    })
    const sources = newsroom.sources().map((source) => sourceSchema.parse(source))
    const others = sources.filter(({ id }) => id !== 'portal')
    const portal = sources.find(({ id }) => id === 'portal')
    if (!portal) throw new Error('The newsroom has no portal')
    const newsfold = anInstallation(Object.fromEntries(others.map((source) => [source.id, textOf(source)])))
    const view = new ArchiveView(() => embeddedUrl(newsfold.data))
    const workers = new Map<string, Running>()

    let started = 0
    const startWorker = (): void => {
      const contact = `https://a.example/worker-${++started}/`
      workers.set(contact, newsfold.start(['work'], { ...environment(), NEWSFOLD_CONTACT: contact }))
    }
    const keepers = async () => {
      // There is no server before the first worker has started it.
      const rows = await (async () => runSql(embeddedUrl(newsfold.data), keepersQuery))().catch(() => [])
      return rows.map(({ keeps }) => keeps)
    }
    /** The worker that was started first. */
    const firstWorker = (): Running => {
      const [first] = workers
      if (!first) throw new Error('No worker runs')
      workers.delete(first[0])
      return first[1]
    }
    /** The worker that was answered last: it is in the middle of a crawl. */
    const busyWorker = (): Running => {
      const last = [...requests.values()].flat().toSorted((a, b) => b.endedAt - a.endedAt)
      const running = last.flatMap(({ agent }) => [...workers].filter(([contact]) => agent.includes(contact)))
      const [found] = running
      if (!found) throw new Error('No worker that runs has asked for anything')
      workers.delete(found[0])
      return found[1]
    }
    const startServer = async (): Promise<{ running: Running; items: () => Promise<number> }> => {
      const running = newsfold.start(['serve'], environment())
      await expect.poll(() => running.out(), soon).toMatch(/^Stories +http/m)
      const url = /^Stories +(\S+)/m.exec(running.out())?.[1] ?? ''
      const items = async () => {
        const check = await checkFeed(await (await fetch(`${url}feeds/all.rss`)).text())
        return check.kind === 'valid' ? check.feed.items.length : -1
      }
      return { running, items }
    }
    const articles = async () => (await view.countArticles()) ?? 0
    try {
      startWorker()
      await expect.poll(keepers, soon).toEqual([true])
      startWorker()
      let server = await startServer()
      await expect.poll(keepers, soon).toEqual([false, true])
      await expect.poll(articles, soon).toBeGreaterThanOrEqual(3)
      // Who keeps the schedules goes, and a source comes: the other worker makes its schedule.
      await kill(firstWorker())
      await expect.poll(keepers, soon).toEqual([true])
      writeFileSync(join(newsfold.config, 'sources', 'portal.yaml'), textOf(portal))
      await expect.poll(() => requests.get('portal')?.length, soon).toBeGreaterThan(0)
      startWorker()
      await expect.poll(articles, soon).toBeGreaterThanOrEqual(12)
      await stop(busyWorker())
      startWorker()
      const shown = await server.items()
      await stop(server.running)
      server = await startServer()
      expect(await server.items()).toBeGreaterThanOrEqual(shown)
      await Promise.all([busyWorker(), server.running].map(kill))
      startWorker()
      server = await startServer()

      const expected = newsroom.expected()
      await expect.poll(articles, soon).toBe(expected.length)
      await expect.poll(async () => (await view.read())?.crawled.length, soon).toBe(sources.length)
      const archive = await view.read()
      expect(new Set(archive?.articles.map(({ canonicalUrl }) => canonicalUrl)).size).toBe(expected.length)
      expect(archive?.torn).toEqual([])
      await expect.poll(server.items, soon).toBe(archive?.stories)
      for (const { id, listingUrl } of newsroom.sites) {
        expect(findOverlaps(requests.get(id) ?? [], new URL(listingUrl).pathname)).toEqual([])
      }
      expect(JSON.parse((await newsfold.run(['queue', 'failed', '--json'], { env: environment() })).out)).toEqual([])
      await Promise.all([...workers.values(), server.running].map(stop))
    } finally {
      await view.close()
      await newsfold.remove()
      await newsroom.stop()
    }
  })
}
