import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withdrawArticle } from '../../src/archive/articles.ts'
import type { Database } from '../../src/archive/database.ts'
import type { RunningServer } from '../../src/server/server.ts'
import { anArchive } from '../a-database.ts'
import { keepStory } from '../keep-story.ts'
import { aServer, ask, type Answer } from './a-server.ts'

let database: Database
let server: RunningServer

beforeAll(async () => {
  database = await anArchive()
  await keepStory(database, { day: 1, title: '消防演练', bodyText: '演练于十一月举行。' })
  server = await aServer(database)
})

afterAll(async () => {
  await server.stop()
  await database.close()
})

/** Asks until the answer is as it should be; the last one when it never is. */
async function askUntil(path: string, isRight: (answer: Answer) => boolean): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await ask(`${server.url}${path}`)
    if (isRight(answer) || tries === 100) return answer
    await sleep(50)
  }
}

/** The time of update of a feed's first entry. */
const updated = (text: string) =>
  /<updated>([^<]+)<\/updated>[^]*?<\/entry>/.exec(text.slice(text.indexOf('<entry')))?.[1]

const searchPath = `/feeds/search.rss?${new URLSearchParams({ q: '演练' }).toString()}`

test('a story that another process keeps is in feeds and searches that were shown before', async () => {
  const before = await ask(`${server.url}/feeds/all.rss`)
  await ask(`${server.url}${searchPath}`)
  await keepStory(database, { day: 2, title: '地铁演练', bodyText: '周日停运两小时。' })
  const after = await askUntil('/feeds/all.rss', ({ text }) => text.includes('地铁演练'))
  expect(after.text).toContain('地铁演练')
  expect(after.headers.etag).not.toBe(before.headers.etag)
  expect((await askUntil(searchPath, ({ text }) => text.includes('地铁演练'))).text).toContain('地铁演练')
  const stale = await ask(`${server.url}/feeds/all.rss`, { 'if-none-match': before.headers.etag ?? '' })
  expect(stale.status).toBe(200)
})

test('a change that a feed does not show leaves its bytes and its tag as they are', async () => {
  const before = await ask(`${server.url}/feeds/media.rss`)
  await keepStory(database, { day: 3, title: '公园开放', bodyText: '夜间开放至九点。' })
  await askUntil('/feeds/all.rss', ({ text }) => text.includes('公园开放'))
  const after = await ask(`${server.url}/feeds/media.rss`)
  expect([after.headers.etag, after.headers['last-modified'], after.text]).toEqual([
    before.headers.etag,
    before.headers['last-modified'],
    before.text,
  ])
})

test('a corrected story keeps its id, moves its time of update and shows what was changed', async () => {
  const url = 'https://news.example/corrected'
  const id = await keepStory(database, { url, day: 4, title: '会议改期', bodyText: '会议在甲地举行。' })
  const first = await askUntil('/feeds/all.atom', ({ text }) => text.includes(id))
  await keepStory(database, { url, day: 5, title: '会议改期', bodyText: '会议在乙地举行。' })
  const second = await askUntil('/feeds/all.atom', ({ text }) => text.includes('乙地'))
  expect(second.text).toContain(id)
  expect(Date.parse(updated(second.text) ?? '')).toBeGreaterThan(Date.parse(updated(first.text) ?? ''))
  const page = await ask(`${server.url}/stories/${id}`)
  expect(page.text).toMatch(/<del>甲[^<]*<\/del>/)
  expect(page.text).toMatch(/<ins>乙[^<]*<\/ins>/)
})

test('a withdrawn article stays and says so', async () => {
  const url = 'https://news.example/withdrawn'
  await keepStory(database, { url, day: 6, title: '误发通知', bodyText: '此通知有误。' })
  await database.transaction((client) => withdrawArticle(client, url, new Date('2019-11-20T00:00:00Z')))
  const { text } = await askUntil('/feeds/all.json', ({ text }) => text.includes('已被发布者撤下'))
  expect(text).toContain('误发通知')
  expect(text).toContain('已被发布者撤下')
})

test('while the archive cannot be read, feeds keep their last good bytes and others say that they come later', async () => {
  const before = await ask(`${server.url}/feeds/all.rss`)
  await database.query('alter table story_search rename to story_search_away')
  try {
    await database.query(`select pg_notify('newsfold_story', 'test')`)
    await sleep(200)
    const during = await ask(`${server.url}/feeds/all.rss`)
    expect([during.status, during.text]).toEqual([200, before.text])
    const never = await ask(`${server.url}/feeds/search.rss?q=x`)
    expect(never.status).toBe(503)
    expect(never.headers['retry-after']).toBeDefined()
  } finally {
    await database.query('alter table story_search_away rename to story_search')
  }
  await keepStory(database, { day: 7, title: '恢复服务', bodyText: '一切正常。' })
  expect((await askUntil('/feeds/all.rss', ({ text }) => text.includes('恢复服务'))).text).toContain('恢复服务')
})
