import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { StoryIndex, type StoryArticle } from '../../src/dedup/story-index.ts'

let count = 0
function anArticle(parts: Partial<StoryArticle>): StoryArticle {
  count++
  return {
    id: `a${count}`,
    url: `https://site${count}.example.cn/${count}.html`,
    title: '',
    bodyText: '',
    publishedAt: null,
    ...parts,
  }
}

const onDay = (day: string) =>
  ({ at: `${day}T00:00:00.000Z`, precision: 'day', zone: 'Asia/Shanghai', from: 'test' }) as const

function fixture(name: string, file: 'first' | 'second') {
  const [title = '', ...lines] = readFileSync(`test/fixtures/dedup/${name}/${file}.txt`, 'utf8').trim().split('\n')
  return { title, bodyText: lines.join('\n') }
}
const release = fixture('changed-title', 'first')
const summary = fixture('cut-to-a-summary', 'second')
const roundUp = fixture('round-up-and-release', 'second')

test('the same text in the other script and width is one story', () => {
  const index = new StoryIndex()
  const title = '东湖泵站下月完工'
  const first = index.add(
    anArticle({ title, bodyText: '市水务局今天说，东湖泵站的扩建工程下月完工，日供水１２万吨。' }),
  )
  expect(index.add(anArticle({ title, bodyText: '市水務局今天說,東湖泵站的擴建工程下月完工,日供水12萬噸.' }))).toBe(
    first,
  )
})

test('another short text is another story', () => {
  const index = new StoryIndex()
  const first = index.add(anArticle({ bodyText: '市水务局今天说，东湖泵站的扩建工程下月完工。' }))
  expect(index.add(anArticle({ bodyText: '市水务局今天说，西湖泵站的扩建工程下月开工。' }))).not.toBe(first)
})

test('a story has the id of its first article, and keeps it', () => {
  const index = new StoryIndex()
  expect(index.add(anArticle({ id: 'ministry-7', ...release }))).toBe('ministry-7')
  expect(index.add(anArticle({ id: 'portal-9', ...summary }))).toBe('ministry-7')
  expect(index.add(anArticle({ id: 'portal-9', ...roundUp }))).toBe('ministry-7')
})

test('one address is one article, however it is spelt', () => {
  const index = new StoryIndex()
  const first = index.add(anArticle({ ...release, url: 'http://www.site.example.cn/a/77.html?from=timeline' }))
  expect(index.add(anArticle({ ...roundUp, url: 'https://m.site.example.cn/a/77.html' }))).toBe(first)
})

test('articles that give their front page as address are not one for that', () => {
  const index = new StoryIndex()
  const first = index.add(anArticle({ ...release, url: 'https://www.site.example.cn/' }))
  expect(index.add(anArticle({ ...roundUp, url: 'https://www.site.example.cn/' }))).not.toBe(first)
})

test('a round-up joins no story and draws none together, in any order', () => {
  const other = fixture('round-up-without-numbers', 'second')
  for (const order of [
    [release, summary, roundUp, other],
    [summary, roundUp, other, release],
    [roundUp, summary, release, other],
    [other, roundUp, summary, release],
  ]) {
    const index = new StoryIndex()
    const stories = new Map(order.map((article) => [article, index.add(anArticle(article))]))
    expect(stories.get(summary)).toBe(stories.get(release))
    expect([stories.get(roundUp), stories.get(other)]).not.toContain(stories.get(release))
  }
})

test('the same words after the window are news again', () => {
  const index = new StoryIndex({ windowDays: 10 })
  const first = index.add(anArticle({ ...release, publishedAt: onDay('2019-05-20') }))
  expect(index.add(anArticle({ ...release, publishedAt: onDay('2019-05-28') }))).toBe(first)
  expect(index.add(anArticle({ ...summary, publishedAt: null }))).toBe(first)
  expect(index.add(anArticle({ ...release, publishedAt: onDay('2020-05-20') }))).not.toBe(first)
})

test('a paragraph that three stories had is standing text, and counts for nothing from then on', () => {
  const standing =
    '本集团郑重提示，所有公告以指定媒体刊登的正式文本为准，任何单位和个人不得擅自改动、摘编或者断章取义，投资者应当仔细阅读全文，充分理解各项风险，谨慎作出决定，并自行承担由此产生的后果。'
  const texts = [
    '修桥的工人们昨夜把最后一块桥板安放到位，天亮以前第一辆公交车就开了过去。',
    '饲养员给新出生的小犀牛称了体重，它在秤上站不稳，索性坐了下来。',
    '面粉厂的老磨盘被搬进了校史馆，孩子们围着它问麦子是怎样变成馒头的。',
  ]
  const index = new StoryIndex()
  const shared = () => index.explain('text-0', 'text-1')?.overlap.ofShort
  const add = (at: number) =>
    index.add(anArticle({ id: `text-${at}`, title: '企业动态', bodyText: `${texts[at]}\n${standing}` }))
  const stories = [add(0), add(1)]
  expect(shared()).toBeGreaterThan(0.5)
  stories.push(add(2))
  expect(shared()).toBeLessThan(0.1)
  expect(new Set(stories).size).toBe(3)
})

test('a verdict can be explained, between articles that are known', () => {
  const index = new StoryIndex()
  index.add(anArticle({ id: 'release', ...release }))
  index.add(anArticle({ id: 'summary', ...summary }))
  index.add(anArticle({ id: 'round-up', ...roundUp }))
  expect(index.explain('release', 'summary')).toMatchObject({ same: true, reason: 'shortened' })
  expect(index.explain('round-up', 'release')).toMatchObject({ same: false })
  expect(index.explain('release', 'nobody')).toBeNull()
})

test('a form that only its headline fills in is not the one before', () => {
  const bodyText =
    '各有关单位：现将本年度节水器具推荐目录予以公布，请对照目录做好采购和更换工作，执行中遇到的问题请及时向节约用水办公室反映。特此公告，详见附件。'
  const index = new StoryIndex()
  const first = index.add(anArticle({ title: '滨城市节约用水办公室公告第7号', bodyText }))
  expect(index.add(anArticle({ title: '滨城市节约用水办公室公告第8号', bodyText }))).not.toBe(first)
  expect(index.add(anArticle({ title: '滨城市节约用水办公室公告第7号', bodyText }))).toBe(first)
})
