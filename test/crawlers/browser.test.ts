import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createRenderer } from '../../src/crawlers/browser.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createHttpClient } from '../../src/crawlers/http-client.ts'
import { createRequestPlaces } from '../../src/crawlers/request-places.ts'
import { aNewsroom, anArchive, anArticlePage } from './a-newsroom.ts'
import { aSource, userAgent } from './memory-ports.ts'

/** The optional packages, where this machine has them. */
function optionalPackages(): ((name: string) => Promise<unknown>) | null {
  const require = createRequire(`${process.env['NEWSFOLD_TEST_PACKAGES'] ?? process.cwd()}/`)
  try {
    const paths = new Map(['@crawlee/playwright', 'playwright-core'].map((name) => [name, require.resolve(name)]))
    return async (name) => {
      const module: unknown = require(paths.get(name) ?? name)
      return module
    }
  } catch {
    return null
  }
}

const importPackage = optionalPackages()
const http = () => createHttpClient({ userAgent, now: () => new Date('2019-11-05T02:00:00Z') })
const options = { runId: '1', userAgent, retries: 0 }

const missing = () => Promise.reject(new Error('Cannot find package'))
const found = () => Promise.resolve({ launchPlaywright: () => Promise.reject(new Error('unused')), chromium: {} })

const listByScript =
  '<!doctype html><title>News</title><div id="list"></div><script src="/list.js"></script><img src="/tracker.gif">' +
  '<script src="http://127.0.0.1:1/private.js"></script>'
const script = `fetch('/api.json').then((answer) => answer.json()).then((items) => {
  document.querySelector('#list').innerHTML = items.map((item) => '<a href="' + item.url + '">' + item.title + '</a>').join('')
})`

const sendOn = (to: string) => `<!doctype html><script>location.replace('${to}')</script>`

test('without the optional packages, or without a Chromium, the error names what to install', async () => {
  const server = await aNewsroom({ '/list': listByScript })
  for (const [executable, importPackage] of [
    [null, missing],
    ['/nowhere/chromium', found],
  ] as const) {
    const renderer = createRenderer({ http: http(), userAgent, executable, importPackage })
    const run = await crawlSource(aSource(server, { render: 'browser' }), anArchive({ renderer }).ports, options)
    expect(run.outcome).toBe('failed')
    expect(run.errors[0]).toContain('npm install @crawlee/playwright playwright-core')
    expect(run.errors[0]).toContain('NEWSFOLD_CHROMIUM')
  }
})

test.skipIf(importPackage === null)(
  'a list that only scripts write is rendered; what the page asks for goes through our client, pictures and private hosts do not',
  async () => {
    const server = await aNewsroom({ '/list': listByScript, '/1': anArticlePage('One'), '/2': anArticlePage('Two') })
    const items = [1, 2].map((n) => ({ url: `/${n}`, title: `Number ${n}` }))
    const rss = '<rss version="2.0"><channel><title>News</title></channel></rss>'
    server.routes.set('/feed.xml', { headers: { 'content-type': 'application/rss+xml' }, body: rss })
    server.routes.set('/list.js', { headers: { 'content-type': 'text/javascript' }, body: script })
    server.routes.set('/api.json', { headers: { 'content-type': 'application/json' }, body: JSON.stringify(items) })
    const renderer = createRenderer({
      http: http(),
      userAgent,
      executable: null,
      ...(importPackage && { importPackage }),
    })
    // Its one place is the rendering's own: what the page asks for waits for no other.
    const archive = anArchive({ renderer, requestPlaces: createRequestPlaces(1) })
    const listing = { url: `${server.origin}/list`, render: 'browser' }
    const run = await crawlSource(aSource(server, { listings: [listing] }), archive.ports, options)
    const limits = { maxBytes: 100_000, timeoutMs: 20_000, allowPrivateHosts: [server.host] }
    const feed = await renderer.renderPage({ url: `${server.origin}/feed.xml`, ...limits })
    await renderer.close()
    expect(run).toMatchObject({ outcome: 'succeeded', stored: 2, errors: [] })
    expect(server.pathsAsked()).toContain('/api.json')
    expect(feed).toMatchObject({ kind: 'fetched', page: { body: new TextEncoder().encode(rss) } })
    expect(server.pathsAsked()).not.toContain('/tracker.gif')
    expect(new Set(server.requests.map(({ headers }) => headers['user-agent']))).toEqual(new Set([userAgent]))
  },
  60_000,
)

test.skipIf(importPackage === null)(
  'a page that sends the browser on passes robots.txt and the pace; frames are not asked for; bytes are bounded in all',
  async () => {
    const server = await aNewsroom({
      '/robots.txt': 'User-agent: *\nDisallow: /closed\n',
      '/open-way': sendOn('/list'),
      '/closed-way': sendOn('/closed'),
      '/list': '<!doctype html><a href="/1">Number one</a><iframe src="/frame"></iframe>',
      '/closed': '<!doctype html><a href="/2">Number two</a>',
      '/1': anArticlePage('One'),
      '/heavy': '<!doctype html><script src="/a.js"></script>',
      '/a.js': `fetch('/b.js').then(() => fetch('/c.js')) // ${'x'.repeat(40_000)}`,
      '/b.js': 'x'.repeat(40_000),
    })
    const renderer = createRenderer({
      http: http(),
      userAgent,
      executable: null,
      ...(importPackage && { importPackage }),
    })
    const slots: string[] = []
    const pacing = {
      reserve: (host: string) => Promise.resolve(slots.push(host) * 0),
      slowDown: () => Promise.resolve(),
    }
    const crawl = (path: string) => {
      const listing = { url: `${server.origin}${path}`, render: 'browser' }
      return crawlSource(aSource(server, { listings: [listing] }), anArchive({ renderer, pacing }).ports, options)
    }
    const open = await crawl('/open-way')
    const paced = slots.length
    const closed = await crawl('/closed-way')
    const limits = { maxBytes: 60_000, timeoutMs: 20_000, allowPrivateHosts: [server.host] }
    await renderer.renderPage({ url: `${server.origin}/heavy`, ...limits })
    await renderer.close()
    expect(open).toMatchObject({ found: 1, stored: 1 })
    // robots.txt, the way, the list, the article
    expect(paced).toBe(4)
    expect(closed).toMatchObject({ outcome: 'failed', found: 0 })
    const asked = server.pathsAsked()
    expect(asked).not.toContain('/frame')
    expect(asked).not.toContain('/closed')
    expect(asked).toContain('/b.js')
    expect(asked).not.toContain('/c.js')
  },
  60_000,
)

/** A page whose script opens new windows and sockets, and shows a link when they have come to nothing. */
const wayOut = (host: string) => `<!doctype html><div id="list"></div><script>
window.open('http://${host}/popup')
const noOpener = Object.assign(document.createElement('a'), { href: 'http://${host}/link', target: '_blank', rel: 'noopener' })
noOpener.click()
const inWorker = new Worker(URL.createObjectURL(new Blob(["new WebSocket('ws://${host}/worker').onclose = () => postMessage('')"])))
const socket = new WebSocket('ws://${host}/socket')
const over = [inWorker, socket].map((one) => new Promise((done) => { one.onmessage = one.onclose = one.onopen = done }))
Promise.all(over).then(() => fetch('/over')).then(() => { document.querySelector('#list').textContent = 'over' })
</script>`

test.skipIf(importPackage === null)(
  'a page gets out neither by a new window nor by a WebSocket',
  async () => {
    let connections = 0
    const elsewhere = createServer((socket) => {
      connections += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const address = elsewhere.address()
    const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    const server = await aNewsroom({ '/list': wayOut(host), '/over': 'yes' })
    const renderer = createRenderer({
      http: http(),
      userAgent,
      executable: null,
      ...(importPackage && { importPackage }),
    })
    const limits = { maxBytes: 100_000, timeoutMs: 20_000, allowPrivateHosts: [server.host, host] }
    const fetched = await renderer.renderPage({ url: `${server.origin}/list`, ...limits })
    await renderer.close()
    elsewhere.close()
    expect(fetched.kind).toBe('fetched')
    expect(server.pathsAsked()).toContain('/over')
    expect(connections).toBe(0)
  },
  60_000,
)
