import { load } from 'cheerio'
import { Agent, fetch as fetchBy } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sourceSchema } from '../../src/model/source.ts'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'

let newsroom: Newsroom

/** Opens a connection a request: a pooled one would outlive the newsroom that it leads to. */
const dispatcher = new Agent({ pipelining: 0 })

beforeEach(async () => {
  newsroom = await startNewsroom({ correctAfterMs: null })
})

afterEach(() => newsroom.stop())

/** Everything that a page or a feed points at on its own site. */
function linksOf(body: string, url: string): string[] {
  const $ = load(body, { xml: url.endsWith('.xml') })
  const found = url.endsWith('.xml')
    ? [...$('item > link')].map((element) => $(element).text().trim())
    : [...$('[href], [src], [data-src]')].flatMap((element) => [
        $(element).attr('href') ?? '',
        $(element).attr('src') ?? '',
        $(element).attr('data-src') ?? '',
      ])
  return found
    .filter((link) => link !== '' && !link.startsWith('#') && !link.startsWith('javascript:'))
    .map((link) => new URL(link, url).href)
    .filter((link) => new URL(link).host === new URL(url).host)
}

/** The body and status of every address that can be reached from a start page, in the order of finding. */
async function walk(start: string): Promise<Map<string, { status: number; body: Buffer }>> {
  const seen = new Map<string, { status: number; body: Buffer }>()
  const queue = [start]
  for (let url = queue.shift(); url !== undefined; url = queue.shift()) {
    if (seen.has(url)) continue
    const response = await fetchBy(url, { dispatcher })
    const body = Buffer.from(await response.arrayBuffer())
    seen.set(url, { status: response.status, body })
    if (/html|xml/.test(response.headers.get('content-type') ?? ''))
      queue.push(...linksOf(body.toString('latin1'), url))
  }
  return seen
}

test('three sites publish at least forty announcements, and each has the number that it states', () => {
  expect(newsroom.sites.map(({ id, kind }) => [id, kind])).toEqual([
    ['ministry', 'html'],
    ['city', 'html'],
    ['portal', 'feed'],
  ])
  const expected = newsroom.expected()
  expect(expected.length).toBeGreaterThanOrEqual(40)
  expect(new Set(expected.map(({ url }) => url)).size).toBe(expected.length)
  expect(new Set(expected.map(({ title }) => title)).size).toBe(expected.length)
  for (const site of newsroom.sites) {
    expect(expected.filter(({ siteId }) => siteId === site.id)).toHaveLength(site.announcements)
  }
})

test('every link of the three sites resolves but the one dead link in the list of the ministry', async () => {
  const broken: string[] = []
  let followed = 0
  for (const site of newsroom.sites) {
    const pages = await walk(site.url)
    followed += pages.size
    for (const [url, { status }] of pages)
      if (status !== 200) broken.push(`${site.id} ${status} ${new URL(url).pathname}`)
    const announced = newsroom.expected().filter(({ siteId }) => siteId === site.id)
    expect(announced.filter(({ url }) => !pages.has(url))).toEqual([])
  }
  expect(followed).toBeGreaterThan(75)
  expect(broken).toEqual(['ministry 404 /xwfb/201910/t20191018_2990.html'])
})

test('every announcement shows its title and its paragraphs in their order', async () => {
  const missing: string[] = []
  for (const { siteId, url, title, paragraphs } of newsroom.expected()) {
    expect(paragraphs.length).toBeGreaterThan(1)
    const body = await (await fetch(url)).arrayBuffer()
    const text = load(new TextDecoder(siteId === 'city' ? 'gb18030' : 'utf-8', { fatal: true }).decode(body)).text()
    let from = 0
    for (const part of [title, ...paragraphs]) {
      const at = text.indexOf(part, from)
      if (at === -1) missing.push(`${url} ${part}`)
      from = at + part.length
    }
  }
  expect(missing).toEqual([])
})

test('two starts on the same ports serve the same bytes', async () => {
  const ports = Object.fromEntries(newsroom.sites.map(({ id, host }) => [id, Number(host.split(':')[1])]))
  const roots = newsroom.sites.map(({ url }) => url)
  const walkAll = async () => new Map((await Promise.all(roots.map(walk))).flatMap((pages) => [...pages]))

  const before = await walkAll()
  await newsroom.stop()
  newsroom = await startNewsroom({ correctAfterMs: null, ports })
  const after = await walkAll()

  expect(before.size).toBeGreaterThan(75)
  expect([...after.keys()].toSorted()).toEqual([...before.keys()].toSorted())
  expect([...after].filter(([url, { body }]) => before.get(url)?.body.equals(body) !== true)).toEqual([])
})

test('its sources are ones that a source file could hold, and need no selectors', () => {
  const sources = newsroom.sources().map((source) => sourceSchema.parse(source))
  expect(sources.map(({ id }) => id)).toEqual(['ministry', 'city', 'portal'])
  for (const [index, source] of sources.entries()) {
    expect(source.listings[0]?.url).toBe(newsroom.sites[index]?.listingUrl)
    expect(source.allowPrivateHosts).toEqual([newsroom.sites[index]?.host])
    expect(source.schedule.every).toBe(10_000)
    expect(source.rules).toBeUndefined()
    expect(source.listings[0]?.rules).toBeUndefined()
  }
})

test('reprints are the release behind a dateline, under another title and later', () => {
  const expected = newsroom.expected()
  const reprints = expected.filter(({ reprintOf }) => reprintOf !== null)
  expect(reprints).toHaveLength(6)
  for (const reprint of reprints) {
    const original = expected.find(({ url }) => url === reprint.reprintOf)
    expect(original?.siteId).toBe('ministry')
    expect(original?.title).not.toBe(reprint.title)
    expect(Date.parse(reprint.publishedAt)).toBeGreaterThan(Date.parse(original?.publishedAt ?? ''))
    expect(reprint.paragraphs[0]).toMatch(/^\S+\d+月\d+日电/)
    expect(reprint.paragraphs[0]?.endsWith(original?.paragraphs[0] ?? 'no original')).toBe(true)
  }
})

const withoutFigures = (text: string) => text.replaceAll(/[\d.]+|上升|下降/g, '#')

test('two daily bulletins differ in their numbers only', () => {
  const bulletins = newsroom.expected().filter(({ title }) => title.includes('每日监测'))
  expect(bulletins).toHaveLength(2)
  const [first = '', second = ''] = bulletins.map(({ paragraphs }) => paragraphs.join('').slice(0, 60))
  expect(first).not.toBe(second)
  expect(withoutFigures(first)).toBe(withoutFigures(second))
})

test('one release announces the conference of December 2019 in Jinhua', () => {
  const release = newsroom.expected().find(({ siteId, title }) => siteId === 'ministry' && title.includes('金华'))
  expect(release?.publishedAt).toBe('2019-10-31T15:20:00+08:00')
  expect(release?.paragraphs[0]).toMatch(/10月31日.*新闻发布会.*北京.*2019年12月4-5日.*金华/)
})

test('requests are counted by site and path', async () => {
  const portal = newsroom.sites.find(({ id }) => id === 'portal')
  await fetch(`${portal?.url}about.html?a=1`)
  await fetch(`${portal?.url}about.html`)
  await fetch(`${portal?.url}nowhere`)
  expect(newsroom.requests()).toEqual({ ministry: {}, city: {}, portal: { '/about.html': 2, '/nowhere': 1 } })
})

test('a port that is taken is said so, and the sites that were up are stopped', async () => {
  const other = await startNewsroom({ correctAfterMs: null })
  await other.stop()
  const [free, taken] = [other, newsroom].map(({ sites }) => Number(sites[0]?.host.split(':')[1]))
  const ports = { ministry: free ?? 0, portal: taken ?? 0 }
  await expect(startNewsroom({ ports })).rejects.toMatchObject({ code: 'newsroom-port-taken' })
  await expect(fetchBy(`http://127.0.0.1:${free}/`, { dispatcher })).rejects.toThrow('fetch failed')
})

test('stopping cuts requests that are still being answered', async () => {
  const slow = await startNewsroom({ correctAfterMs: null, latencyMs: 60_000 })
  const answer = fetch(slow.sites[0]?.url ?? '').catch(() => 'cut')
  await expect.poll(() => slow.requests().ministry['/']).toBe(1)
  await slow.stop()
  expect(await answer).toBe('cut')
})

test('methods other than GET and HEAD are refused, HEAD has the length and no body', async () => {
  const url = newsroom.sites[0]?.url ?? ''
  const refused = await fetch(url, { method: 'POST', body: 'x' })
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  const head = await fetch(url, { method: 'HEAD' })
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(500)
  expect(await head.text()).toBe('')
})
