import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readListingPage } from '../../src/article/listing/read-listing.ts'
import { listingRulesSchema } from '../../src/model/source.ts'

const fixtures = join(import.meta.dirname, '../fixtures/listing')
const caseSchema = z.strictObject({
  why: z.string(),
  url: z.url(),
  contentType: z.string().nullable().default(null),
  fetchedAt: z.iso.datetime({ offset: true }).optional(),
  timeZone: z.string().default('Asia/Shanghai'),
  rules: listingRulesSchema.optional(),
})
const expectedSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      url: z.string(),
      title: z.string().nullable(),
      publishedAt: z.string().nullable(),
      summary: z.string().optional(),
    }),
  ),
  nextUrl: z.string().nullable().default(null),
  warnings: z.array(z.string()).default([]),
})

function readFixture(name: string) {
  const folder = join(fixtures, name)
  const given = caseSchema.parse(parse(readFileSync(join(folder, 'case.yaml'), 'utf8')))
  const { rules, fetchedAt, url, contentType, timeZone } = given
  const source = {
    url,
    contentType,
    timeZone,
    body: readFileSync(join(folder, 'page.html')),
    ...(fetchedAt === undefined ? {} : { fetchedAt: new Date(fetchedAt) }),
  }
  const expected = expectedSchema.parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')))
  return { got: readListingPage(source, rules), expected }
}

const names = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'case.yaml')))

test('there are list pages of many shapes', () => {
  expect(names.length).toBeGreaterThan(15)
})

test.each(names)('the list page %s reads as its labels say', (name) => {
  const { got, expected } = readFixture(name)
  const items = got.items.map(({ url, title, publishedAt, summary }, index) => ({
    url,
    title,
    publishedAt: publishedAt === null ? null : `${publishedAt.at} ${publishedAt.precision}`,
    ...(expected.items[index]?.summary === undefined ? {} : { summary }),
  }))
  expect({ items, nextUrl: got.nextUrl, warnings: got.warnings }).toEqual(expected)
})

const encoder = new TextEncoder()

function readText(html: string, rules = {}) {
  return readListingPage({ body: encoder.encode(html), url: 'https://news.example.cn/list/' }, rules)
}

test('an empty page, bare text and bytes of no kind give no items and no error', () => {
  const random = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 251)
  for (const body of [new Uint8Array(), encoder.encode('暂无内容'), random]) {
    expect(readListingPage({ body, url: 'https://news.example.cn/' }).items).toEqual([])
  }
})

test('an address that is none is said in a warning', () => {
  const { items, warnings } = readListingPage({ body: new Uint8Array(), url: 'no address' })
  expect(items).toEqual([])
  expect(warnings).toEqual(['The page\'s address "no address" is none.'])
})

test('a rule that is no selector is said in a warning, once', () => {
  const row = '<li><a href="/a/1001.html">关于开放夜间图书馆的公告</a> 2024-05-06</li>'
  const { items, warnings } = readText(`<ul>${row}${row.replace('1001', '1002')}</ul>`, { publishedAt: ':::' })
  expect(items.map(({ url }) => url)).toEqual([
    'https://news.example.cn/a/1001.html',
    'https://news.example.cn/a/1002.html',
  ])
  expect(warnings).toEqual(['The rule publishedAt ":::" is no CSS selector; the list was read without it.'])
})

function ruledRow(id: number): string {
  return `<section><a href="/x">图</a><b>标题之${id}</b><a class="go" href="/y/${id}">看</a><u>2024年5月${id}日</u><q>摘要之${id}</q></section>`
}

test('every part can be named by a rule', () => {
  const rules = { item: 'section', link: '.go', title: 'b', publishedAt: 'u', summary: 'q', next: '.n', drop: ['.ad'] }
  const page = readText(
    `${ruledRow(1)}<div class="ad">${ruledRow(7)}</div>${ruledRow(2)}<a class="n" href="?p=2">继续</a>`,
    rules,
  )
  expect(
    page.items.map(({ url, title, publishedAt, summary }) => [url, title, publishedAt?.precision, summary]),
  ).toEqual([
    ['https://news.example.cn/y/1', '标题之1', 'day', '摘要之1'],
    ['https://news.example.cn/y/2', '标题之2', 'day', '摘要之2'],
  ])
  expect(page).toMatchObject({ nextUrl: 'https://news.example.cn/list/?p=2', warnings: [] })
})

function plainRow(index: number): string {
  return `<li><a href="/n/${index}.html">第${index}号公告：道路临时封闭</a><span>2024-01-01</span></li>`
}

test('pages made to tire a reader are read in bounded time', () => {
  const rows = Array.from({ length: 25_000 }, (_, index) => plainRow(index)).join('')
  expect(readText(`<ul>${rows}</ul>`).items).toHaveLength(5000)
  expect(() => readText('<div><a href="/n/1">道路临时封闭公告</a>'.repeat(10_000))).not.toThrow()
  expect(() => readText(`<a href="javascript:${"'".repeat(200_000)}">道路临时封闭公告</a>`)).not.toThrow()
}, 60_000)

test.each([
  ['<a href="/list/2">下一页</a>', 'https://news.example.cn/list/2'],
  ['<a href="index_2.html">下页</a>', 'https://news.example.cn/list/index_2.html'],
  ['<a href="?page=2" aria-label="Next page"><i></i></a>', 'https://news.example.cn/list/?page=2'],
  ['<link rel="next" href="/list/p2">', 'https://news.example.cn/list/p2'],
  ['<p><b>1</b><a href="/list/2">2</a><a href="/list/3">3</a></p>', 'https://news.example.cn/list/2'],
  [
    '<p><a href="/list/1">1</a><a class="active" href="/list/2">2</a><a href="/list/3">3</a></p>',
    'https://news.example.cn/list/3',
  ],
  ['<p><a href="/y/2022">2022</a><a href="/y/2023">2023</a></p>', null],
  ['<a class="disabled" href="/list/9">下一页</a>', null],
  ['<a href="javascript:;">下一页</a>', null],
  ['<a href="https://elsewhere.example.org/2">下一页</a>', null],
  ['<script>createPageHTML(3, 2, "index", "html");</script>', null],
  ['<script>createPageHTML("page_div", 3, 1, "list", "shtml");</script>', 'https://news.example.cn/list/list_2.shtml'],
])('the next page of %s', (bar, expected) => {
  expect(readText(bar).nextUrl).toBe(expected)
})
