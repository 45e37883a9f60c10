import { describe, expect, test } from 'vitest'
import { parseHtml } from '../../src/article/parse-html.ts'

const htmlOf = (html: string) => parseHtml(html).$.html()

describe('parsing', () => {
  test.each([
    ['a paragraph ends where a block begins', '<p>a<div>b</div>', '<p>a</p><div>b</div>'],
    ['a paragraph ends through inline elements', '<p><span>a<div>b</div>', '<p><span>a</span></p><div>b</div>'],
    ['list items end each other', '<ul><li>a<li>b</ul>', '<ul><li>a</li><li>b</li></ul>'],
    [
      'items of an inner list leave the outer item open',
      '<ul><li>a<ul><li>b</ul>c</ul>',
      '<ul><li>a<ul><li>b</li></ul>c</li></ul>',
    ],
    [
      'cells and rows end each other',
      '<table><tr><td>a<td>b<tr><td>c</table>',
      '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>',
    ],
    [
      'an end tag does not reach out of a cell',
      '<div><table><tr><td>a</div>b</td></tr></table>c</div>',
      '<div><table><tr><td>ab</td></tr></table>c</div>',
    ],
    [
      'a block is not closed by a stray inline end',
      '<div><span><div>a</span>b</div></div>',
      '<div><span><div>ab</div></span></div>',
    ],
    ['links do not nest', '<a href="x">a<a href="y">b</a>', '<a href="x">a</a><a href="y">b</a>'],
    [
      'a misnested link ends before the rest of the block',
      '<a href="x"><div>a</a>b</div>',
      '<a href="x"></a><div><a href="x">a</a>b</div>',
    ],
    [
      'text after the end of the body belongs to the body',
      '<html><body>a</body></html>b',
      '<html><body>ab</body></html>',
    ],
    ['a second body is the first one', '<body class="a">x<body id="b">y', '<body class="a" id="b">xy</body>'],
    ['a fragment stays one', 'Title\n<div>a</div>', 'Title\n<div>a</div>'],
  ])('%s', (_name, html, expected) => {
    expect(htmlOf(html)).toBe(expected)
  })

  test('comments and declarations end where browsers end them, whole or cut off', () => {
    expect(htmlOf('<!><p>a<!--><!---></p><!-- b --><![if x]>c<?php d ?><!DOCTYPE x')).toBe('<p>a</p>c')
  })

  test('raw text ends at its own end tag only', () => {
    expect(htmlOf('<script>a<b</scripts></script >c<textarea><p></TEXTAREA>')).toBe(
      '<script>a<b</scripts></script>c<textarea>&lt;p&gt;</textarea>',
    )
  })

  test('only the attributes that are asked for are kept', () => {
    const { $ } = parseHtml('<P CLASS=a data-x="1" Title=\'b\'>c</P>', { attributes: new Set(['class', 'title']) })
    expect($.html()).toBe('<p class="a" title="b">c</p>')
  })

  test('entities are resolved in text and in attributes', () => {
    const { $ } = parseHtml('<p title="a&amp;b&#x4e2d;">&lt;&amp;&nbsp;&#x4e2d;&copy</p>')
    expect($('p').text()).toBe('<&\u00a0中©')
    expect($('p').attr('title')).toBe('a&b中')
  })

  test('nesting is capped and nothing of the text is lost', () => {
    const { $, warnings } = parseHtml(`${'<div>'.repeat(100_000)}deep${'</div>'.repeat(100_000)}<p>after</p>`)
    expect($('p').text()).toBe('after')
    expect($.root().text()).toContain('deep')
    expect(warnings).toHaveLength(1)
    let depth = 0
    for (let node = $('div').last().parent(); node.length > 0; node = node.parent()) depth++
    expect(depth).toBeLessThan(300)
  })

  test('a page of 20 MB is cut, and that is said', () => {
    const { warnings } = parseHtml('<p>text</p>'.repeat(2_000_000))
    expect(warnings.length).toBeGreaterThan(0)
  })
})
