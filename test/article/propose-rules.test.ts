import { expect, test } from 'vitest'
import { proposeListingRules } from '../../src/article/listing/propose-rules.ts'
import { readListingPage } from '../../src/article/listing/read-listing.ts'

const page = (html: string) => ({
  url: 'https://city.example/tzgg/',
  body: new TextEncoder().encode(`<html><body>${html}</body></html>`),
  contentType: 'text/html; charset=utf-8',
})
const urls = (count: number) => Array.from({ length: count }, (_, n) => `https://city.example/tzgg/${n}.html`)
const rows = (count: number, row: (n: number) => string) => Array.from({ length: count }, (_, n) => row(n)).join('')

const redesigned = page(
  `<ul class="nav"><li><a href="/">首页</a></li><li><a href="/about">关于</a></li></ul>
   <div class="news-wrap"><div class="news-box c-20191104">${rows(
     6,
     (n) =>
       `<div class="item ${n % 2 ? 'odd' : 'even'}"><h3><a href="${n}.html">关于第${n}号供水安排的通告</a></h3><em>2019-11-0${n + 1}</em></div>`,
   )}</div></div>`,
)

test('the rule that finds the known articles again is proposed, without names that will not last', () => {
  const rules = proposeListingRules(redesigned, urls(6))
  expect(rules).toEqual({ item: 'div.news-box > div.item' })
  const read = readListingPage(redesigned, rules ?? {})
  expect(read.items.map(({ url }) => url)).toEqual(urls(6))
  expect(read.unmatched).toEqual([])
})

test('tables and ids are named as well', () => {
  const table = page(
    `<table id="list"><tbody>${rows(4, (n) => `<tr><td><a href="${n}.html">第${n}号通告</a></td></tr>`)}</tbody></table>`,
  )
  expect(proposeListingRules(table, urls(4))).toEqual({ item: 'tbody > tr' })
  const list = page(`<ul id="zxList">${rows(4, (n) => `<li><a href="${n}.html">第${n}号通告</a></li>`)}</ul>`)
  expect(proposeListingRules(list, urls(4))).toEqual({ item: '#zxList > li' })
})

test('nothing is proposed for articles that are not there, or for a rule that finds much else', () => {
  expect(proposeListingRules(page('<p>Nothing</p>'), urls(3))).toBeNull()
  const mixed = page(
    `<ul>${rows(30, (n) => `<li><a href="${n < 3 ? `${n}.html` : `/other/${n}`}">第${n}号</a></li>`)}</ul>`,
  )
  expect(proposeListingRules(mixed, urls(3))).toBeNull()
})
