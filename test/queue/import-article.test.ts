import { afterAll, expect, test, vi } from 'vitest'
import { findArticleLines } from '../../src/archive/article-lines.ts'
import type { Database } from '../../src/archive/database.ts'
import { mergeStories } from '../../src/archive/story-edits.ts'
import { articleLineSchema, type ArticleLine } from '../../src/model/article-line.ts'
import { importArticle } from '../../src/queue/import-article.ts'
import { anArchive } from '../a-database.ts'
import { aSave, keep, stated } from '../an-article.ts'

vi.setConfig({ testTimeout: 60_000 })

const opened: Database[] = []
async function open(): Promise<Database> {
  const database = await anArchive()
  opened.push(database)
  return database
}
afterAll(async () => {
  for (const database of opened) await database.close()
})

async function linesOf(database: Database): Promise<string[]> {
  const lines: string[] = []
  for await (const line of findArticleLines(database)) lines.push(line)
  return lines
}

/** The stories of an archive that is made of these alone. */
async function storiesOf(all: readonly ArticleLine[]): Promise<unknown[]> {
  const to = await open()
  for (const line of all) await importArticle(to, line)
  return (await to.query('select id::text from story')).rows
}

const copyText = '市水务局今日通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水备用，并留意后续通知。'

async function aFullArchive(): Promise<Database> {
  const database = await open()
  const saves = [
    aSave({
      url: 'http://city.example/1',
      bodyText: '第一稿：检查下周开始。',
      events: [{ title: '检查', start: stated('2019-11-12T01:00:00.000Z'), end: null, place: '城东' }],
      images: [{ url: 'http://city.example/a.jpg', alt: null, caption: '现场', width: 640, height: null }],
      attachments: [{ url: 'http://city.example/a.pdf', name: '附件', mediaType: 'application/pdf' }],
    }),
    aSave({ url: 'http://city.example/1', bodyText: '更正：检查推迟。' }, { seenAt: new Date('2019-11-06T02:00:00Z') }),
    aSave({ url: 'http://city.example/2', title: '停水通告', bodyText: copyText }),
    aSave(
      { url: 'http://portal.example/2', title: '停水通告', bodyText: copyText },
      { sourceId: 'portal', isOwnRelease: false },
    ),
  ]
  for (const save of saves) await database.transaction((client) => keep(client, save))
  return database
}

test('articles that are taken from another archive are the same, with their texts and stories; again changes nothing', async () => {
  const from = await aFullArchive()
  const lines = await linesOf(from)
  expect(lines).toHaveLength(3)
  const to = await open()
  for (const expected of ['stored', 'known']) {
    for (const line of lines) expect(await importArticle(to, articleLineSchema.parse(JSON.parse(line)))).toBe(expected)
    expect((await linesOf(to)).map((line) => articleLineSchema.parse(JSON.parse(line)))).toEqual(
      lines.map((line) => articleLineSchema.parse(JSON.parse(line))),
    )
  }
  const ids = 'select canonical_url, story_id from article order by 1'
  expect((await to.query(ids)).rows).toEqual((await from.query(ids)).rows)
  const stories = `select array_agg(canonical_url order by canonical_url) as urls from article group by story_id order by 1`
  expect((await to.query(stories)).rows).toEqual((await from.query(stories)).rows)
  const { rows } = await to.query(`select 1 from page where url = 'http://portal.example/2'`)
  expect(rows).toHaveLength(1)
})

test('copies that were brought together by hand stay so, and lines without a story find theirs by their text', async () => {
  const from = await aFullArchive()
  const urls = ['http://city.example/1', 'http://city.example/2']
  const { rows } = await from.query<{ story: string }>(
    'select story_id::text as story from article where canonical_url = any($1) order by canonical_url',
    [urls],
  )
  const [kept = '', merged = ''] = rows.map(({ story }) => story)
  await mergeStories(from, merged, kept, new Date('2019-11-07T00:00:00Z'))
  const lines = (await linesOf(from)).map((line) => articleLineSchema.parse(JSON.parse(line)))
  expect(await storiesOf(lines)).toEqual([{ id: kept }])
  expect(await storiesOf(lines.map((line) => ({ ...line, storyId: null })))).toHaveLength(2)
})

test('markup of a file is cleaned as that of a page is', async () => {
  const [line = ''] = await linesOf(await aFullArchive())
  const article = articleLineSchema.parse(JSON.parse(line))
  const revisions = article.revisions.map((revision) => ({
    ...revision,
    bodyHtml: '<p onclick="x()">好</p><script>x()</script>',
  }))
  const to = await open()
  await importArticle(to, { ...article, revisions })
  expect((await to.query('select body_html from article')).rows).toEqual([{ body_html: '<p>好</p>' }])
})
