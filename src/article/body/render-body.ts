import { Element, isTag, type ParentNode } from 'domhandler'
import { escapeAttribute, escapeText } from 'entities/escape'
import { absoluteUrl } from '../addresses.ts'
import { foldSpaces } from '../clean-text.ts'
import { isTracker, pictureUrl, pixels } from './pictures.ts'
import type { Leaf, Line } from './read-lines.ts'
import { cellsOf, rowsOf, type Tables } from './tables.ts'

const markNames: Readonly<Record<string, string>> = {
  strong: 'strong',
  b: 'strong',
  em: 'em',
  i: 'em',
  u: 'u',
  sub: 'sub',
  sup: 'sup',
  code: 'code',
}
const structureNames = new Set(['ul', 'ol', 'li', 'blockquote', 'pre', 'figure', 'figcaption'])
/** Elements that hold text without a paragraph of its own. */
const plainHolders = new Set(['li', 'pre', 'figcaption'])

interface Mark {
  readonly element: ParentNode
  readonly open: string
  readonly close: string
}

function markOf(element: Element, base: string): Mark | null {
  if (element.name === 'a') {
    const url = absoluteUrl(element.attribs['href'], base)
    return url === null ? null : { element, open: `<a href="${escapeAttribute(url)}">`, close: '</a>' }
  }
  const name = markNames[element.name]
  return name === undefined ? null : { element, open: `<${name}>`, close: `</${name}>` }
}

/** Emphasis that the whole of a heading has anyway is left out. */
function marksOf(leaf: Leaf, line: Line, base: string): Mark[] {
  const found: Mark[] = []
  for (let node = leaf.parent; node && node !== line.block; node = node.parent) {
    const mark = isTag(node) ? markOf(node, base) : null
    if (mark && !found.some(({ open }) => open === mark.open)) found.unshift(mark)
  }
  return found
}

function pictureHtml(image: Element, base: string): string {
  const url = pictureUrl(image, base)
  if (url === null || isTracker(image)) return ''
  const size = (['width', 'height'] as const)
    .map((name) => [name, pixels(image.attribs[name])] as const)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
  return `<img src="${escapeAttribute(url)}" alt="${escapeAttribute(image.attribs['alt'] ?? '')}"${size}>`
}

/** The line's text with its links, emphasis and pictures, as HTML. */
function inlineHtml(line: Line, base: string): string {
  let html = ''
  let open: readonly Mark[] = []
  const closeTo = (length: number) => {
    for (const mark of open.slice(length).toReversed()) html += mark.close
  }
  for (const leaf of line.leaves) {
    const inner = leaf instanceof Element ? pictureHtml(leaf, base) : escapeText(foldSpaces(leaf.data))
    if (inner === '') continue
    const wanted = inner === ' ' ? open : marksOf(leaf, line, base)
    let same = 0
    while (same < open.length && same < wanted.length && open[same]?.element === wanted[same]?.element) same++
    closeTo(same)
    for (const mark of wanted.slice(same)) html += mark.open
    open = wanted
    html += html.endsWith(' ') ? inner.trimStart() : inner
  }
  closeTo(0)
  return html.replace(/^(?:\s|(<[a-z]+[^>]*>)\s+)+/, (start) => start.replace(/\s+$/, '')).trim()
}

function structureOf(line: Line, root: ParentNode | null): readonly Element[] {
  const path: Element[] = []
  for (let node: ParentNode | null = line.block; node && node !== root; node = node.parent) {
    if (isTag(node) && structureNames.has(node.name)) path.unshift(node)
  }
  // A list item without its list is a paragraph.
  const list = path.findIndex((element) => element.name === 'ul' || element.name === 'ol')
  return path.filter((element, i) => element.name !== 'li' || (list >= 0 && list < i))
}

class BodyWriter {
  readonly #root: ParentNode | null
  readonly #base: string
  readonly #tables: Tables
  #html = ''
  #open: readonly Element[] = []
  #holdsText = false

  constructor(root: ParentNode | null, base: string, tables: Tables) {
    this.#root = root
    this.#base = base
    this.#tables = tables
  }

  #moveTo(path: readonly Element[]): void {
    let same = 0
    while (same < this.#open.length && same < path.length && this.#open[same] === path[same]) same++
    if (same < this.#open.length || same < path.length) this.#holdsText = false
    for (const element of this.#open.slice(same).toReversed())
      this.#html += `</${element.name}>${element.name === 'li' ? '' : '\n'}`
    for (const element of path.slice(same)) this.#html += `<${element.name}>`
    this.#open = path
  }

  line(line: Line): void {
    const inner = inlineHtml(line, this.#base)
    if (inner === '') return
    const path = structureOf(line, this.#root)
    this.#moveTo(path)
    if (plainHolders.has(path.at(-1)?.name ?? '')) {
      const parting = path.at(-1)?.name === 'pre' ? '\n' : '<br>'
      this.#html += `${this.#holdsText ? parting : ''}${inner}`
      this.#holdsText = true
      return
    }
    const name = line.heading > 0 ? `h${line.heading}` : 'p'
    this.#html += `<${name}>${inner}</${name}>\n`
  }

  table(table: Element, lines: readonly Line[]): void {
    this.#moveTo([])
    const byCell = new Map<Element, Line[]>()
    for (const line of lines) {
      const cell = this.#tables.cellOf(line)?.cell
      const known = cell && byCell.get(cell)
      if (known) known.push(line)
      else if (cell) byCell.set(cell, [line])
    }
    this.#html += '<table>'
    for (const row of rowsOf(table)) {
      const cells = cellsOf(row).map((cell) => {
        const spans = ['colspan', 'rowspan'].map((name) =>
          /^\d{1,3}$/.test(cell.attribs[name] ?? '') ? ` ${name}="${cell.attribs[name]}"` : '',
        )
        const inner = (byCell.get(cell) ?? []).map((line) => inlineHtml(line, this.#base)).join('<br>')
        return { filled: inner !== '', html: `<${cell.name}${spans.join('')}>${inner}</${cell.name}>` }
      })
      if (cells.some(({ filled }) => filled)) this.#html += `<tr>${cells.map(({ html }) => html).join('')}</tr>`
    }
    this.#html += '</table>\n'
  }

  end(): string {
    this.#moveTo([])
    return this.#html
  }
}

/** The lines as HTML: paragraphs, headings, lists, quotes, figures, tables of data; not yet sanitised. */
export function renderBody(lines: readonly Line[], root: ParentNode | null, base: string, tables: Tables): string {
  const writer = new BodyWriter(root, base, tables)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (!line) continue
    const table = tables.cellOf(line)?.table
    if (!table) {
      writer.line(line)
      continue
    }
    let end = i
    while (end < lines.length && lines[end] && tables.cellOf(lines[end] ?? line)?.table === table) end++
    writer.table(table, lines.slice(i, end))
    i = end - 1
  }
  return writer.end()
}
