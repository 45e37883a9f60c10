import { expect, test } from 'vitest'
import type { CrawlPorts, ListPlace, ListPlaces } from '../../src/crawlers/crawl-ports.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { aListPage, aNewsroom, anArchive, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1, retries: 0 }
const [lists, perList] = [6, 3]
const pathsOf = (list: number) => Array.from({ length: perList }, (_, n) => `/${list}-${n + 1}`)
const allPaths = Array.from({ length: lists }, (_, n) => pathsOf(n + 1)).flat()
const listPath = (list: number) => (list === 1 ? '/list' : `/list?page=${list}`)

async function aLongList() {
  const pages = Array.from({ length: lists }, (_, n) => {
    const next = n + 1 < lists ? listPath(n + 2) : undefined
    return [listPath(n + 1), aListPage(pathsOf(n + 1), next)] as const
  })
  const server = await aNewsroom({ ...articlesAt(allPaths), ...Object.fromEntries(pages) })
  const listings = [{ url: `${server.origin}/list`, maxPages: 1000 }]
  return {
    server,
    source: aSource(server, { listings, maxArticlesPerRun: 1000, politeness: { delay: 0, concurrency: 2 } }),
  }
}

/** Places in memory, and what a process keeps that is killed at its n-th write. */
function aBackfill(archive: CrawlPorts, killedAt = Number.POSITIVE_INFINITY) {
  let left = killedAt
  const live = () => (--left < 0 ? Promise.reject(new Error('killed')) : null)
  return (places: Map<string, ListPlace>): CrawlPorts => {
    const inMemory: ListPlaces = {
      find: (_, url) => Promise.resolve(places.get(url) ?? null),
      save: async (_, url, place) => {
        await live()
        if (place) places.set(url, place)
        else places.delete(url)
      },
    }
    return {
      ...archive,
      now: () => archive.now(),
      listingState: () => Promise.resolve(null),
      saveListingState: () => Promise.resolve(),
      saveArticle: async (input) => (await live()) ?? archive.saveArticle(input),
      places: inMemory,
    }
  }
}

test('a backfill reads the articles of a list page before the next list page', async () => {
  const { server, source } = await aLongList()
  const archive = anArchive()
  await crawlSource(source, aBackfill(archive.ports)(new Map()), options)
  const asked = server.pathsAsked()
  expect(asked.indexOf('/1-1')).toBeLessThan(asked.indexOf('/list?page=2'))
  expect(asked.indexOf('/5-3')).toBeLessThan(asked.indexOf('/list?page=6'))
  expect(archive.saved).toHaveLength(lists * perList)
})

test('a backfill that is killed at any write goes on near where it was, and loses and doubles nothing', async () => {
  const { server, source } = await aLongList()
  let kills = 0
  for (let count = 0; ; count += 1) {
    const archive = anArchive()
    const places = new Map<string, ListPlace>()
    const first = await crawlSource(source, aBackfill(archive.ports, count)(places), options).catch(
      (error: unknown) => error,
    )
    const wasKilled = first instanceof Error
    if (wasKilled) kills += 1
    const keptBefore = archive.saved.length
    server.requests.splice(0)
    const second = await crawlSource(source, aBackfill(archive.ports)(places), options)
    expect(accountedFor(second)).toBe(second.found)
    expect(archive.saved.toSorted()).toEqual(allPaths.map((path) => server.origin + path).toSorted())
    expect(places.size).toBe(0)
    // At most two list pages in which all is known; one that came to its end begins anew.
    const most = wasKilled ? lists - Math.floor(keptBefore / perList) + 2 : lists
    const listsAsked = server.pathsAsked().filter((path) => path.startsWith('/list'))
    expect(listsAsked.length).toBeLessThanOrEqual(most)
    if (!wasKilled) break
  }
  // Each article, each list page's place, the end.
  expect(kills).toBe(lists * perList + lists + 1)
})

test('a place that is no list page any more, or of other settings, is begun anew', async () => {
  const { server, source } = await aLongList()
  const url = `${server.origin}/list`
  for (const place of [
    { settingsKey: 'another', pageUrl: `${server.origin}/list?page=5`, pagesBefore: 4 },
    { settingsKey: 'same', pageUrl: `${server.origin}/gone`, pagesBefore: 4 },
  ]) {
    const archive = anArchive()
    const places = new Map<string, ListPlace>()
    // Stopped after the first list page, so that the key is there.
    await crawlSource(source, aBackfill(archive.ports, 2)(places), options).catch(() => null)
    const settingsKey = places.get(url)?.settingsKey ?? ''
    places.set(url, { ...place, settingsKey: place.settingsKey === 'same' ? settingsKey : place.settingsKey })
    server.requests.splice(0)
    const run = await crawlSource(source, aBackfill(archive.ports)(places), options)
    expect(run.outcome).toBe('succeeded')
    expect(server.pathsAsked()).toContain('/list')
    expect(archive.saved).toHaveLength(lists * perList)
  }
})
