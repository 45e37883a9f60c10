import { Parser } from 'htmlparser2'
import { describe, expect, test } from 'vitest'
import { explainArticle, readArticle } from '../../src/article/read-article.ts'

const url = 'https://news.example/a/1.html'

/** A small generator with a seed, so that a failure can be seen again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const allowed = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote figure figcaption img a table caption thead tbody tfoot tr td th strong em b i u sub sup br pre code'.split(
    ' ',
  ),
)
const allowedAttributes = new Set([
  'href',
  'title',
  'src',
  'alt',
  'width',
  'height',
  'colspan',
  'rowspan',
  'scope',
  'start',
])

function problemsOf(html: string): string[] {
  const problems: string[] = []
  const parser = new Parser({
    onopentag(name, attributes) {
      if (!allowed.has(name)) problems.push(`<${name}>`)
      for (const [key, value] of Object.entries(attributes)) {
        if (!allowedAttributes.has(key)) problems.push(`${name} ${key}`)
        if ((key === 'href' || key === 'src') && !/^https?:\/\//.test(value)) problems.push(`${key}=${value}`)
      }
    },
  })
  parser.write(html)
  parser.end()
  if (/[\u0000-\u0008\u000b\u000e-\u001f]|\p{Surrogate}/u.test(html)) problems.push('a forbidden character')
  return problems
}

function unsoundIn(body: Uint8Array): string[] {
  const article = readArticle({ body, url, contentType: 'text/html' })
  const problems = problemsOf(article.bodyHtml)
  if (article.bodyText.split('\n').some((line) => line !== line.trim())) problems.push('an indented paragraph')
  if (!(article.confidence >= 0 && article.confidence <= 1)) problems.push(`confidence ${article.confidence}`)
  return problems
}

const pieces = [
  '<div>',
  '</div>',
  '<p>',
  '</p>',
  '<table>',
  '<tr>',
  '<td>',
  '</td>',
  '</table>',
  '<ul>',
  '<li>',
  '</ul>',
  '<a href="javascript:alert(1)">',
  '<a href="/x.pdf">',
  '</a>',
  '<img src=x onerror=alert(1)>',
  '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  '<script>alert(1)</script>',
  '<style>p{}</style>',
  '<svg><script>1</script>',
  '</svg>',
  '<math><mtext>',
  '<textarea>',
  '</textarea>',
  '<xmp>',
  '</xmp>',
  '<noscript>',
  '</noscript>',
  '<iframe srcdoc="<script>1</script>">',
  '<form action=//evil.example>',
  '<h1>',
  '</h1>',
  '<b>',
  '</b>',
  '<i>',
  '</i>',
  '<br>',
  '<font size=7>',
  '</font>',
  '<span style="display:block">',
  '</span>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '&lt;script&gt;',
  '&#0;',
  '&#xD800;',
  '&#1;',
  '&nbsp;',
  '<blockquote>',
  '</blockquote>',
  '<pre>',
  '</pre>',
  '<figure><figcaption>',
  '</figure>',
  '<a href="//evil.example">',
  '\u0000',
  '<p style="x" onclick=1>',
  '"',
  "'",
  '>',
  '<',
  '<template>',
  '</template>',
  '<base href="javascript:1">',
  '<body onload=1>',
  '<html>',
  '</html>',
  '市政府今天发布公告，调整有关办法。',
  '2019年10月31日 09:30 来源：新华社',
  '<meta name=author content="<script>">',
  '<title>',
  '</title>',
]

describe('any input', () => {
  test('random bytes are read without an error into sanitised HTML', () => {
    const random = randomFrom(20191031)
    for (let round = 0; round < 150; round++) {
      const length = Math.floor(random() * 3000)
      expect(unsoundIn(Uint8Array.from({ length }, () => Math.floor(random() * 256)))).toEqual([])
    }
  })

  test('random markup is read without an error into sanitised HTML', () => {
    const random = randomFrom(4711)
    for (let round = 0; round < 300; round++) {
      let html = ''
      for (let i = Math.floor(random() * 120); i >= 0; i--) html += pieces[Math.floor(random() * pieces.length)] ?? ''
      expect({ html, problems: unsoundIn(Buffer.from(html)) }).toEqual({ html, problems: [] })
    }
  })

  test('rules of any selector do not throw', () => {
    const body = Buffer.from('<h1>公告</h1><p>市政府今天发布公告，调整有关办法，自下月起施行。</p>')
    for (const selector of ['', '##', 'a[', ':contains(', '*', 'p:nth-child(99999999)', ':has(:has(p))']) {
      expect(() => explainArticle({ body, url }, { title: selector, body: selector, drop: [selector] })).not.toThrow()
    }
  })

  test('an address that is none does not throw', () => {
    const body = Buffer.from('<base href="::"><p><a href="x.html">市政府</a>今天发布公告，调整有关办法。</p>')
    expect(readArticle({ body, url: 'not an address' }).bodyText).toContain('今天发布公告')
  })
})

/** Generous: only an input that takes quadratic time comes near. */
const hang = 15_000

describe('large input is read in bounded time', () => {
  test.each(['div', 'span', 'b', 'ul><li', 'table><tr><td', 'blockquote', 'a href=x', 'font', 'section', 'p><i'])(
    '100,000 nested <%s>',
    (tag) => {
      const article = readArticle({
        body: Buffer.from(`<h1>公告</h1>${`<${tag}>`.repeat(100_000)}市政府今天发布公告，调整有关办法。`),
        url,
      })
      expect(problemsOf(article.bodyHtml)).toEqual([])
    },
    hang,
  )

  test.each([
    ['paragraphs', '<p>市政府今天发布公告，调整有关办法，自下月起施行。</p>'],
    ['open tags', '<a'],
    ['less-than signs', '<'],
    ['entities', '&amp;'],
    ['spaces', ' '],
    ['one long line', '市'],
    ['digits', '1'],
    ['dates', '2019-10-31 09:30 '],
    ['attributes', '<a x="'],
    ['comments', '<!--'],
    ['links', '<a href="/1">新闻</a> '],
    ['labels', '来源：作者：编辑：'],
    ['brackets', '（记者'],
    ['misnested', '<b><div></b>'],
    ['colons', '":{"'],
  ])(
    '20 MB of %s',
    (_name, piece) => {
      const body = Buffer.alloc(20_000_000, `<h1>公告</h1>`)
      body.fill(piece, 16)
      const article = readArticle({ body, url, fetchedAt: new Date('2019-11-01T00:00:00Z') })
      expect(problemsOf(article.bodyHtml)).toEqual([])
      expect(article.warnings.length).toBeGreaterThan(0)
    },
    hang,
  )
})
