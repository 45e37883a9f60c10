import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { decodePage } from '../../src/article/charset.ts'

const sentence = '本市将于下月公布新的公共交通票价办法，市民可以在网上提出意见。'
const traditional = '本局將於下月公佈新的公共交通票價辦法，市民可以在網上提出意見。'
const page = (text: string, meta = '') =>
  `<html><head>${meta}<title>${text}</title></head><body><p>${text}</p></body></html>`
const meta = (label: string) => `<meta http-equiv="Content-Type" content="text/html; charset=${label}">`
const gb = (text: string) => iconv.encode(text, 'gb18030')
const big5 = (text: string) => iconv.encode(text, 'big5-hkscs')

describe('the encoding of a page', () => {
  test.each([
    ['GB18030 that only a meta tag declares', gb(page(sentence, meta('gb2312'))), null, 'gb18030', 'meta', sentence],
    ['GBK that the header declares', gb(page(sentence)), 'text/html; charset=GBK', 'gb18030', 'header', sentence],
    ['GB18030 that nobody declares', gb(page(sentence)), 'text/html', 'gb18030', 'bytes', sentence],
    [
      'GB18030 under a Latin-1 header',
      gb(page(sentence)),
      'text/html; charset=ISO-8859-1',
      'gb18030',
      'bytes',
      sentence,
    ],
    [
      'GB18030 under a UTF-8 label',
      gb(page(sentence, meta('utf-8'))),
      'text/html; charset=utf-8',
      'gb18030',
      'bytes',
      sentence,
    ],
    [
      'UTF-8 under a GBK label',
      Buffer.from(page(sentence, meta('gbk'))),
      'text/html; charset=gbk',
      'utf-8',
      'bytes',
      sentence,
    ],
    ['Big5 that nobody declares', big5(page(traditional)), null, 'big5-hkscs', 'bytes', traditional],
    ['Big5 under a GB2312 label', big5(page(traditional, meta('gb2312'))), null, 'big5-hkscs', 'bytes', traditional],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${page(sentence)}`, 'utf16le'), null, 'utf-16le', 'bom', sentence],
    ['UTF-16 without a mark', Buffer.from(page(sentence), 'utf16le'), null, 'utf-16le', 'bytes', sentence],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${page(sentence)}`), 'text/html; charset=gbk', 'utf-8', 'bom', sentence],
    [
      'an XML declaration',
      gb(`<?xml version="1.0" encoding="gb2312"?>${page(sentence)}`),
      null,
      'gb18030',
      'xml',
      sentence,
    ],
  ])('%s is read right', (_name, body, contentType, encoding, from, text) => {
    const decoded = decodePage({ body, contentType })
    expect({ encoding: decoded.encoding, from: decoded.from }).toEqual({ encoding, from })
    expect(decoded.text).toContain(`<p>${text}</p>`)
  })

  test('Hong Kong characters of Big5 are read as themselves and not as private use', () => {
    const text = '佢哋喺度瞓覺，啲嘢唔見咗，今日嘅會議由局長主持。'
    expect(decodePage({ body: big5(page(text, meta('big5'))) }).text).toContain(text)
  })

  test('characters that only GB18030 has are read under a gb2312 label', () => {
    const text = '朱镕基、䶮、𠮷野家与㙍的人名用字的新规定'
    expect(decodePage({ body: gb(page(text, meta('gb2312'))) }).text).toContain(text)
  })

  test('Latin-1 is read where nothing speaks against it', () => {
    const body = Buffer.from(page('Café à la crème, señor – déjà vu'.replace('–', '-')), 'latin1')
    expect(decodePage({ body, contentType: 'text/html; charset=iso-8859-1' }).text).toContain('Café à la crème')
  })

  test('a UTF-8 page that was cut inside a character stays UTF-8', () => {
    const bytes = Buffer.from(sentence)
    const decoded = decodePage({ body: bytes.subarray(0, bytes.length - 1) })
    expect(decoded.encoding).toBe('utf-8')
    expect(decoded.text).toContain('本市将于下月')
  })

  test('a few broken bytes do not turn a UTF-8 page into another encoding', () => {
    const body = Buffer.concat([Buffer.from(page(sentence.repeat(5))), Buffer.from([0xe4, 0xbd, 0x3c])])
    expect(decodePage({ body }).encoding).toBe('utf-8')
  })

  test('NUL, controls and lone surrogates are gone', () => {
    const body = Buffer.from('通\u0000知\u0007公\u001b告\ud800。\tA\n', 'utf16le')
    const { text } = decodePage({ body: Buffer.concat([Buffer.from([0xff, 0xfe]), body]) })
    expect(text.replaceAll('\ufffd', '')).toBe('通知公告。\tA\n')
  })

  test('no bytes are an empty text', () => {
    expect(decodePage({ body: new Uint8Array() }).text).toBe('')
  })
})

test('labels of codings that are no charsets are passed over', () => {
  const bytes = Buffer.from('<p>5rex5Zyz</p>\xa0', 'latin1')
  for (const label of ['base64', 'hex', 'utf-7']) {
    expect(decodePage({ body: bytes, contentType: `text/html; charset=${label}` }).text).toContain('<p>5rex5Zyz</p>')
  }
})
