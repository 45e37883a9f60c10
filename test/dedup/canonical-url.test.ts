import { expect, test } from 'vitest'
import { canonicalUrl } from '../../src/dedup/canonical-url.ts'

const page = 'https://www.yunhe.example.cn/news/2019/4471.html'

test.each([
  ['tracking', `${page}?utm_source=paper&spm=1.2.3`],
  ['a share into a chat', `${page}?from=groupmessage&isappinstalled=0`],
  ['http and the default port', 'http://www.yunhe.example.cn:80/news/2019/4471.html'],
  ['no www', 'https://yunhe.example.cn/news/2019/4471.html'],
  ['a mobile host', 'https://m.yunhe.example.cn/news/2019/4471.html'],
  ['a place within the page', `${page}#pinglun`],
  ['doubled slashes', 'https://www.yunhe.example.cn/news//2019/4471.html'],
  ['a session in the path', `${page};jsessionid=77AC`],
])('an address and the same with %s are one', (_why, other) => {
  expect(canonicalUrl(other)).toBe(canonicalUrl(page))
})

test.each([
  ['ids', '/show?id=7', '/show?id=8'],
  ['pages', '/a/7.html', '/a/7_2.html'],
  ['routes of an application', '/#/news/7', '/#/news/8'],
  ['sections', '/news/', '/notices/'],
])('addresses that differ in %s stay apart', (_why, a, b) => {
  expect(canonicalUrl(`https://yunhe.example.cn${a}`)).not.toBe(canonicalUrl(`https://yunhe.example.cn${b}`))
})

test('what is no address comes back trimmed', () => {
  expect(canonicalUrl('  http://[half an address ')).toBe('http://[half an address')
})
