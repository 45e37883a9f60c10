import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordSource, testLive, testRecorded } from '../../src/cli/commands/source-test.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'

let server: TestServer
let root: string
const log = createLogger('silent')
const settings = () => readSettings({ NEWSFOLD_CONFIG: join(root, 'config') })
const folder = () => join(root, 'test', 'fixtures', 'sources', 'water')

const paragraph = (n: number) =>
  `市水务局第${n}号通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水，给您带来的不便敬请谅解。`
const anArticle = (n: number) =>
  `<html><head><title>第${n}号供水通告</title></head><body><h1>第${n}号供水通告</h1><p>2019-11-0${n} 10:00 来源：市水务局</p>` +
  `<div class="content"><p>${paragraph(n)}</p><p>${paragraph(n)}特此通告。</p></div></body></html>`
const aSource = (over: Record<string, unknown> = {}): Source =>
  sourceSchema.parse({
    id: 'water',
    name: '水务局',
    listings: [`${server.origin}/list`],
    politeness: { delay: 0 },
    allowPrivateHosts: [server.host],
    ...over,
  })

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'newsfold-record-'))
  mkdirSync(join(root, 'config', 'sources'), { recursive: true })
  server = await startServer()
  const links = [1, 2, 3, 4].map(
    (n) => `<li><a href="/${n}.html">关于第${n}号供水通告的有关安排</a> 2019-11-0${n}</li>`,
  )
  server.routes.set('/list', `<html><body><ul class="list">${links.join('')}</ul></body></html>`)
  for (const n of [1, 2, 3, 4]) server.routes.set(`/${n}.html`, anArticle(n))
})

afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true })
})

test('a source is recorded with its listing and three articles, byte by byte, and is read again without its server', async () => {
  await recordSource(aSource(), settings(), log)
  expect(readFileSync(join(folder(), 'article-3.html'), 'utf8')).toBe(anArticle(3))
  server.requests.splice(0)
  expect(await testRecorded('water', aSource(), settings(), log)).toEqual([])
  expect(server.requests).toEqual([])
}, 60_000)

test('a rule that reads something else is seen against the recording, by name', async () => {
  const lines = await testRecorded('water', aSource({ rules: { title: '.content p' } }), settings(), log)
  expect(lines[0]).toMatch(/^articles\.0\.article\.title: expected "第1号供水通告", got "市水务局第1号通告/)
}, 60_000)

test('a recording that is not whole says how to make one', async () => {
  writeFileSync(join(folder(), 'expected.json'), '{')
  await expect(testRecorded('water', null, settings(), log)).rejects.toMatchObject({ code: 'recording.unreadable' })
  await expect(testRecorded('nowhere', null, settings(), log)).rejects.toThrow('source record nowhere')
}, 60_000)

test('a source of which nothing can be fetched is not recorded, and the message says why', async () => {
  const recording = recordSource(aSource({ listings: [`${server.origin}/gone`] }), settings(), log)
  await expect(recording).rejects.toMatchObject({ code: 'source.nothing-recorded' })
  await expect(recording).rejects.toThrow('got 404')
}, 60_000)

test('live, all is well or each missing thing is a line: a redesign says that automatic reading goes on', async () => {
  expect(await testLive(aSource(), settings(), log)).toEqual([])
  const listing = { url: `${server.origin}/list`, rules: { item: '.old-list li' } }
  const problems = await testLive(aSource({ listings: [listing] }), settings(), log)
  expect(problems.join('\n')).toContain(
    'its page was made anew: no rule finds its items, and it goes on with automatic reading, which finds 4',
  )
}, 60_000)
