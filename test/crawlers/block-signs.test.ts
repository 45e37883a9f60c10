import { expect, test } from 'vitest'
import { blockOf, isLoginWall } from '../../src/crawlers/block-signs.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { aListPage, aNewsroom, anArchive, anArticlePage } from './a-newsroom.ts'
import { aSource, userAgent } from './memory-ports.ts'

const evidence = (text: string, status = 200, headers: Record<string, string> = {}) => ({
  status,
  body: new TextEncoder().encode(text),
  header: (name: string) => headers[name] ?? null,
})

test.each([
  ['Cloudflare challenge', evidence('', 403, { 'cf-mitigated': 'challenge' })],
  ['Cloudflare challenge', evidence('<title>Just a moment...</title><script>window._cf_chl_opt={}</script>', 503)],
  ['Ruishu JavaScript challenge', evidence(`<script>$_ts=window['$_ts'];</script>`, 412)],
  ['Jiasule JavaScript cookie', evidence('', 521, { 'set-cookie': '__jsluid_s=1; path=/' })],
  ['Alibaba Cloud JavaScript cookie', evidence(`<script>var arg1='0123456789ABCDEF0123';</script>`)],
  ['web application firewall', evidence('<h1>很抱歉，您的访问被拦截</h1>')],
  ['CAPTCHA', evidence('<div>请完成验证后继续访问</div>')],
  ['JavaScript cookie challenge', evidence('<script>document.cookie="k="+f(3);location.reload()</script>')],
  ['HTTP 403', evidence('<h1>Forbidden</h1>', 403)],
  ['HTTP 451', evidence('', 451)],
])('%s is recognised', (name, seen) => {
  expect(blockOf(seen)).toBe(name)
})

test.each([
  ['an article', evidence('<h1>关于港口收费的公告</h1><p>自11月起，收费标准调整如下，请知悉。</p><p>特此公告。</p>')],
  ['an article about a CAPTCHA', evidence('<p>人机验证平台今日上线。</p><p>各单位可以申请。</p>')],
  [
    'a page with the script that the same network puts on all',
    evidence('<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><p>News</p>'),
  ],
  ['a page that remembers its reader', evidence('<script>document.cookie="seen=1"</script><a href="/1">One</a>')],
  ['a page that is not there', evidence('<h1>404</h1>', 404)],
  ['a long page that has a firewall’s words', evidence(`您的访问被拦截${'　'.repeat(12_000)}`)],
  ['a server that is down', evidence('<h1>Bad gateway</h1>', 502)],
])('%s keeps nobody out', (_, seen) => {
  expect(blockOf(seen)).toBeNull()
})

test('a page with a sign-in form and no text is a wall; one with a text is not', () => {
  const body = new TextEncoder().encode('<input type="password">')
  const page = { requestedUrl: 'https://a.example/1', url: 'https://a.example/1', body }
  expect(isLoginWall(page, 20)).toBe(true)
  expect(isLoginWall(page, 900)).toBe(false)
  const sent = { ...page, body: new Uint8Array(), url: 'https://a.example/sso/login?from=1' }
  expect(isLoginWall(sent, 0)).toBe(true)
  expect(isLoginWall({ ...sent, requestedUrl: 'https://a.example/login/1' }, 0)).toBe(false)
})

test('a listing that is kept from programs is one line that names who keeps it, and a note for its health', async () => {
  const server = await aNewsroom({
    '/list': { status: 412, body: `<script>$_ts=window['$_ts'];</script>` },
    '/open': '<script>document.cookie="k="+f(3);location.reload()</script>',
  })
  const options = { runId: '1', userAgent, retries: 0 }
  const run = await crawlSource(aSource(server), anArchive().ports, options)
  expect(run).toMatchObject({
    outcome: 'failed',
    observed: { block: 'Ruishu JavaScript challenge', failedListings: 1 },
  })
  expect(run.errors[0]).toContain('got 412 (Ruishu JavaScript challenge)')
  const open = aSource(server, { listings: [`${server.origin}/open`] })
  const second = await crawlSource(open, anArchive().ports, options)
  expect(second).toMatchObject({ outcome: 'failed', observed: { block: 'JavaScript cookie challenge' } })
})

test('articles behind a wall fail, are tried again later, and are the source’s trouble only when they are most', async () => {
  const wall = '<form action="/login"><input type=password></form>'
  const server = await aNewsroom({ '/list': aListPage(['/1', '/2', '/3']), '/1': wall, '/2': wall })
  server.routes.set('/3', anArticlePage('Three'))
  const archive = anArchive()
  const run = await crawlSource(aSource(server), archive.ports, { runId: '1', userAgent, retries: 0 })
  expect(run).toMatchObject({ outcome: 'partial', stored: 1, failed: 2, observed: { read: 1, block: 'login wall' } })
  expect(archive.pages.get(`${server.origin}/1`)).toMatchObject({ status: 'failed', errorCode: 'page.blocked' })
  server.routes.set('/2', anArticlePage('Two'))
  archive.pages.clear()
  const again = await crawlSource(aSource(server), archive.ports, { runId: '2', userAgent, retries: 0 })
  expect(again.observed?.block).toBeNull()
})

test('listings that are no longer there are noted as gone, and a server that is down is not', async () => {
  const server = await aNewsroom({ '/down': { status: 503 } })
  const options = { runId: '1', userAgent, retries: 0 }
  const gone = await crawlSource(aSource(server), anArchive().ports, options)
  expect(gone.observed).toMatchObject({ isGone: true, block: null, failedListings: 1 })
  const both = aSource(server, { listings: [`${server.origin}/list`, `${server.origin}/down`] })
  expect((await crawlSource(both, anArchive().ports, options)).observed?.isGone).toBe(false)
})
