import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { draftFrom, takeFromCatalogue, writeDraft } from '../../src/cli/commands/source-add.ts'
import { formatLook } from '../../src/cli/look-text.ts'
import { lookAt } from '../../src/cli/look-at.ts'
import { freeId, idOf } from '../../src/cli/source-draft.ts'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'
import { readSourceFiles } from '../../src/runtime/config-files.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { findListing } from '../../src/crawlers/find-listing.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { aMemoryArchive } from '../crawlers/memory-ports.ts'

let newsroom: Newsroom
let folder: string
let site: TestServer
const log = createLogger('silent')
const settings = () => readSettings({ NEWSFOLD_CONFIG: folder })

beforeAll(async () => {
  newsroom = await startNewsroom({ correctAfterMs: null })
  folder = mkdtempSync(join(tmpdir(), 'newsfold-config-'))
  site = await startServer()
})

afterAll(async () => {
  await newsroom.stop()
  await site.close()
  rmSync(folder, { recursive: true })
})

const siteOf = (id: string) => {
  const found = newsroom.sites.find((site) => site.id === id)
  if (!found) throw new Error(`no site ${id}`)
  return found
}

test.each(['ministry', 'city', 'portal'])(
  'the %s is added from its address alone: its list is found, with the right items',
  async (id) => {
    const { url, listingUrl, name, kind, host } = siteOf(id)
    const draft = await draftFrom(url, { settings: settings(), log, id })
    writeDraft(draft, folder)

    const { sources, broken } = readSourceFiles(folder)
    expect(broken).toEqual([])
    const source = sources.find((source) => source.id === id)
    expect(source).toMatchObject({ name, homepage: url, language: 'zh', timeZone: 'Asia/Shanghai', kind })
    expect(source?.listings.map((listing) => listing.url)).toEqual([listingUrl])
    expect(source?.allowPrivateHosts).toEqual([host])

    const expected = newsroom.expected().filter(({ siteId }) => siteId === id)
    const byUrl = new Map(expected.map((each) => [each.url, each]))
    const items = draft.look.listing?.items ?? []
    const known = items.flatMap((item) => byUrl.get(item.url) ?? [])
    expect(known.length).toBeGreaterThanOrEqual(6)
    expect(items.filter((item) => byUrl.has(item.url)).map((item) => item.title)).toEqual(
      known.map(({ title }) => title),
    )
    // The ministry lists one more, which robots.txt forbids to read.
    expect(items.length - known.length).toBeLessThanOrEqual(1)
    const [first] = [...draft.look.articles.values()]
    expect(byUrl.get(first?.url ?? '')?.paragraphs.join('\n')).toBe(first?.bodyText)
  },
  60_000,
)

test('the table shows date, title and first words of the newest, and no more than ten', async () => {
  const look = await lookAt(siteOf('city').listingUrl, { settings: settings(), log })
  const text = formatLook(look)
  const newest = newsroom.expected().find(({ siteId }) => siteId === 'city')
  expect(text).toContain('date        title')
  expect(text).toContain(newest?.title)
  expect(text).toContain(newest?.paragraphs[0]?.slice(0, 12))
  expect(text.match(/^2019-\d\d-\d\d/gm)).toHaveLength(10)
}, 60_000)

test('an article’s address shows the article', async () => {
  const article = newsroom.expected().find(({ siteId }) => siteId === 'ministry')
  const look = await lookAt(article?.url ?? '', { settings: settings(), log })
  expect(look.article).toMatchObject({ title: article?.title, bodyText: article?.paragraphs.join('\n') })
  expect(look.listing?.url).toBe(siteOf('ministry').listingUrl)
}, 60_000)

test('a source that is there already is not added twice, and no file is written over', async () => {
  const { url, host } = siteOf('portal')
  writeFileSync(
    join(folder, 'sources', 'known.yaml'),
    `name: Known\nlistings: [${siteOf('portal').listingUrl}]\nallowPrivateHosts: [${host}]\n`,
  )
  await expect(draftFrom(url, { settings: settings(), log })).rejects.toMatchObject({ code: 'source.known' })
  await expect(draftFrom(url, { settings: settings(), log, id: 'known' })).rejects.toMatchObject({
    code: 'source.id-taken',
  })
  rmSync(join(folder, 'sources', 'known.yaml'))
}, 60_000)

test('where nothing is found it says what was tried', async () => {
  site.routes.set('/', '<html><title>Empty</title><body><a href="/news">News</a><a href="/rss">RSS</a></body></html>')
  site.routes.set('/news', '<html><body><p>Nothing yet.</p></body></html>')
  const adding = draftFrom(`${site.origin}/`, { settings: settings(), log })
  await expect(adding).rejects.toMatchObject({ code: 'source.not-found' })
  const message = await adding.catch((error: unknown) => (error instanceof Error ? error.message : ''))
  for (const path of ['/', '/news', '/rss']) expect(message).toContain(`${site.origin}${path}\n`)
  expect(message).toContain('a list by its link “News”: 45 bytes of text/html; 0 items')
  expect(message).toMatch(/\/rss\n.*got 404/)
}, 60_000)

test('what robots.txt forbids is not asked for', async () => {
  const closed = await startServer({ '/robots.txt': 'User-agent: *\nDisallow: /', '/': '<a href="/news">News</a>' })
  const look = await lookAt(`${closed.origin}/`, { settings: settings(), log })
  await closed.close()
  expect(look).toMatchObject({ listing: null, article: null })
  expect(closed.pathsAsked()).toEqual(['/robots.txt'])
  expect(formatLook(look)).toContain('ask the publisher for a feed or for leave')
}, 60_000)

test('a site that keeps programs out is told from one without a list, also behind a 200', async () => {
  const refusing = await startServer({ '/robots.txt': '', '/': { status: 403, body: 'Forbidden' } })
  const challenge = '<script>document.cookie="k=1";location.reload()</script>'
  const challenging = await startServer({ '/robots.txt': '', '/': challenge })
  const [refused, challenged] = await Promise.all(
    [refusing, challenging].map(async ({ origin }) =>
      formatLook(await lookAt(`${origin}/`, { settings: settings(), log })),
    ),
  )
  await refusing.close()
  await challenging.close()
  expect(refused).toContain('got 403')
  expect(challenged).toContain('a page that keeps programs out (JavaScript cookie challenge)')
  for (const text of [refused, challenged]) expect(text).toContain('It keeps programs out.')
}, 60_000)

test('a site that does not answer is left when the time is over, and that is said', async () => {
  const silentServer = await startServer({ '/robots.txt': '', '/': () => undefined })
  const archive = aMemoryArchive()
  const budget = { userAgent: 'Newsfold/0.1', budgetMs: 200, delayMs: 0, allowPrivateHosts: [silentServer.host] }
  const look = await findListing(`${silentServer.origin}/`, archive.ports, budget)
  await archive.close()
  await silentServer.close()
  expect(look.tried).toMatchObject([{ outcome: 'no answer yet when the time was over', code: 'visit.time' }])
}, 60_000)

test('the written file keeps what a person may want beside it as comments', () => {
  const text = readFileSync(join(folder, 'sources', 'portal.yaml'), 'utf8')
  expect(text).toContain('# yaml-language-server: $schema=../source.schema.json')
  expect(JSON.parse(readFileSync(join(folder, 'source.schema.json'), 'utf8'))).toHaveProperty('properties.listings')
  expect(text).toContain('# fullText: false')
})

test('ids are made of the host’s name', () => {
  expect(idOf('https://www.mofcom.gov.cn/xwfb/')).toBe('mofcom')
  expect(idOf('http://fgw.beijing.gov.cn/')).toBe('beijing-fgw')
  expect(idOf('http://127.0.0.1:8080/')).toBe('127-0-0-1-8080')
  expect(freeId('who', new Set(['who', 'who-2']))).toBe('who-3')
})

test('a ready-made source is taken over by its id, once, and an address is none', () => {
  mkdirSync(join(folder, 'catalogue'), { recursive: true })
  const text = 'name: Ready\nlistings: [https://ready.example/]\n'
  writeFileSync(join(folder, 'catalogue', 'ready.yaml'), text)
  expect(takeFromCatalogue('ready', folder)).toBe(true)
  expect(readFileSync(join(folder, 'sources', 'ready.yaml'), 'utf8')).toBe(text)
  expect(() => takeFromCatalogue('ready', folder)).toThrow(/EEXIST/)
  expect(takeFromCatalogue('www.ready.example', folder)).toBe(false)
  expect(takeFromCatalogue('../sources/ready', folder)).toBe(false)
})
