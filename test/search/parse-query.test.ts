import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/search/parse-query.ts'
import { phraseQuery } from '../../src/search/phrase.ts'
import { QueryError } from '../../src/search/query-error.ts'
import { matches } from './matches.ts'

const title = '關於舉辦跨境電商培訓班的通知'
const body =
  '第五届数字贸易大会定于2026年10月28日召开。\n报名网址见附件，ＡＩ 与 5G 专场另行通知；tax reform 一栏见 taxi 说明。'

function finds(query: string): boolean {
  const parsed = parseQuery(query)
  return parsed !== null && matches(parsed, title, body).byText
}

describe('a query finds', () => {
  test.each([
    ['a word inside a sentence without spaces', '数字贸易'],
    ['traditional text by simplified words', '跨境电商'],
    ['simplified text by traditional words', '數字貿易'],
    ['full-width letters by plain ones', 'ai'],
    ['plain digits by full-width ones', '２０２６年'],
    ['a single character', '届'],
    ['the last character of a run', '知'],
    ['a date with or without spaces in it', '"2026 年 10 月 28 日"'],
    ['all of several words', '数字贸易 附件 通知'],
    ['either word by OR', '钢铁 OR 附件'],
    ['either word by a bar of either width', '钢铁｜附件'],
    ['either of two groups', '(钢铁 煤炭) | (贸易 大会)'],
    ['what lacks an excluded word', '培训班 -招聘'],
    ['what lacks an excluded group', '培训班 -(招聘 | 拍卖)'],
    ['a title by its field', '标题:培训班'],
    ['a title by its field in English', 'title:培训班'],
    ['a title by a phrase after the full-width colon', '标题：“跨境电商培训”'],
    ['a group of words in the title', '标题:(跨境 培训)'],
    ['a phrase of Latin words', '"tax reform"'],
    ['a phrase with punctuation in it', '"附件，AI"'],
  ])('%s', (_, query) => {
    expect(finds(query)).toBe(true)
  })
})

describe('a query does not find', () => {
  test.each([
    ['a word whose characters stand apart', '数贸'],
    ['part of a Latin word', 'refor'],
    ['a Latin word that only another one begins with', '"reform 一栏见 tax"'],
    ['a phrase across two paragraphs', '"召开。报名"'],
    ['words of the text in the title', '标题:附件'],
    ['what has an excluded word', '培训班 -附件'],
    ['what lacks one of several words', '培训班 钢铁'],
    ['characters in another order', '易贸'],
  ])('%s', (_, query) => {
    expect(finds(query)).toBe(false)
  })
})

test('what lexemes decide is what a comparison of the text decides', () => {
  const words = ['届', '数字', 'ai', '5g', '知', '通知', 'taxi', '贸大', '标题', '的', '跨境']
  for (const word of words) {
    const phrase = phraseQuery(word, 'text') ?? fail()
    const found = matches(phrase, title, body)
    expect({ word, isDecided: phrase.isDecidedByLexemes, found: found.byLexemes }).toEqual({
      word,
      isDecided: true,
      found: found.byText,
    })
  }
})

test('a text that has a phrase has its lexemes', () => {
  const missed: string[] = []
  for (let start = 0; start < body.length; start++) {
    for (const length of [1, 2, 3, 7, 20]) {
      const phrase = phraseQuery(body.slice(start, start + length), 'text')
      if (!phrase) continue
      const { byLexemes, byText } = matches(phrase, title, body)
      if (byText && !byLexemes) missed.push(phrase.normal)
    }
  }
  expect(missed).toEqual([])
})

test('rare characters, halves of them and long words are searched without harm', () => {
  expect(matches(phraseQuery('𠮷野', 'text') ?? fail(), '𠮷野家', '').byText).toBe(true)
  expect(phraseQuery('\ud842', 'text')).toBeNull()
  const long = 'x'.repeat(3000)
  const phrase = phraseQuery(long, 'text') ?? fail()
  expect(phrase.isDecidedByLexemes).toBe(false)
  expect(matches(phrase, '', long)).toEqual({ byLexemes: true, byText: true })
  expect(matches(phrase, '', `${long}y`)).toEqual({ byLexemes: true, byText: false })
})

test('an empty query is everything', () => {
  expect(parseQuery('')).toBeNull()
  expect(parseQuery(' \u3000 ')).toBeNull()
})

describe('a bad query is refused with where and what', () => {
  test.each([
    ['(跨境 电商', 1, 'not closed'],
    ['跨境）电商', 3, 'not opened'],
    ['跨境 "电商', 4, 'quotation'],
    ['跨境 |', 5, 'missing'],
    ['| 跨境', 1, 'missing'],
    ['跨境 -', 5, 'missing'],
    ['()', 2, 'missing'],
    ['跨境 。！', 4, 'marks alone'],
    ['""', 1, 'marks alone'],
    ['标题:', 4, 'missing'],
    ['字'.repeat(501), 501, '500 characters'],
    ['a '.repeat(41), 81, '40 words'],
    [`${'('.repeat(11)}a${')'.repeat(11)}`, 11, '10 deep'],
    [`${'-'.repeat(300)}a`, 11, '10 deep'],
  ])('%s', (query, at, says) => {
    let error: unknown
    try {
      parseQuery(query)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(QueryError)
    expect(error).toMatchObject({ at, code: 'search.bad-query', message: expect.stringContaining(says) })
  })
})

function fail(): never {
  throw new Error('expected a phrase')
}
