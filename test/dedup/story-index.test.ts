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

test('the same text in the other script and width is one story', () => {
  const index = new StoryIndex()
  const first = index.add(anArticle({ bodyText: '市水务局今天说，东湖泵站的扩建工程下月完工，日供水１２万吨。' }))
  expect(index.add(anArticle({ bodyText: '市水務局今天說,東湖泵站的擴建工程下月完工,日供水12萬噸.' }))).toBe(first)
})

test('another text is another story', () => {
  const index = new StoryIndex()
  const first = index.add(anArticle({ bodyText: '市水务局今天说，东湖泵站的扩建工程下月完工。' }))
  expect(index.add(anArticle({ bodyText: '市水务局今天说，西湖泵站的扩建工程下月开工。' }))).not.toBe(first)
})
