import { decodeHTMLAttribute } from 'entities'
import { Tokenizer } from 'htmlparser2'
import { escapeXml } from '../xml-text.ts'
import { toUri } from './uri.ts'

/** The commonest first: they are tried in this order, thousands of times a feed. */
const elements =
  'p a b br div span strong em li ul ol td tr th img table tbody i u s q hr h1 h2 h3 h4 h5 h6 figure figcaption blockquote pre code thead tfoot section article abbr address aside audio bdi bdo caption center cite col colgroup dd del details dfn dl dt font footer header ins kbd main mark nav picture rp rt ruby samp small source strike sub summary sup time tt var video wbr'
const links = 'href src cite poster'
const texts =
  'alt title width height align abbr colspan controls datetime dir headers hreflang lang rel reversed rowspan scope span start type value'

const allowedElements: ReadonlySet<string> = new Set(elements.split(' '))
const linkAttributes: ReadonlySet<string> = new Set(links.split(' '))
const textAttributes: ReadonlySet<string> = new Set(texts.split(' '))
const voidElements: ReadonlySet<string> = new Set(['br', 'col', 'hr', 'img', 'source', 'wbr'])

/** Elements whose content is not for reading. */
const unseenElements: ReadonlySet<string> = new Set(
  'applet frameset head iframe math noembed noframes object script select style svg template textarea title xmp'.split(
    ' ',
  ),
)

function anyOf(names: string): string {
  return `(?:${names.split(' ').join('|')})`
}

const entity = '&(?:[A-Za-z][A-Za-z0-9]*|#\\d+|#x[\\dA-Fa-f]+);'
/** Attributes as `cleanContent` writes them: known ones, in double quotes, links absolute URIs. */
const attribute =
  ` ${anyOf(links)}="https?://(?:[!#-%'-;=?-[\\]_a-z~]|${entity})*"|` +
  ` ${anyOf(texts)}="(?:[\\t\\n\\r !#-%'-;=?-~\\xa0-\\ud7ff\\ue000-\\ufffc]|${entity})*"`
const clean = new RegExp(
  "(?:[\\t\\n\\r -%'-;=-~\\xa0-\\ud7ff\\ue000-\\ufffc]+|" +
    `</?${anyOf(elements)}(?:${attribute})*\\s?/?>|${entity}|[\\ud800-\\udbff][\\udc00-\\udfff])*`,
  'y',
)

/** Longer texts would need more memory to match than V8 gives a regular expression; they are cleaned without a look. */
const MATCHABLE_LENGTH = 200_000

/**
 * Whether HTML may be published as it is: no character that XML forbids, only known elements and attributes, every link
 * an absolute URI. One pass, since it is most of what writing a feed costs.
 */
export function isClean(html: string): boolean {
  if (html.length > MATCHABLE_LENGTH) return false
  clean.lastIndex = 0
  return clean.test(html) && clean.lastIndex === html.length
}

const lone = /<|&(?!(?:[a-z][a-z0-9]*|#\d+|#x[\da-f]+);)/gi

/** Text of HTML in which every `&` begins a reference. */
function escapeStray(text: string): string {
  return text.replace(lone, (char) => (char === '<' ? '&lt;' : '&amp;'))
}

/** Writes what the tokenizer finds, without what feeds may not have; start and end tags of the output match. */
class ContentCleaner {
  readonly #html: string
  readonly #base: string | null
  readonly #open: string[] = []
  readonly #openCounts = new Map<string, number>()
  readonly #output: string[] = []
  /** The unseen element that is open, and how many of its name are. */
  #unseen = ''
  #unseenDepth = 0
  #tag = ''
  #attributes = ''
  #hasLink = false
  #attribute = ''
  #value = ''

  constructor(html: string, base: string | null) {
    this.#html = html
    this.#base = base
  }

  get output(): string {
    for (let name = this.#open.pop(); name !== undefined; name = this.#open.pop()) this.#output.push(`</${name}>`)
    return this.#output.join('')
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#html.slice(start, end).toLowerCase()
    this.#attributes = ''
    this.#hasLink = false
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase()
    this.#value = ''
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end)
  }

  onattribend(): void {
    const name = this.#attribute
    if (linkAttributes.has(name)) {
      const link = this.#link(decodeHTMLAttribute(this.#value))
      if (link === null) return
      this.#hasLink = true
      this.#attributes += ` ${name}="${escapeXml(link)}"`
    } else if (textAttributes.has(name)) {
      this.#attributes += ` ${name}="${escapeXml(decodeHTMLAttribute(this.#value))}"`
    }
  }

  #link(link: string): string | null {
    if (this.#attribute === 'href' && /^\s*(?:mailto|tel):[!-~]+\s*$/i.test(link)) return link.trim()
    if (this.#attribute === 'src' && /^data:image\/[a-z+]+;base64,[\w+/=]+$/i.test(link)) return link
    // A place in the same text has no address that holds in every reader.
    return link.trim().startsWith('#') ? null : toUri(link, this.#base)
  }

  onopentagend(): void {
    const name = this.#tag
    if (this.#unseen !== '') {
      if (name === this.#unseen) this.#unseenDepth++
    } else if (unseenElements.has(name)) {
      this.#unseen = name
      this.#unseenDepth = 1
    } else if (allowedElements.has(name) && (name !== 'img' || this.#hasLink)) {
      this.#output.push(`<${name}${this.#attributes}>`)
      if (voidElements.has(name)) return
      this.#open.push(name)
      this.#openCounts.set(name, (this.#openCounts.get(name) ?? 0) + 1)
    }
  }

  onselfclosingtag(): void {
    if (!unseenElements.has(this.#tag)) this.onopentagend()
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase()
    if (this.#unseen !== '') {
      if (name === this.#unseen && --this.#unseenDepth === 0) this.#unseen = ''
      return
    }
    if (!this.#openCounts.get(name)) return
    let closed: string | undefined
    while (closed !== name && (closed = this.#open.pop()) !== undefined) {
      this.#openCounts.set(closed, (this.#openCounts.get(closed) ?? 1) - 1)
      this.#output.push(`</${closed}>`)
    }
  }

  ontext(start: number, end: number): void {
    if (this.#unseen === '') this.#output.push(escapeStray(this.#html.slice(start, end)))
  }

  onattribentity(): void {}
  ontextentity(): void {}
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}

/**
 * HTML without scripts, styles, embedded documents and unknown elements, its links absolute URIs (relative ones against
 * `base`, else dropped). For texts that `isClean` refuses; linear in their length.
 */
export function cleanContent(html: string, base: string | null): string {
  const cleaner = new ContentCleaner(html, base)
  const tokenizer = new Tokenizer({ decodeEntities: false }, cleaner)
  tokenizer.write(html)
  tokenizer.end()
  return cleaner.output
}
