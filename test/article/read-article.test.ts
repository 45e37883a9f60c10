import { describe, expect, test } from 'vitest'
import { readArticle } from '../../src/article/read-article.ts'

const read = (html: string, url = 'https://news.example/2019/a.html') => readArticle({ body: Buffer.from(html), url })

describe('a text without a document around it', () => {
  const paragraphs = [
    '3月8日，第三届东海茶业博览会新闻发布会在杭州举行，主办单位介绍了展会的筹备情况。',
    '本届博览会将于2021年4月16-18日举行，预计有四百家企业参展。',
    '组委会负责人表示，展会期间将举办十场专题论坛，欢迎各界人士参加。',
  ]
  const shell = (text: string) =>
    `<div><span style='font-size:16px;text-indent:30px;display:block'> 　　${text}</span></div><div>&nbsp;</div>`
  const article = read(
    `第三届东海茶业博览会将于4月举行\n${[paragraphs[0], '', ...paragraphs.slice(1)].map((text) => shell(text ?? '')).join('')}`,
  )

  test('its first line is the title', () => {
    expect(article.title).toBe('第三届东海茶业博览会将于4月举行')
  })

  test('indents and empty paragraphs are gone from text and HTML', () => {
    expect(article.bodyText).toBe(paragraphs.join('\n'))
    expect(article.bodyHtml.trim().split('\n')).toEqual(paragraphs.map((text) => `<p>${text}</p>`))
  })

  test('a date that it only speaks of is not its own', () => {
    expect(article.publishedAt).toBeNull()
  })
})
