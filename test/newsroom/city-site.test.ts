import { load } from 'cheerio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inflateSync } from 'node:zlib'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'

let newsroom: Newsroom

beforeAll(async () => {
  newsroom = await startNewsroom({ correctAfterMs: null })
})

afterAll(() => newsroom.stop())

const announcements = () => newsroom.expected().filter(({ siteId }) => siteId === 'city')

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())

const textOf = async (url: string) => new TextDecoder('gb18030', { fatal: true }).decode(await bytesOf(url))

/** Every link or picture of all announcements, absolute. */
async function targetsOf(selector: string, attribute: string): Promise<string[]> {
  const pages = await Promise.all(
    announcements().map(async ({ url }) => {
      const $ = load(await textOf(url))
      return [...$(selector)].map((element) => new URL($(element).attr(attribute) ?? '', url).href)
    }),
  )
  return pages.flat()
}

test('pages are GB18030, which only a meta element says', async () => {
  for (const { url, title } of announcements()) {
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/html')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow(TypeError)
    expect(bytes.subarray(0, 1024).toString('latin1')).toContain('text/html; charset=gb18030')
    expect(new TextDecoder('gb18030', { fatal: true }).decode(bytes)).toContain(title)
  }
})

test('some characters need more than GB2312, some four bytes', async () => {
  const all = (await Promise.all(announcements().map(({ url }) => textOf(url)))).join('')
  for (const character of ['喆', '镕', '㭎', '𣲗']) expect(all).toContain(character)
  const park = announcements().find(({ title }) => title.includes('㭎山'))
  const bytes = await bytesOf(park?.url ?? '')
  expect(bytes.toString('latin1')).toMatch(/[\x81-\xfe][0-9][\x81-\xfe][0-9]/)
})

test('the time of publication stands in the text and in the meta elements', async () => {
  for (const { url, title, publishedAt } of announcements()) {
    const $ = load(await textOf(url))
    const minute = publishedAt.slice(0, 16).replace('T', ' ')
    const source = $('meta[name="ContentSource"]').attr('content')
    expect($('meta[name="PubDate"]').attr('content')).toBe(minute)
    expect($('meta[name="ArticleTitle"]').attr('content')).toBe(title)
    expect($('body').text()).toContain(`发布时间：${minute}　来源：${source}`)
    expect($('table table').length).toBeGreaterThan(1)
  }
})

test('two counters go up from one request to the next, and nothing else changes', async () => {
  const url = announcements()[0]?.url ?? ''
  const counters = [/浏览次数：<font color="red">(\d+)/, /第 (\d+) 位访客/]
  const [first, second] = [await textOf(url), await textOf(url)]
  for (const counter of counters) {
    expect(Number(counter.exec(second)?.[1])).toBe(Number(counter.exec(first)?.[1]) + 1)
  }
  const [before, after] = [first, second].map((text) =>
    counters.reduce((rest, counter) => rest.replace(counter, ''), text),
  )
  expect(before).toBe(after)
})

test('nothing lets an asker save a request', async () => {
  const response = await fetch(announcements()[0]?.url ?? '', { headers: { 'if-none-match': '*' } })
  expect([response.status, response.headers.get('etag'), response.headers.get('last-modified')]).toEqual([
    200,
    null,
    null,
  ])
})

test('PDF attachments have a cross-reference table that points at their objects', async () => {
  const files = await targetsOf('a[href$=".pdf"]', 'href')
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    const response = await fetch(file)
    expect(response.headers.get('content-type')).toBe('application/pdf')
    const pdf = Buffer.from(await response.arrayBuffer()).toString('latin1')
    const table = pdf.slice(Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]))
    expect(table.startsWith('xref\n0 8\n')).toBe(true)
    const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]))
    expect(offsets).toHaveLength(7)
    expect(offsets.every((offset, index) => pdf.startsWith(`${index + 1} 0 obj\n`, offset))).toBe(true)
  }
})

test('DOC attachments are rich text that holds their name', async () => {
  const files = await targetsOf('a[href$=".doc"]', 'href')
  expect(files.length).toBeGreaterThan(2)
  for (const file of files) {
    const response = await fetch(file)
    expect(response.headers.get('content-type')).toBe('application/msword')
    const text = await response.text()
    expect(text).toMatch(/^\{\\rtf1[^]*\}\n$/)
    const name = [...text.matchAll(/\\u(-?\d+)\?/g)].map((match) => String.fromCharCode(Number(match[1]) & 0xffff))
    expect(name.join('')).toMatch(/^[\p{Script=Han}（）]{5,}$/u)
  }
})

test('pictures load late, and what they load is a PNG', async () => {
  const files = await targetsOf('img[src$="blank.gif"]', 'data-src')
  expect(files.length).toBeGreaterThan(2)
  for (const file of files) {
    const png = await bytesOf(file)
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([320, 180])
    const data = png.indexOf('IDAT')
    const pixels = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)))
    expect(pixels.byteLength).toBe(180 * (1 + 320 * 3))
  }
})
