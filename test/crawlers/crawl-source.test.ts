import { afterEach, expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createReaderPool } from '../../src/crawlers/reader-pool.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage, articlesAt } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, backoffMs: 1 }

const closeAfterwards: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closeAfterwards.splice(0)) await close()
})

test('the articles of a list page are fetched, read and saved, newest first', async () => {
  const server = await aNewsroom({
    '/list':
      '<a href="/a" data-at="2019-11-01T00:00:00.000Z">A</a><a href="/b" data-at="2019-11-03T00:00:00.000Z">B</a>',
    ...articlesAt(['/a', '/b']),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 2, stored: 2, errors: [], requests: 4 })
  expect(accountedFor(run)).toBe(run.found)
  expect(archive.saved).toEqual([`${server.origin}/b`, `${server.origin}/a`])
  expect(archive.articles.get(`${server.origin}/a`)?.bodyText).toBe('Article /a in full.')
  expect(server.pathsAsked()).toEqual(['/robots.txt', '/list', '/b', '/a'])
  expect(new Set(server.requests.map(({ headers }) => headers['user-agent']))).toEqual(new Set([userAgent]))
})

test('the readers of the program read what the crawl brings in', async () => {
  const paragraph = '为贯彻落实秋季植树工作部署，十一月五日上午，全市动员会在会议中心召开，各区代表参加了会议。'
  const release = (title: string) =>
    `<!doctype html><meta charset="gb18030"><title>${title}</title><h1>${title}</h1>` +
    `<p>发布时间：2019-11-05 09:30</p><div class="content"><p>　　${paragraph}</p><p>　　会议要求各单位落实到具体地块。</p></div>`
  const rows = [1, 2, 3, 4, 5].map(
    (day) => `<li><a href="/n/${day}.html">全市秋季植树动员会第${day}次会议召开</a> 2019-11-0${day}</li>`,
  )
  const server = await aNewsroom({
    '/list': `<!doctype html><meta charset="utf-8"><title>通知公告</title><ul class="list">${rows.join('')}</ul>`,
    ...Object.fromEntries(
      [1, 2, 3, 4, 5].map((day) => [`/n/${day}.html`, release(`全市秋季植树动员会第${day}次会议召开`)]),
    ),
  })
  const reader = createReaderPool()
  closeAfterwards.push(() => reader.close())
  const archive = anArchive({ reader })
  const run = await crawlSource(aSource(server, { kind: 'auto' }), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 5, stored: 5, errors: [] })
  const article = archive.articles.get(`${server.origin}/n/3.html`)
  expect(article?.title).toBe('全市秋季植树动员会第3次会议召开')
  expect(article?.bodyText).toContain(paragraph)
})

test('next pages are followed as far as maxPages says, and no page is read twice', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/2'], '/list?page=2'),
    '/list?page=2': aListPage(['/2', '/3'], '/list?page=3'),
    '/list?page=3': aListPage(['/4'], '/list?page=4'),
    '/list?page=4': aListPage(['/5']),
    ...articlesAt(['/1', '/2', '/3', '/4', '/5']),
  })
  const listings = [{ url: `${server.origin}/list`, maxPages: 3 }]
  const archive = anArchive()
  const run = await crawlSource(aSource(server, { listings }), archive.ports, options)
  expect(run).toMatchObject({ found: 4, stored: 4 })
  expect([...archive.articles.keys()].toSorted()).toEqual(['/1', '/2', '/3', '/4'].map((path) => server.origin + path))
  expect(server.pathsAsked()).not.toContain('/list?page=4')
})

test('articles that two listings name are one', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/2']),
    '/more': aListPage(['/2#part', '/3']),
    ...articlesAt(['/1', '/2', '/3']),
  })
  const listings = [`${server.origin}/list`, `${server.origin}/more`]
  const run = await crawlSource(aSource(server, { listings }), anArchive().ports, options)
  expect(run).toMatchObject({ found: 3, stored: 3 })
  expect(server.pathsAsked().filter((path) => path === '/2')).toHaveLength(1)
})

test('a feed names articles, and their pages have the text', async () => {
  const feed = [{ id: '1', url: 'URL/1', title: 'One' }]
  const server = await aNewsroom(articlesAt(['/1']))
  server.routes.set('/list', JSON.stringify(feed).replace('URL', server.origin))
  const archive = anArchive()
  const run = await crawlSource(aSource(server, { kind: 'feed' }), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 1, stored: 1 })
  expect(archive.articles.get(`${server.origin}/1`)?.title).toBe('Article /1')
})

test('without fullText what the feed says is the article, and no page is asked for', async () => {
  const server = await aNewsroom()
  const items = [
    {
      id: '1',
      url: `${server.origin}/1`,
      title: 'One & only',
      contentHtml: '<p>All of it.</p>',
      authors: ['Li', 'Wu'],
    },
    { id: 'no link', title: 'Two', summary: 'A <short> text.' },
  ]
  server.routes.set('/list', JSON.stringify(items))
  const archive = anArchive()
  const run = await crawlSource(aSource(server, { kind: 'feed', fullText: false }), archive.ports, options)
  expect(run).toMatchObject({ found: 2, stored: 2, errors: [] })
  expect(server.pathsAsked()).toEqual(['/robots.txt', '/list'])
  const one = archive.articles.get(`${server.origin}/1`)
  expect(one).toMatchObject({ title: 'One & only', bodyText: 'All of it.', byline: 'Li, Wu' })
  const two = archive.articles.get(`${server.origin}/list#no%20link`)
  expect(two).toMatchObject({ title: 'Two', bodyText: 'A &lt;short&gt; text.' })
})

function part(text: string, next?: string): string {
  return `<h1>Long</h1><p>${text}</p>${next === undefined ? '' : `<a rel=next href="${next}">下一页</a>`}`
}

test('a text that is split over pages is joined, and its pages are no articles of their own', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1']),
    '/1': part('First.', '/1_2'),
    '/1_2': part('Second.', '/1_3'),
    '/1_3': part('Third.', '/1'),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ found: 1, stored: 1, requests: 5 })
  expect(archive.articles.get(`${server.origin}/1`)).toMatchObject({
    title: 'Long',
    bodyText: 'First.\nSecond.\nThird.',
    bodyHtml: '<p>First.</p>\n<p>Second.</p>\n<p>Third.</p>',
    nextPageUrl: null,
    warnings: [],
  })
})

test('a text of which a page fails is waited for; one that has lost a page for good is kept, and says so', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/2']),
    '/1': part('First.', '/1_2'),
    '/1_2': { status: 500 },
    '/2': part('Only.', '/2_2'),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'partial', found: 2, stored: 1, failed: 1 })
  expect([...archive.articles.values()]).toMatchObject([
    { bodyText: 'Only.', nextPageUrl: null, warnings: [expect.stringContaining('/2_2')] },
  ])
  expect(archive.pages.get(`${server.origin}/1`)).toMatchObject({ status: 'failed', nextTryAt: expect.any(Date) })
})

test('a text with pages without end is cut off, and says so', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']) })
  for (let page = 1; page <= 50; page += 1) {
    server.routes.set(`/${page}`, `<h1>Trap</h1><p>Page ${page}.</p><a rel=next href="/${page + 1}">下一页</a>`)
  }
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  const article = archive.articles.get(`${server.origin}/1`)
  expect(article?.bodyText.split('\n')).toHaveLength(20)
  expect(article?.warnings).toEqual(['only the first 20 of its pages were read'])
})

test('what a page does not say of itself its listing may', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1']), '/1': '<p>No headline.</p>' })
  const archive = anArchive()
  await crawlSource(aSource(server), archive.ports, options)
  expect(archive.articles.get(`${server.origin}/1`)).toMatchObject({
    title: 'Title of /1',
    publishedAt: { at: '2019-11-04T00:00:00.000Z' },
  })
})

test('a source’s headers go to its own origins only', async () => {
  const other = await aNewsroom(articlesAt(['/2']))
  const server = await aNewsroom({ '/list': aListPage(['/1', `${other.origin}/2`]), ...articlesAt(['/1']) })
  const source = aSource(server, { headers: { 'x-api-key': 'secret' }, allowPrivateHosts: [server.host, other.host] })
  const run = await crawlSource(source, anArchive().ports, options)
  expect(run).toMatchObject({ stored: 2 })
  expect(server.requests.every(({ headers }) => headers['x-api-key'] === 'secret')).toBe(true)
  expect(other.requests.some(({ headers }) => 'x-api-key' in headers)).toBe(false)
})

test('older items than maxAge are left out, by their listing or by their page', async () => {
  const server = await aNewsroom({
    '/list': '<a href="/old" data-at="2018-01-01T00:00:00.000Z">Old</a><a href="/undated">?</a><a href="/new">New</a>',
    '/undated': '<h1>Old too</h1><time>2018-01-01T00:00:00.000Z</time><p>Text.</p>',
    '/new': anArticlePage('New'),
  })
  const archive = anArchive()
  const source = aSource(server, { maxAge: '30d' })
  const run = await crawlSource(source, archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 3, stored: 1, skipped: { 'too-old': 2 }, errors: [] })
  expect(server.pathsAsked()).not.toContain('/old')
  const again = await crawlSource(source, archive.ports, options)
  expect(again).toMatchObject({ found: 3, unchanged: 1, skipped: { 'too-old': 2 }, requests: 1 })
})

test('links of a list page that lead to other sites are left out where they are few', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/1', '/2', '/3', 'http://friend.example/x']),
    ...articlesAt(['/1', '/2', '/3']),
  })
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 4, stored: 3, skipped: { 'off-site': 1 } })
})

test('the progress that is told adds up', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2', '/gone']), ...articlesAt(['/1', '/2']) })
  let found = 0
  const handled: string[] = []
  const archive = anArchive({
    progress(event) {
      if (event.kind === 'found') found += event.count
      else handled.push(event.as)
    },
  })
  await crawlSource(aSource(server), archive.ports, options)
  expect(found).toBe(3)
  expect(handled.toSorted()).toEqual(['gone', 'stored', 'stored'])
})

test('a dry run reads all and keeps nothing', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/1', '/gone']), ...articlesAt(['/1']) })
  const archive = anArchive()
  const titles: (string | null)[] = []
  const onArticle = ({ title }: { title: string | null }) => titles.push(title)
  const run = await crawlSource(aSource(server), archive.ports, { ...options, dryRun: true, onArticle })
  expect(run).toMatchObject({ found: 2, stored: 1, skipped: { gone: 1 } })
  expect(titles).toEqual(['Article /1'])
  expect([archive.articles.size, archive.pages.size, archive.listings.size]).toEqual([0, 0, 0])
})
