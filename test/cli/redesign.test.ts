import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: several starts of the program on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

let server: TestServer
let newsfold: Installation

const numbers = [1, 2, 3, 4, 5, 6]
const text = (n: number) =>
  `市水务局第${n}号通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水。|停水期间，社区设有临时取水点，由专人值守，第${n}号取水点夜间照常开放。`
const paragraphs = (n: number) =>
  text(n)
    .split('|')
    .map((each) => `<p>${each}</p>`)
    .join('')

function showOldSite(): void {
  const rows = numbers.map(
    (n) => `<li><a href="/${n}.html">关于第${n}号管道更换的通告</a><span>2019-11-0${n}</span></li>`,
  )
  server.routes.set('/list', `<html><body><ul class="old-list">${rows.join('')}</ul></body></html>`)
  for (const n of numbers) {
    server.routes.set(
      `/${n}.html`,
      `<html><body><h1 class="headline">关于第${n}号管道更换的通告</h1><div class="time">2019-11-0${n} 10:00</div><div id="zoom">${paragraphs(n)}</div></body></html>`,
    )
  }
}

/** Other markup, and one announcement more than before. */
function showNewSite(): void {
  const rows = [7, ...numbers.toReversed()].map(
    (n) =>
      `<div class="entry"><h3><a href="/${n}.html">关于第${n}号管道更换的通告</a></h3><em>2019-11-0${n}</em></div>`,
  )
  server.routes.set('/list', `<html><body><div class="news-wrap">${rows.join('')}</div></body></html>`)
  for (const n of [7, ...numbers]) {
    server.routes.set(
      `/${n}.html`,
      `<html><body><div class="page"><h2 class="name">关于第${n}号管道更换的通告</h2><p class="info">时间：<b class="at">2019-11-0${n} 10:00</b></p><div class="words">${paragraphs(n)}</div></div></body></html>`,
    )
  }
}

const sourceFile = () => join(newsfold.config, 'sources', 'water.yaml')
const sourceText = () =>
  `name: 水务局\nallowPrivateHosts: ['${server.host}']\npoliteness: { delay: 0s }\nlistings:\n` +
  `  - url: ${server.origin}/list\n    rules:\n      item: ul.old-list > li\n` +
  'rules:\n  title: .headline\n  body: "#zoom"\n  publishedAt: .time\n'

beforeAll(async () => {
  server = await startServer()
  newsfold = anInstallation()
  writeFileSync(sourceFile(), sourceText())
})
afterAll(async () => {
  await newsfold.remove()
  await server.close()
})

test('a site that is made anew is read on, it is said, and rules are proposed from what the archive knows', async () => {
  showOldSite()
  expect((await newsfold.run(['crawl', 'water'])).out).toContain('✓ 6 new')
  showNewSite()
  expect((await newsfold.run(['crawl', 'water'])).out).toContain('✓ 1 new')
  const shown = await newsfold.run(['source', 'show', 'water'])
  expect(shown.out).toContain('degraded')

  const tested = await newsfold.run(['source', 'test', 'water', '--live'])
  expect(tested.code).toBe(1)
  expect(tested.out).toContain('its page was made anew')
  // Of the seven that the page names the archive knows all: six from before.
  expect(tested.out).toContain(
    '    rules:\n      item: div.news-wrap > div.entry # reads 7 of 7 articles of the archive that the page names',
  )
  expect(tested.out).toMatch(/^rules:\n {2}title: h2\.name # reads 3 of 3 known articles/m)
  expect(tested.out).toMatch(/^ {2}body: div\.words # reads 3 of 3 known articles/m)
  expect(tested.out).toMatch(/^ {2}publishedAt: b\.at # reads 3 of 3 known articles/m)
})

test('the proposed rules work as they are pasted', async () => {
  const { out } = await newsfold.run(['source', 'test', 'water', '--live'])
  const pasted = out.slice(out.indexOf('# Rules'), out.indexOf('✗'))
  writeFileSync(sourceFile(), sourceText().replace(/listings:[\s\S]*/, pasted))
  const tested = await newsfold.run(['source', 'test', 'water', '--live'])
  expect(tested.out).toContain('✓ water')
  expect(readFileSync(sourceFile(), 'utf8')).toContain('verified:')
})

test('without an archive they are proposed from the automatic reading, and that is said', async () => {
  writeFileSync(sourceFile(), sourceText())
  const data = join(newsfold.config, 'nowhere')
  const { out } = await newsfold.run(['source', 'test', 'water', '--live'], { env: { NEWSFOLD_DATA: data } })
  expect(out).toContain('item: div.news-wrap > div.entry # reads 7 of 7 items of the automatic reading')
  expect(out).toContain(`Proposed by automatic reading alone: there is no archive in ${data}.`)
  const env = { DATABASE_URL: 'postgresql://newsfold@127.0.0.1:1/newsfold' }
  const away = await newsfold.run(['source', 'test', 'water', '--live'], { env })
  expect(away.out).toContain('item: div.news-wrap > div.entry # reads 7 of 7 items of the automatic reading')
  expect(away.out).toMatch(/Proposed by automatic reading alone: the archive cannot be asked \(.*ECONNREFUSED/)
})
