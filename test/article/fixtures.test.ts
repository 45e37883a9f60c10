import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { explainArticle, readArticle } from '../../src/article/read-article.ts'
import { articleRulesSchema } from '../../src/model/source.ts'

const folder = join('test', 'fixtures', 'article')

const caseSchema = z.strictObject({
  why: z.string().min(10),
  url: z.url(),
  contentType: z.string().optional(),
  /** The page is kept as UTF-8, so that it can be read in a review, and is encoded for the test. */
  encoding: z.string().default('utf-8'),
  fetchedAt: z.iso.datetime().optional(),
  timeZone: z.string().optional(),
  rules: articleRulesSchema.optional(),
})

const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'case.yaml')))

function read(name: string) {
  const info = caseSchema.parse(parse(readFileSync(join(folder, name, 'case.yaml'), 'utf8')))
  const body = iconv.encode(readFileSync(join(folder, name, 'page.html'), 'utf8'), info.encoding)
  const page = {
    body,
    url: info.url,
    contentType: info.contentType ?? null,
    ...(info.fetchedAt === undefined ? {} : { fetchedAt: new Date(info.fetchedAt) }),
    ...(info.timeZone === undefined ? {} : { timeZone: info.timeZone }),
  }
  return { ...explainArticle(page, info.rules), page, rules: info.rules }
}

describe('recorded shapes of pages', () => {
  test('there are some', () => {
    expect(names.length).toBeGreaterThan(20)
  })

  test.each(names)('%s is read as expected', (name) => {
    const expected: unknown = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'))
    expect(read(name).article).toMatchObject(z.record(z.string(), z.unknown()).parse(expected))
  })

  test.each(names)('%s is read the same with and without its explanation', (name) => {
    const { article, page, rules } = read(name)
    expect(readArticle(page, rules)).toEqual(article)
  })

  // Rules may select by any attribute; without rules only those are kept that are asked for anywhere.
  test.each(names)('%s is read the same without rules and by rules that say nothing', (name) => {
    const { page } = read(name)
    expect(readArticle(page)).toEqual(readArticle(page, {}))
  })
})

describe('an explanation', () => {
  const { trace } = read('news-portal')
  const details = (step: string) => trace.filter((entry) => entry.step === step).map(({ detail }) => detail)

  test('names the block that was taken', () => {
    expect(details('body')).toEqual([expect.stringContaining('<div class="content"> of page')])
  })

  test('names what was removed and by which rule', () => {
    expect(details('removed')).toContain('a box of links: 东湖茶油走向海外市场')
    expect(details('removed')).toContain('credit line: （责任编辑：赵敏）')
  })

  test('names the witness of each field and time', () => {
    expect(details('field')).toContain('origin: 东湖日报 (text:来源)')
    expect(details('time')).toContain('2019-10-31T01:12:33.000Z second (json-ld:datePublished)')
  })
})
