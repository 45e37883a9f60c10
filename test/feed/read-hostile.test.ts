import { performance } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { looksLikeFeed, readFeed } from '../../src/feed/public.ts'
import { UnreadableError } from '../../src/model/errors.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const url = 'https://port.example/feed'

function wrapped(inside: string): Uint8Array {
  return bytes(`<rss version="2.0"><channel><title>t</title><item><title>one</title>${inside}`)
}

/** Either a feed or an UnreadableError; anything else that is thrown fails the test. */
function outcome(body: Uint8Array): 'feed' | 'unreadable' {
  try {
    readFeed(body, { url })
    return 'feed'
  } catch (error) {
    if (error instanceof UnreadableError) return 'unreadable'
    throw error
  }
}

describe('what is no feed', () => {
  test.each([
    ['nothing', ''],
    ['white space', ' \n\t '],
    ['a page', '<!doctype html><html><head><title>x</title></head><body><p>Hello</p></body></html>'],
    ['a page in XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'],
    ['text', 'Not Found'],
    ['other JSON', '{"status":404,"items":[1,2]}'],
    ['a JSON list', '[1,2,3]'],
    [
      'a sitemap',
      '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/</loc></url></urlset>',
    ],
    ['OPML', '<opml version="2.0"><body><outline text="a"/></body></opml>'],
    ['deep JSON', '['.repeat(200_000)],
    ['deep JSON objects', '{"items":'.repeat(100_000)],
  ])('%s is refused, and said so', (_, text) => {
    expect(() => readFeed(bytes(text), { url, contentType: 'text/plain' })).toThrow(UnreadableError)
    expect(looksLikeFeed(bytes(text.slice(0, 5000)))).toBe(false)
  })

  test('a JSON Feed that was cut off is refused', () => {
    const body = bytes('{"version":"https://jsonfeed.org/version/1.1","items":[')
    expect(() => readFeed(body, { url })).toThrow(UnreadableError)
  })

  test('the message says what came, from where, and what to do', () => {
    expect(() => readFeed(bytes('<html>Oops</html>'), { url, contentType: 'text/html; charset=utf-8' })).toThrow(
      'Cannot read https://port.example/feed as a feed: expected RSS, Atom or JSON Feed, received text/html, 17 characters, ' +
        'beginning "<html>Oops</html>". Check the address, or use another kind of listing for this page.',
    )
  })
})

describe('hostile input ends soon', () => {
  const million = 1_000_000
  test.each([
    ['100,000 nested elements', wrapped('<a>'.repeat(100_000))],
    ['100,000 nested items', wrapped('<item>'.repeat(100_000))],
    ['a million end tags', wrapped('</b>'.repeat(million))],
    ['alternating tags', wrapped('<a></b>'.repeat(million))],
    ['unclosed CDATA sections', wrapped('<![CDATA['.repeat(million))],
    ['CDATA sections that end their element', wrapped(`${'<![CDATA[</title>'.repeat(million)}]]>`)],
    ['unclosed comments', wrapped('<!--'.repeat(million))],
    ['20 MB of text', wrapped(`<description>${'港'.repeat(7_000_000)}`)],
    ['20 MB of <', wrapped('<'.repeat(20_000_000))],
    ['20 MB of &', wrapped(`<description>${'&'.repeat(20_000_000)}`)],
    ['20 MB of spaces in a date', wrapped(`<pubDate>${' '.repeat(20_000_000)}x</pubDate>`)],
    [
      '20 MB of spaces in a title',
      wrapped(`<title>${' '.repeat(20_000_000)}x</title></item><item><title>${' '.repeat(1_000_000)}<b`),
    ],
    ['a tag that never ends', wrapped(`<a ${'x="1" '.repeat(million)}`)],
    ['quotes that never end', wrapped(`<description>${'<a href="'.repeat(million)}`)],
    ['escaped tags that never end', wrapped(`<description>${'&lt;a href=&quot;'.repeat(million)}`)],
    ['escaped comments that never end', wrapped(`<description>${'&lt;!--'.repeat(million)}</description>`)],
    ['escaped scripts that never end', wrapped(`<description>${'&lt;script&gt;'.repeat(200_000)}</description>`)],
    [
      'a million namespaces',
      wrapped(Array.from({ length: 100_000 }, (_, index) => `<a xmlns:p${index}="u${index}">`).join('')),
    ],
    ['two million items', bytes(`<rss><channel>${'<item/>'.repeat(2 * million)}`)],
    [
      'xml:base all the way down',
      bytes(`<feed>${'<a xml:base="x/">'.repeat(100_000)}<entry><link href="y"/></entry></feed>`),
    ],
    ['random bytes', Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 24)],
    ['a long author', wrapped(`<author>${'a@'.repeat(million)} (</author>`)],
    ['a long run of opening brackets', wrapped(`<author>${'x <'.repeat(300_000)}</author>`)],
  ])('%s', { timeout: 60_000 }, (_, body) => {
    const start = performance.now()
    expect(['feed', 'unreadable']).toContain(outcome(body))
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  test('every single byte, and every pair of the bytes that mean something', () => {
    for (let byte = 0; byte < 256; byte++) expect(outcome(Uint8Array.of(byte))).toBe('unreadable')
    const marks = [...bytes('<>&![]{}/?="\'x \0'), 0xef, 0xbb, 0xff, 0xfe, 0x80]
    for (const first of marks)
      for (const second of marks) expect(outcome(Uint8Array.of(first, second))).toBe('unreadable')
  })

  test('every beginning of a feed', () => {
    const body = bytes(
      '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title><![CDATA[港]]></title><a:b c="d"/></item></channel></rss>',
    )
    for (let length = 0; length < body.length; length++)
      expect(['feed', 'unreadable']).toContain(outcome(body.subarray(0, length)))
  })
})
