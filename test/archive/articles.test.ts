import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { countArchive } from '../../src/archive/articles.ts'
import { storyChannel } from '../../src/archive/story-channel.ts'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { findRevisions, findStories, findStory } from '../../src/archive/stories.ts'
import { anArchive, withoutStories } from '../a-database.ts'
import { aSave, keep, stated, type Saving } from '../an-article.ts'
import { silent } from '../silent.ts'

let database: Database
let second: Database

beforeAll(async () => {
  database = await anArchive()
  second = openDatabase(database.connectionString, silent)
})
beforeEach(() => withoutStories(database))
afterAll(async () => {
  await second.close()
  await database.close()
})

const save = (input: Saving, on = database) => on.transaction((client) => keep(client, input))
const titles = async (filter: { sourceIds?: string[]; languages?: string[] }) =>
  (await findStories(database, { ...everything, ...filter })).map(({ title }) => title).toSorted()
const everything = { sourceIds: null, languages: null, limit: 100 }

test('a new article is stored with everything that was read of it', async () => {
  const event = {
    title: '检查通报会',
    start: stated('2019-11-27T16:00:00.000Z'),
    end: stated('2019-11-28T16:00:00.000Z'),
    place: '市政府',
  }
  const image = { url: 'http://city.example/a.jpg', alt: '现场', caption: null, width: 640, height: null }
  const file = { url: 'http://city.example/a.pdf', name: '附件1', mediaType: 'application/pdf' }
  const input = aSave({ byline: '陈一', origin: '市消防', images: [image], attachments: [file], events: [event] })
  expect(await save(input)).toMatchObject({ outcome: 'stored' })
  const [story] = await findStories(database, everything)
  expect(story).toMatchObject({
    title: input.article.title,
    bodyText: input.article.bodyText,
    bodyHtml: input.article.bodyHtml,
    byline: '陈一',
    origin: '市消防',
    published: input.article.publishedAt,
    images: [image],
    attachments: [file],
    events: [event],
    revision: 1,
    members: [{ sourceId: 'city', url: input.article.url }],
  })
})

test('the same reading again is unchanged and writes nothing', async () => {
  const first = await save(aSave())
  const later = aSave({}, { seenAt: new Date('2019-11-06T00:00:00Z') })
  expect(await save(later)).toEqual({ outcome: 'unchanged', storyId: first.storyId })
  expect((await findStory(database, first.storyId))?.changedAt).toEqual(new Date('2019-11-05T02:00:00Z'))
})

test('another text at the same address is a revision of the same story, and the text before is kept', async () => {
  const first = await save(aSave())
  const corrected = aSave({ bodyText: '检查持续四周。', byline: '陈一' }, { seenAt: new Date('2019-11-06T00:00:00Z') })
  expect(await save(corrected)).toEqual({ outcome: 'revised', storyId: first.storyId })
  const story = await findStory(database, first.storyId)
  expect(story).toMatchObject({ bodyText: '检查持续四周。', byline: '陈一', revision: 2 })
  expect(story?.changedAt).toEqual(new Date('2019-11-06T00:00:00Z'))
  const revisions = await findRevisions(database, story?.articleId ?? '')
  expect(revisions.map(({ number, bodyText }) => [number, bodyText])).toEqual([
    [1, aSave().article.bodyText],
    [2, '检查持续四周。'],
  ])
})

test('a copy at another address joins the story, which keeps its id, its lead and its place', async () => {
  const first = await save(aSave())
  const before = await findStory(database, first.storyId)
  const copy = aSave(
    { url: 'http://portal.example/9.html', title: '转载：消防检查' },
    { sourceId: 'portal', seenAt: new Date('2019-11-07T00:00:00Z') },
  )
  expect(await save(copy)).toEqual({ outcome: 'stored', storyId: first.storyId })
  const after = await findStory(database, first.storyId)
  expect(after).toMatchObject({ articleId: before?.articleId, title: before?.title, sortAt: before?.sortAt })
  expect(after?.members.map(({ sourceId }) => sourceId)).toEqual(['city', 'portal'])
  expect(await countArchive(database)).toEqual({ articles: 2, stories: 1 })
})

test('a copy of the corrected text belongs to the story as a copy of the first text does', async () => {
  const first = await save(aSave())
  await save(aSave({ bodyText: '检查持续四周。' }))
  const copy = aSave({ url: 'http://portal.example/9.html', bodyText: '检查持续四周。' }, { sourceId: 'portal' })
  expect(await save(copy)).toEqual({ outcome: 'stored', storyId: first.storyId })
})

test('a date in the future gives no place above what was seen first', async () => {
  const { storyId } = await save(aSave({ publishedAt: stated('2099-01-01T00:00:00.000Z') }))
  expect((await findStory(database, storyId))?.sortAt).toEqual(new Date('2019-11-05T02:00:00Z'))
})

const release = [
  '全市商场消防安全检查自下周一开始，为期三周，覆盖营业面积五百平方米以上的商场二百一十四家。',
  '检查由消防救援支队牵头，住建、商务、市场监管等部门参加，重点查看疏散通道、自动喷淋和电气线路。',
  '支队负责人介绍，去年同期检查发现隐患一千三百余处，已全部整改；今年将对整改情况逐一回看。',
  '检查结果将于下月底前在市政府网站公布，市民可拨打热线反映身边的火灾隐患。',
]

// What is asked at once, or one after the other.
describe.each([{ isUnread: true }, { isUnread: false }])(
  'where a page is expected to be new: $isUnread',
  (expected) => {
    const saveBoth = (over: Parameters<typeof aSave>[0], n: number) =>
      save(aSave(over, expected), n % 2 ? second : database)

    test('writers that meet one new address at the same moment make one article', async () => {
      const outcomes = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => saveBoth({}, n)))
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['stored', ...Array(5).fill('unchanged')])
      expect(await countArchive(database)).toEqual({ articles: 1, stories: 1 })
    })

    test('writers that meet one new text at different addresses make one story', async () => {
      const outcomes = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((n) => saveBoth({ url: `http://copy.example/${n}` }, n)),
      )
      expect(new Set(outcomes.map(({ storyId }) => storyId)).size).toBe(1)
      expect(await countArchive(database)).toEqual({ articles: 6, stories: 1 })
    })

    test('writers that meet copies in other words at the same moment make one story, and none waits for good', async () => {
      const variants = Array.from({ length: 8 }, (_, n) => ({
        url: `http://copy.example/${n}`,
        title: `${['全市', '我市', '本市', '市内'][n % 4]}消防安全检查下周${n > 3 ? '开始' : '启动'}`,
        bodyText: [...(n % 2 ? [`本报讯（记者甲）`] : []), ...release.slice(0, 4 - (n % 2))].join('\n'),
      }))
      const outcomes = await Promise.all(variants.map((over, n) => saveBoth(over, n)))
      expect(new Set(outcomes.map(({ storyId }) => storyId)).size).toBe(1)
      expect(await countArchive(database)).toEqual({ articles: 8, stories: 1 })
    })
  },
)

test("the publisher's own release speaks for a story that began with a reprint", async () => {
  const bodyText = release.join('\n')
  const reprint = aSave(
    { url: 'http://portal.example/1', title: '商场大检查来了', bodyText },
    { isOwnRelease: false, sourceId: 'portal' },
  )
  const { storyId } = await save(reprint)
  const own = await save(
    aSave({ url: 'http://fire.example/1', bodyText }, { seenAt: new Date('2019-11-05T03:00:00Z') }),
  )
  expect(own.storyId).toBe(storyId)
  expect(await findStory(database, storyId)).toMatchObject({
    url: 'http://fire.example/1',
    members: [{ sourceId: 'portal' }, {}],
  })
})

test('a failed transaction leaves no part of an article behind', async () => {
  const failing = database.transaction(async (client) => {
    await keep(client, aSave())
    throw new Error('after the article')
  })
  await expect(failing).rejects.toThrow('after the article')
  expect(await countArchive(database)).toEqual({ articles: 0, stories: 0 })
})

test('a stored article is announced to those who listen, an unchanged one is not', async () => {
  // Of its own: what others of these tests have stored may not be told yet.
  const archive = await anArchive()
  onTestFinished(() => archive.close())
  const listener = await archive.connect()
  onTestFinished(() => listener.release(true))
  const heard: string[] = []
  listener.on('notification', ({ channel }) => heard.push(channel))
  await listener.query(`listen ${storyChannel}`)
  await save(aSave(), archive)
  await expect.poll(() => heard).toEqual([storyChannel])
  await save(aSave(), archive)
  // What was told of before would be here by then.
  await listener.query('listen another')
  await archive.transaction(async (client) => client.tell('another'))
  await expect.poll(() => heard).toEqual([storyChannel, 'another'])
})

test('feeds take stories by source and by language, where zh takes zh-Hant too', async () => {
  await save(aSave({ url: 'http://a.example/1', title: '甲', bodyText: '甲文' }, { sourceId: 'city' }))
  await save(
    aSave({ url: 'http://a.example/2', title: '乙', bodyText: '乙文', language: 'zh-Hant' }, { sourceId: 'hk' }),
  )
  await save(aSave({ url: 'http://a.example/3', title: 'C', bodyText: 'C', language: 'en' }, { sourceId: 'sec' }))
  expect(await titles({ sourceIds: ['city', 'sec'] })).toEqual(['C', '甲'])
  expect(await titles({ sourceIds: [] })).toEqual([])
  expect(await titles({ languages: ['zh'] })).toEqual(['乙', '甲'])
  expect(await titles({ languages: ['zh-Hant'] })).toEqual(['乙'])
})
