import { expect, test } from 'vitest'
import { canonicalUrl } from '../../src/dedup/canonical-url.ts'

const page = 'https://www.yunhe.example.cn/news/2019/4471.html'

test.each([
  ['tracking', `${page}?utm_source=paper&spm=1.2.3&fbclid=x&tdsourcetag=s_pc`],
  ['a share into a chat', `${page}?from=groupmessage&isappinstalled=0&share_token=9f`],
  ['a referrer of the site’s own', `${page}?from=yaowen`],
  ['http and the default port', 'http://www.yunhe.example.cn:80/news/2019/4471.html'],
  ['no www', 'https://yunhe.example.cn/news/2019/4471.html'],
  ['a mobile host', 'https://m.yunhe.example.cn/news/2019/4471.html'],
  ['a wap host', 'http://wap.yunhe.example.cn/news/2019/4471.html'],
  ['a mobile folder', 'https://www.yunhe.example.cn/m/news/2019/4471.html'],
  ['an AMP folder', 'https://www.yunhe.example.cn/news/2019/4471.html/amp'],
  ['an AMP file', 'https://www.yunhe.example.cn/news/2019/4471.amp.html'],
  ['an AMP cache', 'https://yunhe-example-cn.cdn.ampproject.org/c/s/www.yunhe.example.cn/news/2019/4471.html'],
  ['a print view', `${page}?print=1`],
  ['a place within the page', `${page}#pinglun`],
  ['a highlighted text', `${page}#:~:text=x`],
  ['doubled slashes', 'https://www.yunhe.example.cn/news//2019/4471.html'],
  ['a session in the path', `${page};jsessionid=77AC`],
  ['a session of ASP.NET', 'https://www.yunhe.example.cn/(S(lit3py55t21z5v55vlm25s55))/news/2019/4471.html'],
  ['a cache buster', `${page}?_=1572500000123&t=1572500000`],
  ['capitals in the host', 'HTTPS://WWW.YunHe.Example.CN/news/2019/4471.html'],
  ['a dot after the host', 'https://www.yunhe.example.cn./news/2019/4471.html'],
  ['an empty query', `${page}?`],
  ['an empty parameter', `${page}?keyword=`],
  ['spaces around', `  ${page}\n`],
  ['no scheme', '//www.yunhe.example.cn/news/2019/4471.html'],
  ['steps up and down', 'https://www.yunhe.example.cn/news/2018/../2019/./4471.html'],
])('an address and the same with %s are one', (_why, other) => {
  expect(canonicalUrl(other)).toBe(canonicalUrl(page))
})

test.each([
  ['the order of parameters', '/show.php?id=7&lang=zh', '/show.php?lang=zh&id=7'],
  ['parameters joined as in HTML source', '/show.php?id=7&lang=zh', '/show.php?id=7&amp;lang=zh'],
  ['a key of a session', '/show.asp?id=7', '/show.asp?id=7&sid=9f86d081884c7d659a2feaa0'],
  ['characters and their escapes', '/新闻/7.html', '/%e6%96%b0%e9%97%bb/7.html'],
  ['needless escapes', '/~wang/7.html', '/%7Ewang/7.html'],
  ['plus and escaped space', '/s?q=east+lake', '/s?q=east%20lake'],
  ['an index page', '/news/', '/news/index.shtml'],
  ['a trailing slash', '/news/4471', '/news/4471/'],
  ['a route’s tracking', '/#/news/7', '/#/news/7?utm_source=app'],
])('%s makes no other address', (_why, a, b) => {
  expect(canonicalUrl(`https://yunhe.example.cn${b}`)).toBe(canonicalUrl(`https://yunhe.example.cn${a}`))
})

test.each([
  ['ids', '/show?id=7', '/show?id=8'],
  ['ids without a name', '/show.asp?1234', '/show.asp?1235'],
  ['small numbers named t', '/thread?t=1001', '/thread?t=1002'],
  ['versions named ref', '/blob?ref=v1', '/blob?ref=v2'],
  ['offsets named from', '/list?from=20', '/list?from=40'],
  ['a rate from one money to another', '/rate?from=usd&to=cny', '/rate?from=eur&to=cny'],
  ['pages', '/a/7.html', '/a/7_2.html'],
  ['pages by parameter', '/list.html?page=1', '/list.html?page=2'],
  ['routes of an application', '/#/news/7', '/#/news/8'],
  ['hashbang routes', '/#!news/7', '/#!news/8'],
  ['sections', '/news/', '/notices/'],
  ['a section and its text', '/news/7/', '/news/7/2'],
  ['a section about telephones', '/mobile/list.html', '/list.html'],
  ['kinds of news', '/list?type=mobile', '/list?type=water'],
  ['case of the path', '/A/7.html', '/a/7.html'],
  ['another port', ':8080/a/7.html', '/a/7.html'],
])('addresses that differ in %s stay apart', (_why, a, b) => {
  expect(canonicalUrl(`https://yunhe.example.cn${a}`)).not.toBe(canonicalUrl(`https://yunhe.example.cn${b}`))
})

test('cities that are subdomains stay apart', () => {
  expect(canonicalUrl('https://bei.example.cn/a/7.html')).not.toBe(canonicalUrl('https://nan.example.cn/a/7.html'))
})

test('a site whose domain is itself a public suffix is one with and without www', () => {
  expect(canonicalUrl('http://www.gov.cn/a/7.htm')).toBe('https://gov.cn/a/7.htm')
  expect(canonicalUrl('http://gov.cn/a/7.htm')).toBe('https://gov.cn/a/7.htm')
})

test('an article of WeChat keeps account, message, place and signature', () => {
  const address = 'http://mp.weixin.qq.com/s?__biz=MzA3&mid=26&idx=1&sn=ab12&chksm=77&scene=21#wechat_redirect'
  expect(canonicalUrl(address)).toBe('https://mp.weixin.qq.com/s?__biz=MzA3&idx=1&mid=26&sn=ab12')
  expect(canonicalUrl('https://mp.weixin.qq.com/s/Tok-en_1?scene=1')).toBe('https://mp.weixin.qq.com/s/Tok-en_1')
})

test('bytes of other charsets in an address are kept', () => {
  expect(canonicalUrl('https://yunhe.example.cn/s?k=%d0%c2%ce%c5')).toBe('https://yunhe.example.cn/s?k=%D0%C2%CE%C5')
})

test.each(['http://[half an address', 'mailto:desk@example.cn', 'javascript:void(0)', '', 'https://'])(
  'what is no address of a page comes back as it is: %j',
  (text) => {
    expect(canonicalUrl(` ${text} `)).toBe(text)
  },
)

test('a canonical address is its own canonical address', () => {
  for (const address of [page, 'https://yunhe.example.cn/新闻/?b=2&a=%2F#/x/1', 'http://10.0.0.1:8080/a%zz']) {
    expect(canonicalUrl(canonicalUrl(address))).toBe(canonicalUrl(address))
  }
})
