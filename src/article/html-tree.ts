import { Document, Element, type ParentNode, Text } from 'domhandler'
import {
  aboutNames,
  cellHolders,
  closesParagraph,
  formattingNames,
  headNames,
  inlineBars,
  breaksOut,
  isBlockName,
  isHeadingName,
  itemBars,
  newItemBars,
  noBars,
  paragraphBars,
  rowHolders,
  scopeBars,
  tableBars,
  tableContexts,
  tableParts,
  voidNames,
} from './html-names.ts'
import { HtmlScanner, type MarkupReader } from './html-scanner.ts'

/** Browsers stop nesting at 512; real pages stay under 100. Deeper elements become siblings of the deepest one. */
const maxDepth = 256
/** The largest real article page seen has 30,000 nodes; more is an attack or a data dump. */
const maxNodes = 120_000

/**
 * Builds a DOM from HTML as browsers do it where that matters to a reader: implied ends, scopes, misnested links,
 * several bodies. Several times faster than a full parse5 and with bounded depth and size, whatever comes in.
 * The rules follow the HTML Standard, section 13.2.6 (tree construction), without fostering and scripting.
 */
export class HtmlTree implements MarkupReader {
  readonly document = new Document([])
  /** The elements by which a page speaks of itself, in their order: html, meta, title, link, base, script. */
  readonly about: Element[] = []
  /** Set when something was left out because of a limit. */
  hitDepth = false
  hitSize = false
  readonly #scanner: HtmlScanner
  readonly #stack: Element[] = []
  /** How many elements of a name are open beyond the depth limit: their end tags close nothing else. */
  readonly #beyond = new Map<string, number>()
  #body: Element | null = null
  #html: Element | null = null
  #foreign = 0
  #headAt = -1
  #nodes = 0

  /** `attributes`: the names of those that are kept; `null`: all. */
  constructor(source: string, attributes: ReadonlySet<string> | null) {
    this.#scanner = new HtmlScanner(source, this, attributes)
  }

  build(): Document {
    this.#scanner.scan()
    return this.document
  }

  text(data: string): void {
    if (this.#foreign > 0) return
    const last = this.#current.children.at(-1)
    if (last instanceof Text) last.data += data
    else if (!isIndent(data, last, this.#current)) this.#append(new Text(data))
  }

  startTag(name: string, attributes: Record<string, string>, selfClosing: boolean): void {
    this.#open(name, attributes, selfClosing && this.#foreign > 0)
  }

  endTag(name: string): void {
    if (name === 'br') this.#open('br', {}, true)
    else if (name !== 'html' && name !== 'body') this.#close(name)
  }

  get #current(): ParentNode {
    return this.#stack.at(-1) ?? this.#body ?? this.#html ?? this.document
  }

  #append(node: Element | Text): void {
    if (++this.#nodes > maxNodes) {
      this.hitSize = true
      this.#scanner.stop()
      return
    }
    appendTo(this.#current, node)
  }

  #open(name: string, attributes: Record<string, string>, closed: boolean): void {
    if ((name === 'html' || name === 'body') && this.#openRoot(name, attributes)) return
    if (this.#foreign > 0) {
      // Drawings and formulas are not read; HTML inside of one that was never closed ends it.
      if (!breaksOut(name)) return
      this.#popTo(this.#stack.findIndex((open) => open.name === 'svg' || open.name === 'math'))
    }
    this.#implyEnds(name)
    const element = new Element(name, attributes)
    this.#append(element)
    if (aboutNames.has(name)) this.about.push(element)
    // A form between the rows of a table holds no rows: browsers close it at once.
    if (closed || voidNames.has(name) || (name === 'form' && tableContexts.has(this.#topName()))) return
    if (this.#stack.length >= maxDepth) {
      this.hitDepth = true
      this.#beyond.set(name, (this.#beyond.get(name) ?? 0) + 1)
      return
    }
    this.#stack.push(element)
    if (name === 'head') this.#headAt = this.#stack.length - 1
    if (name === 'svg' || name === 'math') this.#foreign++
  }

  /** A second `<html>` or `<body>` only adds attributes to the first one. */
  #openRoot(name: 'html' | 'body', attributes: Record<string, string>): boolean {
    const first = name === 'html' ? this.#html : this.#body
    if (first) {
      for (const [key, value] of Object.entries(attributes)) first.attribs[key] ??= value
      return true
    }
    if (this.#stack.some((element) => element.name !== 'html' && element.name !== 'head')) {
      const inHead = this.#stack.findIndex((element) => element.name === 'head')
      if (inHead < 0) return true
    }
    const root = new Element(name, attributes)
    if (name === 'html') this.about.push(root)
    this.#popTo(name === 'html' ? 0 : this.#html ? 1 : 0)
    this.#append(root)
    this.#stack.push(root)
    if (name === 'html') this.#html = root
    else this.#body = root
    return true
  }

  #topName(): string {
    return this.#stack.at(-1)?.name ?? ''
  }

  #popTo(length: number): void {
    for (let i = this.#stack.length - 1; i >= length; i--) {
      const name = this.#stack[i]?.name
      if (name === 'svg' || name === 'math') this.#foreign--
    }
    this.#stack.length = Math.min(length, this.#stack.length)
    if (this.#headAt >= length) this.#headAt = -1
  }

  /** Index of the innermost open element of that name, not looking past one that bars; -1 when there is none. */
  #find(wanted: string, bars: ReadonlySet<string>): number {
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const name = this.#stack[i]?.name ?? ''
      if (name === wanted) return i
      if (bars.has(name)) return -1
    }
    return -1
  }

  #closeThrough(wanted: string, bars: ReadonlySet<string>): void {
    const at = this.#find(wanted, bars)
    if (at >= 0) this.#popTo(at)
  }

  #implyEnds(name: string): void {
    if (this.#headAt >= 0 && !headNames.has(name) && this.#topName() !== 'noscript') this.#popTo(this.#headAt)
    if (tableParts.has(name)) return this.#implyTableEnds(name)
    if (closesParagraph(name)) this.#closeThrough('p', paragraphBars)
    if (name === 'li') this.#closeThrough('li', newItemBars)
    else if (name === 'dd' || name === 'dt') {
      this.#closeThrough('dd', newItemBars)
      this.#closeThrough('dt', newItemBars)
    } else if (name === 'a') {
      if (this.#find('a', scopeBars) >= 0) this.#closeFormatting('a')
    } else if (isHeadingName(name) && isHeadingName(this.#topName())) this.#popTo(this.#stack.length - 1)
    else if (name === 'option' && this.#topName() === 'option') this.#popTo(this.#stack.length - 1)
    else if (name === 'table' && tableContexts.has(this.#topName())) this.#close('table')
  }

  #implyTableEnds(name: string): void {
    const holders = name === 'td' || name === 'th' ? cellHolders : name === 'tr' ? rowHolders : tableBars
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const open = this.#stack[i]?.name ?? ''
      if (holders.has(open)) return this.#popTo(i + 1)
      if (open === 'template') return
    }
  }

  #close(name: string): void {
    const beyond = this.#beyond.get(name)
    if (beyond !== undefined && beyond > 0) this.#beyond.set(name, beyond - 1)
    else if (formattingNames.has(name)) this.#closeFormatting(name)
    else this.#closeThrough(name, barsOf(name))
  }

  /**
   * The adoption agency, shortened: an inline element that is closed while a block inside it is open ends before that
   * block, and what the block holds so far is wrapped in a copy of it.
   */
  #closeFormatting(name: string): void {
    const at = this.#find(name, scopeBars)
    const formatting = this.#stack[at]
    if (!formatting) return
    const blockAt = this.#stack.findIndex((open, i) => i > at && isBlockName(open.name))
    const block = this.#stack[blockAt]
    if (!block) return this.#popTo(at)
    const copy = new Element(name, { ...formatting.attribs })
    const children = [...block.children]
    block.children = []
    for (const child of children) appendTo(copy, child)
    detach(block)
    appendTo(formatting.parent ?? this.document, block)
    // Where the open tail of the stack lies inside the block, wrapping would put the parser inside the copy.
    appendTo(block, copy)
    this.#stack.splice(at, blockAt - at)
  }
}

/** White space between blocks, by which sources are laid out: a third of the nodes of many pages. */
function isIndent(data: string, last: ParentNode['children'][number] | undefined, parent: ParentNode): boolean {
  const isBetween =
    last instanceof Element ? isBlockName(last.name) : parent instanceof Element && isBlockName(parent.name)
  if (!isBetween) return false
  for (let i = 0; i < data.length; i++) {
    const code = data.charCodeAt(i)
    if (code !== 0x20 && (code < 0x09 || code > 0x0d)) return false
  }
  return parent instanceof Element && parent.name !== 'pre' && parent.name !== 'textarea'
}

/** What an end tag of that name does not reach out of. */
function barsOf(name: string): ReadonlySet<string> {
  if (name === 'p') return paragraphBars
  if (name === 'li') return itemBars
  if (name === 'table') return noBars
  if (tableParts.has(name)) return tableBars
  return isBlockName(name) ? scopeBars : inlineBars
}

function appendTo(parent: ParentNode, node: ParentNode['children'][number]): void {
  const last = parent.children.at(-1)
  node.parent = parent
  node.prev = last ?? null
  node.next = null
  if (last) {
    last.next = node
    parent.children.push(node)
  } else {
    // Most elements have one child; an array that grows keeps room for sixteen more.
    parent.children = [node]
  }
}

/** Only ever called on a last child or near it: the search from the end is short. */
function detach(node: Element): void {
  const siblings = node.parent?.children
  const at = siblings?.lastIndexOf(node) ?? -1
  if (siblings && at >= 0) siblings.splice(at, 1)
  if (node.prev) node.prev.next = node.next
  if (node.next) node.next.prev = node.prev
  node.parent = null
  node.prev = null
  node.next = null
}
