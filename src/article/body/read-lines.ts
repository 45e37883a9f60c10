import { type ChildNode, type Document, Element, Text } from 'domhandler'
import { isBlockName, isHeadingName } from '../html-names.ts'
import { invisibleOrSpace, oneLine } from '../clean-text.ts'

/** A piece of a line: text, or a picture between texts. */
export type Leaf = Text | Element

/** What a reader of the page sees as one line or paragraph, whatever markup carries it. */
export interface Line {
  readonly index: number
  readonly text: string
  /** How much there is to read: one for a CJK character, about a third of that for a Latin letter. */
  readonly weight: number
  /** How much of `weight` is inside of links. */
  readonly linkWeight: number
  readonly links: number
  /** Marks that only running text has: 。，；！？ and their Latin equivalents. */
  readonly marks: number
  readonly leaves: readonly Leaf[]
  /** The innermost block element that holds the line. */
  readonly block: Element | Document
  /** 1 to 6 inside of a heading, else 0. */
  readonly heading: number
  /** Not shown until a script does so, or never. */
  readonly hidden: boolean
}

/** An element and the lines that it holds: those from `from` up to but not including `to`. */
export interface Span {
  readonly element: Element
  readonly from: number
  readonly to: number
}

export interface PageLines {
  readonly root: Document | Element
  readonly lines: readonly Line[]
  /** Inner elements come before outer ones. */
  readonly spans: readonly Span[]
  readonly spanOf: ReadonlyMap<Element, Span>
}

/** Elements whose content is never read as text. */
const unread = new Set(
  'script style template svg math object embed applet audio video canvas iframe frame noembed noframes head select option datalist button input textarea map area noscript dialog'.split(
    ' ',
  ),
)

const blockDisplay = /(?:^|;)\s*display\s*:\s*(?:block|flex|grid|table|list-item|table-row|table-cell)/i
const noDisplay = /(?:^|;)\s*display\s*:\s*none/i

/** Whether the element stands on lines of its own. */
export function isBlock(element: Element): boolean {
  if (isBlockName(element.name) || element.name === 'section') return true
  const style = element.attribs['style']
  return style !== undefined && blockDisplay.test(style)
}

/** Whether the element is not shown as it comes. */
export function isHidden(element: Element): boolean {
  const { style, hidden } = element.attribs
  return hidden !== undefined || (style !== undefined && noDisplay.test(style))
}

const marks = /[。，；！？：、]|[,.;!?](?=[\s"'”’)]|$)/g

/** Kana, ideographs, compatibility ideographs, hangul, and the surrogates of rarer ideographs. */
const isWide = (code: number) =>
  code >= 0x3040 &&
  (code < 0x3100 ||
    (code >= 0x3400 && code < 0xe000 && (code < 0xa000 || code >= 0xac00)) ||
    (code >= 0xf900 && code < 0xfb00))

/** How much there is to read: one for a CJK character, a third of that for any other letter. */
export function weightOf(text: string): number {
  let wide = 0
  for (let i = 0; i < text.length; i++) if (isWide(text.charCodeAt(i))) wide++
  return wide + (text.length - wide) * 0.35
}

interface State {
  readonly block: Element | Document
  readonly heading: number
  readonly hidden: boolean
  readonly link: Element | null
  readonly preformatted: boolean
  readonly isRoot: boolean
}

/** No paragraph is longer; patterns that run over megabytes at once exhaust the stack of the engine. */
const longestLine = 20_000

function partsOf(data: string, preformatted: boolean): readonly string[] {
  if (data.length <= longestLine) return preformatted && data.includes('\n') ? data.split('\n') : [data]
  const chunks: string[] = []
  for (let i = 0; i < data.length; i += longestLine) chunks.push(data.slice(i, i + longestLine))
  return preformatted ? chunks.flatMap((chunk) => chunk.split('\n')) : chunks
}

class LineReader {
  readonly lines: Line[] = []
  readonly spans: Span[] = []
  #leaves: Leaf[] = []
  #text = ''
  #linkText = ''
  #links = 0
  #lastLink: Element | null = null
  #state: State
  readonly #withHidden: boolean

  constructor(state: State, withHidden: boolean) {
    this.#state = state
    this.#withHidden = withHidden
  }

  #flush(state: State): void {
    if (this.#leaves.length > 0) {
      const text = oneLine(this.#text)
      if (text !== '' || this.#leaves.some((leaf) => leaf instanceof Element)) {
        const weight = weightOf(text)
        this.lines.push({
          index: this.lines.length,
          text,
          weight,
          linkWeight: this.#linkText === this.#text ? weight : weightOf(oneLine(this.#linkText)),
          links: this.#links,
          marks: text.match(marks)?.length ?? 0,
          leaves: this.#leaves,
          block: this.#state.block,
          heading: this.#state.heading,
          hidden: this.#state.hidden && !this.#withHidden,
        })
      }
    }
    this.#leaves = []
    this.#text = ''
    this.#linkText = ''
    this.#links = 0
    this.#lastLink = null
    this.#state = state
  }

  #addText(node: Text, state: State): void {
    if (this.#text.length > longestLine) this.#flush(state)
    if (node.data.length <= longestLine && !state.preformatted) return this.#addPart(node, state)
    const parts = partsOf(node.data, state.preformatted)
    for (const [i, part] of parts.entries()) {
      if (i > 0) this.#flush(state)
      this.#addPart(parts.length === 1 ? node : new Text(part), state)
    }
  }

  #addPart(node: Text, state: State): void {
    if (this.#leaves.length === 0) {
      if (invisibleOrSpace(node.data)) return
      this.#state = state
    }
    this.#leaves.push(node)
    this.#text += node.data
    if (state.link) {
      this.#linkText += node.data
      if (state.link !== this.#lastLink) this.#links++
      this.#lastLink = state.link
    }
  }

  read(nodes: readonly ChildNode[], state: State): void {
    for (const node of nodes) {
      if (node instanceof Text) this.#addText(node, state)
      else if (node instanceof Element) this.#readElement(node, state)
    }
  }

  #readElement(element: Element, state: State): void {
    const { name } = element
    if (name === 'br' || name === 'hr') return this.#flush(state)
    if (name === 'img') {
      if (this.#leaves.length === 0) this.#state = state
      this.#leaves.push(element)
      return
    }
    if (unread.has(name)) return
    const block = isBlock(element)
    if (block) this.#flush(state)
    const from = this.lines.length
    this.read(element.children, inside(element, state, block))
    if (block) this.#flush(state)
    if (this.lines.length > from) this.spans.push({ element, from, to: this.lines.length })
  }

  end(): void {
    this.#flush(this.#state)
  }
}

function inside(element: Element, state: State, block: boolean): State {
  const { name } = element
  // Most inline elements change nothing.
  if (!block && name !== 'a' && !state.preformatted && !isHidden(element)) return state
  return {
    block: block ? element : state.block,
    heading: isHeadingName(name) ? Number(name[1]) : state.heading,
    hidden: state.hidden || isHidden(element),
    link: name === 'a' && element.attribs['href'] !== undefined ? element : state.link,
    preformatted: name === 'pre' || (state.preformatted && !state.isRoot),
    isRoot: false,
  }
}

/**
 * The lines of a page or of a part of it, and which elements hold which of them.
 * `withHidden`: what is not shown counts as if it were.
 */
export function readLines(root: Document | Element, options: { readonly withHidden?: boolean } = {}): PageLines {
  const state: State = {
    block: root,
    heading: 0,
    hidden: false,
    link: null,
    // Bare text outside of any element keeps its lines: a title, then the body.
    preformatted: root.children.some((node) => node instanceof Text && node.data.trim() !== ''),
    isRoot: true,
  }
  const reader = new LineReader(state, options.withHidden === true)
  reader.read(root.children, state)
  reader.end()
  const { lines, spans } = reader
  const spanOf = new Map<Element, Span>()
  for (const span of spans) spanOf.set(span.element, span)
  return { root, lines, spans, spanOf }
}
