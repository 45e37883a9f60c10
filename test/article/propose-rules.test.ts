import { expect, test } from 'vitest'
import { proposeListingRules } from '../../src/article/listing/propose-rules.ts'
import { readListingPage } from '../../src/article/listing/read-listing.ts'
import { proposeArticleRules } from '../../src/article/propose-rules.ts'
import type { KnownItem } from '../../src/model/known-article.ts'

const page = (html: string) => ({
  url: 'https://city.example/tzgg/',
  body: new TextEncoder().encode(`<html><body>${html}</body></html>`),
  contentType: 'text/html; charset=utf-8',
})
const known = (count: number, over: Partial<KnownItem> = {}): KnownItem[] =>
  Array.from({ length: count }, (_, n) => ({
    url: `https://city.example/tzgg/${n}.html`,
    title: `关于第${n}号供水安排的通告`,
    publishedAt: { at: `2019-11-0${n + 1}T02:00:00.000Z`, precision: 'minute', zone: 'Asia/Shanghai', from: 'text' },
    ...over,
  }))
const item = (selector: string, matched: number) => ({ selector, matched })
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
  const proposal = proposeListingRules(redesigned, known(6))
  expect(proposal).toEqual({ known: 6, item: item('div.news-box > div.item', 6), inItem: {} })
  const read = readListingPage(redesigned, { item: proposal?.item.selector })
  expect(read.items.map(({ url }) => url)).toEqual(known(6).map(({ url }) => url))
  expect(read.unmatched).toEqual([])
})

test('tables and ids are named as well', () => {
  const table = page(
    `<table id="list"><tbody>${rows(4, (n) => `<tr><td><a href="${n}.html">第${n}号通告</a></td></tr>`)}</tbody></table>`,
  )
  expect(proposeListingRules(table, known(4))?.item).toEqual(item('tbody > tr', 4))
  const list = page(`<ul id="zxList">${rows(4, (n) => `<li><a href="${n}.html">第${n}号通告</a></li>`)}</ul>`)
  expect(proposeListingRules(list, known(4))?.item).toEqual(item('#zxList > li', 4))
})

test('nothing is proposed for articles that are not there, or for a rule that finds much else', () => {
  expect(proposeListingRules(page('<p>Nothing</p>'), known(3))).toBeNull()
  const mixed = page(
    `<ul>${rows(30, (n) => `<li><a href="${n < 3 ? `${n}.html` : `/other/${n}`}">第${n}号</a></li>`)}</ul>`,
  )
  expect(proposeListingRules(mixed, known(3))).toBeNull()
})

test('news that the archive does not know yet is no stranger when the automatic reading lists it', () => {
  const moved = page(`<ul>${rows(8, (n) => `<li><a href="${n}.html">关于第${n}号供水安排的通告</a></li>`)}</ul>`)
  const listed = known(8).map(({ url }) => url)
  expect(proposeListingRules(moved, known(8).slice(5))).toBeNull()
  expect(proposeListingRules(moved, known(8).slice(5), { listed })?.item).toEqual(item('ul > li', 3))
})

test('articles whose addresses were changed as well are found by their titles, also where the list cuts them', () => {
  const renamed = page(
    `<div class="list">${rows(
      5,
      (n) => `<div class="row"><a href="/article/a${n}">关于第${n}号供水${n === 0 ? '安…' : '安排的通告'}</a></div>`,
    )}</div>`,
  )
  expect(proposeListingRules(renamed, known(5))).toMatchObject({ known: 5, item: item('div.list > div.row', 5) })
})

test('inside the rows, rules are proposed for what the automatic reading gets wrong: title, link and date', () => {
  const cards = page(
    `<div class="cards">${rows(
      5,
      (n) =>
        `<div class="card"><a class="channel" href="/c/${n}">供水频道第${n}栏目新闻</a><a class="go" href="${n}.html"><b class="kind">本市权威发布栏目</b>
         <span class="name">关于第${n}号供水安排的通告</span></a><i class="seen">2018-01-0${n + 1}</i><i class="day">2019-11-0${n + 1}</i></div>`,
    )}</div>`,
  )
  const proposal = proposeListingRules(cards, known(5))
  expect(proposal?.inItem).toEqual({
    link: item('a.go', 5),
    title: item('span.name', 5),
    publishedAt: item('i.day', 5),
  })
})

test('a link without a name of its own is told by what stands before it', () => {
  const list = page(
    `<ul class="roll">${rows(
      5,
      (n) =>
        `<li><a class="channel" href="/c/${n % 2}">[供水频道]</a> <a href="${n}.html">关于第${n}号供水安排的通告</a></li>`,
    )}</ul>`,
  )
  expect(proposeListingRules(list, known(5))?.inItem).toEqual({ link: item('a.channel + a', 5) })
})

const articlePage = (n: number) =>
  page(
    `<div class="banner"><h1>智慧水务</h1></div><div class="art"><p class="tt">关于第${n}号供水安排的通告</p>
     <p class="meta">浏览：2018-03-0${n} <span class="when">2019-11-0${n + 1} 10:00</span></p>
     <div class="txt"><p>第${n}号管道于周三更换，届时停水六小时，请居民提前储水。</p><p>停水期间，社区设有临时取水点，由专人值守，夜间照常开放。</p></div>
     <div class="txt-more"><p>本网站由市水务局主办，转载请注明来源与作者，违者必究。</p></div></div>`,
  )
const knownPages = [0, 1, 2].map((n) => ({
  page: articlePage(n),
  known: {
    url: `https://city.example/tzgg/${n}.html`,
    title: `关于第${n}号供水安排的通告`,
    publishedAt: known(3)[n]?.publishedAt ?? null,
    bodyText: `第${n}号管道于周三更换，届时停水六小时，请居民提前储水。\n停水期间，社区设有临时取水点，由专人值守，夜间照常开放。`,
  },
}))

test('rules for articles are where the known title, date and text stand on the new pages', () => {
  const old = { title: '.headline', body: '#zoom', publishedAt: '.time', drop: ['.share'] }
  expect(proposeArticleRules(knownPages, old)).toEqual({
    known: 3,
    rules: {
      title: item('p.tt', 3),
      body: item('div.txt', 3),
      publishedAt: item('span.when', 3),
    },
    kept: { drop: ['.share'] },
  })
})

test('a rule that still holds is kept, and nothing is proposed where nothing is amiss', () => {
  const proposal = proposeArticleRules(knownPages, { title: '.tt', body: '#zoom' })
  expect(proposal?.kept).toEqual({ title: '.tt' })
  expect(proposal?.rules.body).toEqual(item('div.txt', 3))
  const all = { title: '.tt', body: '.txt', publishedAt: '.when' }
  expect(proposeArticleRules(knownPages, all)).toBeNull()
  expect(proposeArticleRules([], all)).toBeNull()
})
