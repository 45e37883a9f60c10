import { expect, test } from 'vitest'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { errorPageOf } from '../../src/crawlers/error-page.ts'
import { canonicalUrl } from '../../src/dedup/canonical-url.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage } from './a-newsroom.ts'
import { accountedFor, aSource, userAgent } from './memory-ports.ts'

const options = { runId: '1', userAgent, retries: 0 }
const longText =
  'The ministry said on Monday that ports would be open to all carriers from the first of December at published fees.'

test.each([
  ['gone', '页面不存在', ''],
  ['gone', '404', '抱歉，您访问的页面不存在。'],
  ['gone', '提示信息', '对不起，您要找的文章已被删除，3秒后返回首页'],
  ['gone', 'Page not found', 'Sorry, we could not find what you were looking for. '.repeat(6)],
  ['failing', '系统错误', '请稍后再试'],
  ['failing', null, 'java.lang.NullPointerException at cn.example.News.get(News.java:12)'],
  ['failing', '提示', '网站正在升级维护中，请稍后访问'],
] as const)('a page that is %s says so: %s', (kind, title, bodyText) => {
  expect(errorPageOf({ title, bodyText })).toBe(kind)
})

test.each([
  [
    '关于网上办事大厅系统升级维护期间暂停对外服务的公告',
    '因系统升级，网上办事大厅将于11月9日22时至11月10日6时暂停服务，请合理安排时间。',
  ],
  ['市场监管局通报一批“404”虚假网页案件', '近日，我局查处一批网页不存在仍收费的案件。'.repeat(12)],
  ['停水通告', '因管道检修，11月9日起城东停水六小时。'],
])('an article about errors is an article: %s', (title, bodyText) => {
  expect(errorPageOf({ title, bodyText })).toBeNull()
})

test('soft 404s are gone, pages that say error are tried again later, and the run yields what is good', async () => {
  const server = await aNewsroom({
    '/list': aListPage(['/soft', '/error', '/good']),
    '/soft': anArticlePage('页面不存在', '您访问的页面不存在或已被删除。'),
    '/error': anArticlePage('系统错误', '服务器繁忙，请稍后再试。'),
    '/good': anArticlePage('Ports', longText),
  })
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'partial', found: 3, stored: 1, failed: 1, skipped: { gone: 1 } })
  expect(archive.pages.get(`${server.origin}/soft`)?.status).toBe('gone')
  expect(archive.pages.get(`${server.origin}/error`)).toMatchObject({ status: 'failed', errorCode: 'page.says-error' })
  expect(archive.pages.get(`${server.origin}/error`)?.nextTryAt).not.toBeNull()
})

const refresh = (to: string) => `<meta http-equiv="refresh" content="0;url=${to}"><p>Please wait</p>`

test('an article behind a refresh is read, and circles of refreshes cost a few pages', async () => {
  const server = await aNewsroom({ '/list': aListPage(['/moved', '/a', '/home']) })
  server.routes.set('/moved', refresh('/2019/moved.html'))
  server.routes.set('/2019/moved.html', anArticlePage('Moved', longText))
  server.routes.set('/a', refresh('/b'))
  server.routes.set('/b', refresh('/a'))
  server.routes.set('/home', refresh('/'))
  server.routes.set('/', anArticlePage('Home', longText))
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(archive.articles.get(`${server.origin}/moved`)).toMatchObject({ title: 'Moved' })
  expect(run.skipped.gone).toBe(1)
  expect(accountedFor(run)).toBe(run.found)
  expect(server.pathsAsked().filter((path) => path === '/a' || path === '/b').length).toBeLessThanOrEqual(4)
})

test('one article under a hundred addresses that nothing shows to be one is kept once, and is not asked for again', async () => {
  const paths = Array.from({ length: 100 }, (_, index) => `/show?ref=${index}`)
  const server = await aNewsroom({
    '/list': aListPage([...paths, '/other']),
    '/other': anArticlePage('Other', longText),
  })
  for (const path of paths) server.routes.set(path, anArticlePage('Ports', longText))
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, options)
  expect(run).toMatchObject({ outcome: 'succeeded', found: 101, stored: 2, skipped: { 'same-text': 99 }, errors: [] })
  server.requests.splice(0)
  server.routes.set('/list', aListPage([...paths, '/other'], '/none'))
  const again = await crawlSource(aSource(server), archive.ports, options)
  expect(again).toMatchObject({ stored: 0, unchanged: 2, skipped: { 'same-text': 99 } })
  expect(server.pathsAsked().filter((path) => path.startsWith('/show'))).toEqual([])
})

test.each([
  ['paths', (id: string) => `/(S(lit3py55t21z5v55vlm25${id}))/news/1.html`],
  ['parameters of a path', (id: string) => `/news/1.html;jsessionid=0A1B2C3D4E5F${id}`],
])('session ids in %s make no new articles, however often they change', async (_, pathWith) => {
  const server = await aNewsroom()
  const [first, second] = [pathWith('10'), pathWith('99')]
  for (const path of [first, second]) server.routes.set(path, anArticlePage('Ports', longText))
  const known = anArchive()
  const archive = anArchive({
    ...known.ports,
    // As the archive of the program does: known by canonical address.
    knownPages: async (sourceId, urls) => {
      const pages = await known.ports.knownPages(sourceId, [...known.pages.keys()])
      const byKey = new Map([...pages].map(([url, page]) => [canonicalUrl(url), page]))
      return new Map(
        urls.flatMap((url) => {
          const page = byKey.get(canonicalUrl(url))
          return page ? [[url, page] as const] : []
        }),
      )
    },
  })
  const crawl = () => crawlSource(aSource(server), archive.ports, { ...options, urlKey: canonicalUrl })
  server.routes.set('/list', `<a href="${first}">Ports</a>`)
  expect(await crawl()).toMatchObject({ stored: 1 })
  server.routes.set('/list', `<a href="${second}">Ports</a>`)
  expect(await crawl()).toMatchObject({ found: 1, stored: 0, unchanged: 1 })
  expect(server.pathsAsked()).not.toContain(second)
})
