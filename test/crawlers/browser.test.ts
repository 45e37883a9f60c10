import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { createRenderer } from '../../src/crawlers/browser.ts'
import { crawlSource } from '../../src/crawlers/crawl-source.ts'
import { createHttpClient } from '../../src/crawlers/http-client.ts'
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
    const archive = anArchive({ renderer })
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
