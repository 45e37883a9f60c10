import iconv from 'iconv-lite'
import { expect, test } from 'vitest'
import { readFeed } from '../../src/feed/public.ts'

const simplified = '港口公告：三条新航线开通，运费下调百分之五。'
const traditional = '港口公告：三條新航線開通，運費下調百分之五。'
/** Hong Kong's own characters, which plain Big5 does not have. */
const cantonese = '深水埗嘅街坊話啲船好鬼快㗎，佢哋喺邨口等𨋢。'
/** Characters that only GB18030's four bytes have. */
const rare = '㐂𠮷䶮先生到访港口'

function aFeedIn(title: string, encoding: string, declared: string | null): Buffer {
  const declaration = declared === null ? '' : `<?xml version="1.0" encoding="${declared}"?>\n`
  return iconv.encode(
    `${declaration}<rss version="2.0"><channel><title>${title}</title><item><title>${title}</title></item></channel></rss>`,
    encoding,
  )
}

/** GB 2312 in seven bits (RFC 1843), which iconv-lite does not write. */
function inHz(title: string): Buffer {
  const hz = title.replace(/[^\0-\x7f]+/g, (run) => {
    const bytes = [...iconv.encode(run, 'gb2312')].map((byte) => String.fromCharCode(byte & 0x7f))
    return `~{${bytes.join('')}~}`
  })
  return aFeedIn(hz, 'latin1', 'hz-gb-2312')
}

const withMark = (mark: readonly number[], body: Buffer) => Buffer.concat([Buffer.from(mark), body])

interface EncodingCase {
  readonly name: string
  readonly title: string
  readonly body: Buffer
  readonly contentType?: string
}

const cases: readonly EncodingCase[] = [
  { name: 'UTF-8 that is declared', title: simplified, body: aFeedIn(simplified, 'utf8', 'utf-8') },
  { name: 'UTF-8 that nobody declares', title: simplified, body: aFeedIn(simplified, 'utf8', null) },
  {
    name: 'UTF-8 with a byte-order mark, declared as gb2312',
    title: simplified,
    body: withMark([0xef, 0xbb, 0xbf], aFeedIn(simplified, 'utf8', 'gb2312')),
  },
  { name: 'UTF-8 declared as gb2312', title: simplified, body: aFeedIn(simplified, 'utf8', 'gb2312') },
  {
    name: 'UTF-8 served as iso-8859-1',
    title: simplified,
    body: aFeedIn(simplified, 'utf8', null),
    contentType: 'text/xml; charset=iso-8859-1',
  },
  { name: 'GB2312 that is declared', title: simplified, body: aFeedIn(simplified, 'gb2312', 'gb2312') },
  { name: 'GBK declared as gb2312', title: traditional, body: aFeedIn(traditional, 'gbk', 'gb2312') },
  { name: 'GB18030 declared as gb2312', title: rare, body: aFeedIn(rare, 'gb18030', 'gb2312') },
  { name: 'GB18030 that is declared', title: rare, body: aFeedIn(rare, 'gb18030', 'GB18030') },
  {
    name: 'GBK by the HTTP header alone',
    title: simplified,
    body: aFeedIn(simplified, 'gbk', null),
    contentType: 'application/rss+xml; charset="GBK"',
  },
  { name: 'GBK declared as utf-8', title: simplified, body: aFeedIn(simplified, 'gbk', 'utf-8') },
  { name: 'GBK that nobody declares', title: simplified, body: aFeedIn(simplified, 'gbk', null) },
  {
    name: 'GBK that is declared, served as iso-8859-1',
    title: simplified,
    body: aFeedIn(simplified, 'gbk', 'gbk'),
    contentType: 'text/xml; charset=ISO-8859-1',
  },
  { name: 'GBK under a vendor name', title: simplified, body: aFeedIn(simplified, 'gbk', 'x-gbk') },
  { name: 'GBK under a code page', title: simplified, body: aFeedIn(simplified, 'gbk', 'cp936') },
  { name: 'Big5 that is declared', title: traditional, body: aFeedIn(traditional, 'big5', 'big5') },
  {
    name: 'Big5 by the HTTP header alone',
    title: traditional,
    body: aFeedIn(traditional, 'big5', null),
    contentType: 'text/xml; charset=Big5',
  },
  { name: 'Big5-HKSCS declared as big5', title: cantonese, body: aFeedIn(cantonese, 'big5-hkscs', 'big5') },
  { name: 'Big5-HKSCS that is declared', title: cantonese, body: aFeedIn(cantonese, 'big5-hkscs', 'Big5-HKSCS') },
  { name: 'HZ', title: simplified, body: inHz(simplified) },
  {
    name: 'UTF-16 little-endian with a mark',
    title: simplified,
    body: withMark([0xff, 0xfe], aFeedIn(simplified, 'utf16le', 'utf-16')),
  },
  {
    name: 'UTF-16 big-endian with a mark',
    title: simplified,
    body: withMark([0xfe, 0xff], aFeedIn(simplified, 'utf16be', 'utf-16')),
  },
  { name: 'UTF-16 little-endian without a mark', title: simplified, body: aFeedIn(simplified, 'utf16le', 'utf-16') },
  { name: 'UTF-16 big-endian without a mark', title: simplified, body: aFeedIn(simplified, 'utf16be', 'utf-16') },
  {
    name: 'UTF-32 little-endian with a mark',
    title: rare,
    body: withMark([0xff, 0xfe, 0, 0], aFeedIn(rare, 'utf32le', 'utf-32')),
  },
  {
    name: 'windows-1252 as iso-8859-1',
    title: 'Café – “déjà vu”',
    body: aFeedIn('Café – “déjà vu”', 'windows-1252', 'iso-8859-1'),
  },
  { name: 'Shift_JIS', title: '港のお知らせ', body: aFeedIn('港のお知らせ', 'shift_jis', 'Shift_JIS') },
  { name: 'EUC-KR', title: '항만 공지', body: aFeedIn('항만 공지', 'euc-kr', 'euc-kr') },
  { name: 'KOI8-R', title: 'Новости порта', body: aFeedIn('Новости порта', 'koi8-r', 'koi8-r') },
]

test.each(cases)('a feed in $name is read', ({ title, body, contentType }) => {
  const feed = readFeed(body, { url: 'https://port.example/feed', ...(contentType ? { contentType } : {}) })
  expect(feed.title).toBe(title)
  expect(feed.items[0]?.title).toBe(title)
})

// Made with the codecs of Python: iconv-lite has none of them.
test.each([
  [
    'cp037',
    'Hafengebühr [neu]!',
    'TG+nlJNApYWZoomWlX5/8Uvwf0CFlYOWhImVh35/g5fw8/d/b24lTJmiokClhZmiiZaVfn/yS/B/bkxaYGBAlZajiYOFokBgYG5Mg4iBlZWFk25Mo4mjk4VuyIGGhZWHhYLciJlAupWFpLtaTGGjiaOThW5MiaOFlG5Mo4mjk4VuyIGGhZWHhYLciJlAupWFpLtaTGGjiaOThW5MYYmjhZRuTGGDiIGVlYWTbkxhmaKibg==',
  ],
  [
    'cp500',
    'Hafengebühr [neu]!',
    'TG+nlJNApYWZoomWlX5/8Uvwf0CFlYOWhImVh35/g5f18PB/b24lTJmiokClhZmiiZaVfn/yS/B/bkxPYGBAlZajiYOFokBgYG5Mg4iBlZWFk25Mo4mjk4VuyIGGhZWHhYLciJlASpWFpFpPTGGjiaOThW5MiaOFlG5Mo4mjk4VuyIGGhZWHhYLciJlASpWFpFpPTGGjiaOThW5MYYmjhZRuTGGDiIGVlYWTbkxhmaKibg==',
  ],
  [
    'ibm1140',
    'Hafengebühr 5 €',
    'TG+nlJNApYWZoomWlX5/8Uvwf0CFlYOWhImVh35/iYKU8fH08H9vbiVMmaKiQKWFmaKJlpV+f/JL8H9uTFpgYECVlqOJg4WiQGBgbkyDiIGVlYWTbkyjiaOThW7IgYaFlYeFgtyImUD1QJ9MYaOJo5OFbkyJo4WUbkyjiaOThW7IgYaFlYeFgtyImUD1QJ9MYaOJo5OFbkxhiaOFlG5MYYOIgZWVhZNuTGGZoqJu',
  ],
])('a feed in EBCDIC (%s) is read', (_, title, body) => {
  const feed = readFeed(Buffer.from(body, 'base64'), { url: 'https://port.example/feed' })
  expect([feed.title, feed.items[0]?.title]).toEqual([title, title])
})

test('UTF-8 with a few broken bytes stays UTF-8', () => {
  const body = aFeedIn(simplified.repeat(5), 'utf8', 'utf-8')
  const broken = Buffer.concat([body.subarray(0, 100), Buffer.from([0xe6]), body.subarray(100)])
  const feed = readFeed(broken, { url: 'https://port.example/feed' })
  expect(feed.items[0]?.title).toBe(simplified.repeat(5))
})

test('GBK with a broken byte at its end stays GBK', () => {
  const body = Buffer.concat([aFeedIn(simplified, 'gbk', 'gbk'), Buffer.from([0xc4])])
  expect(readFeed(body, { url: 'https://port.example/feed' }).title).toBe(simplified)
})
