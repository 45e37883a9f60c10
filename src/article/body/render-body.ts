import { Element, isTag, type ParentNode } from 'domhandler'
import { escapeText, escapeAttribute } from 'entities/escape'
import { absoluteUrl } from '../addresses.ts'
import type { Leaf, Line } from './read-lines.ts'
import { isTracker, pictureUrl } from './pictures.ts'

const marks: Readonly<Record<string, string>> = {
  a: 'a',
  strong: 'strong',
  b: 'strong',
  em: 'em',
  i: 'em',
  u: 'u',
  sub: 'sub',
  sup: 'sup',
  code: 'code',
}
const structures = new Set([
  'ul',
  'ol',
  'li',
  'blockquote',
  'pre',
  'figure',
  'figcaption',
  'table',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'td',
  'th',
  'caption',
])

interface Mark {
  readonly element: ParentNode
  readonly open: string
  readonly close: string
}

function markOf(element: Element, base: string): Mark | null {
  const name = marks[element.name]
  if (name === undefined) return null
  if (name !== 'a') return { element, open: `<${name}>`, close: `</${name}>` }
  const url = absoluteUrl(element.attribs['href'], base)
  return url === null ? null : { element, open: `<a href="${escapeAttribute(url)}">`, close: '</a>' }
}

function marksOf(leaf: Leaf, line: Line, base: string): Mark[] {
  const found: Mark[] = []
  for (let node = leaf.parent; node && node !== line.block; node = node.parent) {
    const mark = isTag(node) ? markOf(node, base) : null
    if (mark) found.unshift(mark)
  }
  return found
}

/** The line's text with its links and emphasis, as HTML. */
export function inlineHtml(line: Line, base: string): string {
  let html = ''
  let open: Mark[] = []
  const closeTo = (length: number) => {
    while (open.length > length) html += open.pop()?.close ?? ''
  }
  for (const leaf of line.leaves) {
    const inner =
      leaf instanceof Element ? pictureHtml(leaf, base) : escapeText(leaf.data.replace(/[\s\u3000\u00a0]+/g, ' '))
    if (inner === '') continue
    const wanted = marksOf(leaf, line, base)
    let same = 0
    while (same < open.length && same < wanted.length && open[same]?.element === wanted[same]?.element) same++
    closeTo(same)
    for (const mark of wanted.slice(same)) html += mark.open
    open = wanted
    html += inner
  }
  closeTo(0)
  return html.trim()
}

function pictureHtml(image: Element, base: string): string {
  const url = pictureUrl(image, base)
  if (url === null || isTracker(image)) return ''
  const alt = image.attribs['alt'] ?? ''
  return `<img src="${escapeAttribute(url)}" alt="${escapeAttribute(alt)}">`
}

function structureOf(line: Line, root: ParentNode | null): Element[] {
  const path: Element[] = []
  for (let node: ParentNode | null = line.block; node && node !== root; node = node.parent) {
    if (isTag(node) && structures.has(node.name)) path.unshift(node)
  }
  return path
}

/** The lines as HTML: paragraphs, headings, lists, quotes, tables; not yet sanitised. */
export function renderBody(lines: readonly Line[], root: ParentNode | null, base: string): string {
  let html = ''
  let open: readonly Element[] = []
  const closeTo = (length: number) => {
    for (const element of open.slice(length).toReversed()) html += `</${element.name}>`
    open = open.slice(0, length)
  }
  for (const line of lines) {
    const inner = inlineHtml(line, base)
    if (inner === '') continue
    const path = structureOf(line, root)
    let same = 0
    while (same < open.length && same < path.length && open[same] === path[same]) same++
    closeTo(same)
    for (const element of path.slice(same)) html += `<${element.name}>`
    open = path
    const name = line.heading > 0 ? `h${line.heading}` : 'p'
    html += `<${name}>${inner}</${name}>\n`
  }
  closeTo(0)
  return html
}
