import { expect, test } from 'vitest'
import { plausibleCanonical } from '../../src/dedup/plausible-canonical.ts'

const page = 'https://www.yunhe.example.cn/news/2019/1031/447105.html'
const own = 'https://yunhe.example.cn/news/2019/1031/447105.html'

test.each([
  ['none', null],
  ['an empty one', ''],
  ['the front page', 'https://www.yunhe.example.cn/'],
  ['the section above', '/news/'],
  ['the index of the section above', 'https://www.yunhe.example.cn/news/2019/index.html'],
  ['a list beside', 'https://www.yunhe.example.cn/list.html'],
  ['another site', 'https://www.shanbei.example.org/news/2019/1031/447105.html'],
  ['a script', 'javascript:void(0)'],
  ['half an address', 'https://[half'],
])('a page that states %s is known by its own address', (_what, stated) => {
  expect(plausibleCanonical(page, stated)).toBe(own)
})

test.each([
  [
    'the same article on another host of the site',
    'https://m.yunhe.example.cn/n/99881.html',
    'https://yunhe.example.cn/n/99881.html',
  ],
  ['a relative address', '/news/2019/1031/447105.html?lang=zh', `${own}?lang=zh`],
  ['a headline in words', '/news/the-pumps-of-east-lake', 'https://yunhe.example.cn/news/the-pumps-of-east-lake'],
])('a page that states %s is known by it', (_what, stated, expected) => {
  expect(plausibleCanonical(page, stated)).toBe(expected)
})

test('a further page of a text is not its first page', () => {
  expect(plausibleCanonical('https://yunhe.example.cn/a/1031_2.html', 'https://yunhe.example.cn/a/1031.html')).toBe(
    'https://yunhe.example.cn/a/1031_2.html',
  )
  expect(plausibleCanonical('https://yunhe.example.cn/a/1031?page=2', 'https://yunhe.example.cn/a/1031')).toBe(
    'https://yunhe.example.cn/a/1031?page=2',
  )
})

test('an address that has lost the id is the frame of all articles', () => {
  const article = 'https://yunhe.example.cn/show.php?id=447105'
  expect(plausibleCanonical(article, 'https://yunhe.example.cn/show.php')).toBe(article)
})

test('tenants of one hoster are different sites', () => {
  expect(plausibleCanonical('https://lin.github.io/2019/1031', 'https://song.github.io/2019/1031')).toBe(
    'https://lin.github.io/2019/1031',
  )
})

test('what is no address is returned trimmed, whatever it states', () => {
  expect(plausibleCanonical(' no address ', 'https://yunhe.example.cn/1031.html')).toBe('no address')
})
