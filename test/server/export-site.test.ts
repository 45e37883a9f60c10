import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { load } from 'cheerio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/archive/database.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { exportSite } from '../../src/server/export-site.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { sources } from './a-server.ts'

let database: Database
const folder = join(mkdtempSync(join(tmpdir(), 'newsfold-export-')), 'site')
const feeds = [
  { id: 'all', title: '全部公告' },
  { id: 'city', title: '市政府', sources: ['city'] },
].map((feed) => feedDefinitionSchema.parse(feed))

const exportTo = (over: { feeds?: typeof feeds; publicUrl?: string } = {}) =>
  exportSite({
    database,
    feeds,
    sources,
    folder,
    publicUrl: 'https://news.example/wire/',
    version: '1.0.0',
    now: () => new Date('2019-11-30T00:00:00Z'),
    ...over,
  })

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()

beforeAll(async () => {
  database = await anArchive()
  await keepStory(database, { day: 1, title: '消防演练', bodyText: '演练于十一月举行。' })
  await keepStory(database, { day: 2, title: '外贸座谈会', bodyText: '座谈会在部机关召开。', sourceId: 'ministry' })
})

afterAll(async () => {
  await database.close()
  rmSync(dirname(folder), { recursive: true, force: true })
})

test('an export is a site whose every link on its own pages leads to a file of it', async () => {
  await exportTo()
  const files = filesIn(folder)
  expect(files).toContain('index.html')
  expect(files).toContain('feeds.opml')
  expect(files).toContain('archive/2019-11.html')
  for (const id of ['all', 'city']) {
    for (const extension of ['rss', 'atom', 'json', 'ics', 'html']) expect(files).toContain(`feeds/${id}.${extension}`)
  }
  const pages = files.filter((file) => file.endsWith('.html'))
  expect(pages.filter((file) => file.startsWith('stories/'))).toHaveLength(2)
  const missing = pages.flatMap((page) => {
    const $ = load(readFileSync(join(folder, page), 'utf8'))
    const links = $('a[href], link[href]')
      .toArray()
      .map((element) => $(element).attr('href')?.split('#')[0] ?? '')
    const own = links.filter((link) => link !== '' && !/^https?:/.test(link))
    expect(own.length).toBeGreaterThan(2)
    return own.filter((link) => !existsSync(resolve(folder, dirname(page), link))).map((link) => `${page}: ${link}`)
  })
  expect(missing).toEqual([])
  expect(readFileSync(join(folder, 'feeds/all.rss'), 'utf8')).toContain('https://news.example/wire/feeds/all.rss')
})

test('a second export touches nothing that is as it was, and only what changed otherwise', async () => {
  await exportTo()
  const past = new Date('2020-01-01T00:00:00Z')
  for (const file of filesIn(folder)) utimesSync(join(folder, file), past, past)
  expect(await exportTo()).toMatchObject({ written: 0, removed: 0 })
  const touched = () =>
    filesIn(folder).filter((file) => !file.startsWith('.') && statSync(join(folder, file)).mtimeMs !== past.getTime())
  expect(touched()).toEqual([])
  const id = await keepStory(database, { day: 3, title: '新的公告', bodyText: '刚刚发布。', sourceId: 'ministry' })
  await exportTo()
  expect(touched()).toContain(`stories/${id}.html`)
  expect(touched()).toContain('feeds/all.rss')
  expect(touched()).not.toContain('feeds/city.rss')
  expect(readFileSync(join(folder, 'archive/2019-11.html'), 'utf8')).toContain('新的公告')
  expect(touched().filter((file) => file.startsWith('stories/'))).toHaveLength(1)
})

test('what an export put there goes with its feed; files of others stay', async () => {
  await exportTo()
  writeFileSync(join(folder, 'robots.txt'), 'User-agent: *')
  writeFileSync(join(folder, 'feeds/city.json'), 'changed by hand')
  await exportTo({ feeds: feeds.slice(0, 1) })
  const files = filesIn(folder)
  expect(files).not.toContain('feeds/city.rss')
  expect(files).toContain('robots.txt')
  expect(files).toContain('feeds/city.json')
})

test('a file of somebody else is never overwritten', async () => {
  const other = mkdtempSync(join(tmpdir(), 'newsfold-export-'))
  writeFileSync(join(other, 'index.html'), 'mine')
  await expect(
    exportSite({ database, feeds, sources, folder: other, publicUrl: null, version: '1.0.0', now: () => new Date() }),
  ).rejects.toMatchObject({ code: 'export.foreign-file' })
  expect(readFileSync(join(other, 'index.html'), 'utf8')).toBe('mine')
  rmSync(other, { recursive: true, force: true })
})

test('every feed leads from its latest page to its oldest story, and pages that are full stay as they are', async () => {
  const all = join(dirname(folder), 'pages')
  const paged = [{ id: 'all', title: '全部公告', items: 2 }].map((feed) => feedDefinitionSchema.parse(feed))
  const write = () =>
    exportSite({
      database,
      feeds: paged,
      sources,
      folder: all,
      publicUrl: 'https://news.example',
      hubs: ['https://hub.example/'],
      version: '1.0.0',
      now: () => new Date('2019-11-30T00:00:00Z'),
    })
  for (const day of [5, 6, 7]) await keepStory(database, { day, title: `第${day}日公告`, bodyText: `第${day}日的事。` })
  const { rows } = await database.query<{ count: number }>('select count(*)::int as count from story_search')
  await write()
  const pageSchema = z.object({
    feed_url: z.string(),
    next_url: z.string().optional(),
    hubs: z.array(z.unknown()).optional(),
    items: z.array(z.object({ id: z.string() })),
  })
  const seen = new Set<string>()
  let next: string | undefined = 'https://news.example/feeds/all.json'
  let hops = 0
  while (next !== undefined && hops++ < 20) {
    const page = pageSchema.parse(
      JSON.parse(readFileSync(join(all, next.slice('https://news.example/'.length)), 'utf8')),
    )
    expect([page.feed_url, page.hubs?.length ?? 0]).toEqual([next, hops === 1 ? 1 : 0])
    for (const { id } of page.items) seen.add(id)
    next = page.next_url
  }
  expect(seen.size).toBe(rows[0]?.count)
  const rss = readFileSync(join(all, 'feeds/all/1.rss'), 'utf8')
  expect(rss).toContain('href="https://news.example/feeds/all/2.rss" rel="previous"')
  expect(rss).not.toContain('rel="next"')
  expect(readFileSync(join(all, 'feeds/all.rss'), 'utf8')).toContain('href="https://hub.example/" rel="hub"')

  expect(await write()).toMatchObject({ written: 0, removed: 0 })
  const oldest = statSync(join(all, 'feeds/all/1.rss')).mtimeMs
  await keepStory(database, { day: 9, title: '最新公告', bodyText: '最新的事。' })
  await write()
  expect(statSync(join(all, 'feeds/all/1.rss')).mtimeMs).toBe(oldest)
  expect(readFileSync(join(all, 'feeds/all.rss'), 'utf8')).toContain('最新公告')
})
