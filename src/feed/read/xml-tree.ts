import { decodeHTMLStrict } from 'entities'
import { Tokenizer } from 'htmlparser2'
import { repairCdata } from './cdata.ts'
import { QuietHandler } from './quiet-handler.ts'
import { canonicalName, namespacesOf, noNamespaces, rootNamespaces, type Namespaces } from './namespaces.ts'

/** One element of a feed. Names are in small letters, with the prefixes that everybody uses. */
export class XmlElement {
  readonly name: string
  readonly parent: XmlElement | null
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[] = []
  /** Character data directly inside, entities decoded. */
  text = ''
  #source: string
  #start: number
  #end = -1

  constructor(
    name: string,
    parent: XmlElement | null,
    attributes: Readonly<Record<string, string>>,
    source: string,
    start: number,
  ) {
    this.name = name
    this.parent = parent
    this.attributes = attributes
    this.#source = source
    this.#start = start
  }

  endAt(end: number): void {
    this.#end = end
  }

  /** The source between the tags, as received. */
  get inner(): string {
    return this.#source.slice(this.#start, this.#end === -1 ? undefined : this.#end)
  }
}

/** A parsed feed: the element that makes it one, and its items wherever they stand. */
export interface XmlTree {
  readonly feed: XmlElement | null
  readonly items: readonly XmlElement[]
}

interface OpenElement {
  readonly raw: string
  /** `null` below the depth to which elements are kept. */
  readonly element: XmlElement | null
  readonly namespaces: Namespaces
}

/** Deeper elements are markup of a text, which is taken from the source as it is. */
const MAX_DEPTH = 12
/** More than the items of a 20 MB feed have; what follows is not read. */
const MAX_ELEMENTS = 1_000_000
/** Ten times the longest feeds that are known; what follows is not read. */
const MAX_ITEMS = 100_000
const feedNames: ReadonlySet<string> = new Set(['rss', 'rdf:rdf', 'channel', 'atom:feed'])
const itemNames: ReadonlySet<string> = new Set(['item', 'atom:entry'])
const noAttributes: Readonly<Record<string, string>> = {}

/**
 * Collects what the tokenizer finds into elements. Never fails: end tags close up to their start tag or are passed
 * over, an item ends where the next one begins, what is open at the end ends there.
 */
class TreeBuilder extends QuietHandler {
  feed: XmlElement | null = null
  readonly items: XmlElement[] = []
  readonly #source: string
  readonly #open: OpenElement[] = []
  /** How many elements of a name are open: an end tag without a start tag costs nothing. */
  readonly #openCounts = new Map<string, number>()
  #openItem = -1
  #elements = 0
  #tag = ''
  #attributes: Record<string, string> = noAttributes
  #attribute = ''
  #value = ''

  constructor(source: string) {
    super()
    this.#source = source
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#source.slice(start, end)
    this.#attributes = noAttributes
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#source.slice(start, end).toLowerCase()
    this.#value = ''
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#source.slice(start, end)
  }

  onattribend(): void {
    if (this.#attributes === noAttributes) this.#attributes = {}
    this.#attributes[this.#attribute] ??= decodeText(this.#value)
  }

  onopentagend(end: number): void {
    this.#enter(end + 1)
  }

  onselfclosingtag(end: number): void {
    this.#enter(end + 1)
    this.#leave(end + 1)
  }

  onclosetag(start: number, end: number): void {
    const raw = this.#source.slice(start, end)
    if (!this.#openCounts.get(raw)) return
    while (this.#open.length > 0 && this.#leave(start - 2) !== raw);
  }

  ontext(start: number, end: number): void {
    const element = this.#open.at(-1)?.element
    if (element) element.text += decodeText(this.#source.slice(start, end))
  }

  oncdata(start: number, end: number, endOffset: number): void {
    const element = this.#open.at(-1)?.element
    if (element) element.text += this.#source.slice(start, end - endOffset)
  }

  #enter(start: number): void {
    const outer = this.#open.at(-1)
    const namespaces = this.#scope(outer)
    const name = canonicalName(namespaces, this.#tag)
    const isItem = itemNames.has(name)
    if (isItem && this.#openItem !== -1) this.#leaveItem(start)
    const parent = this.#open.at(-1)?.element ?? null
    const keep =
      this.#open.length < MAX_DEPTH && this.#elements < MAX_ELEMENTS && (this.#open.length === 0 || parent !== null)
    const element = keep ? new XmlElement(name, parent, this.#attributes, this.#source, start) : null
    if (element) {
      this.#elements++
      parent?.children.push(element)
      if (this.feed === null && feedNames.has(name)) this.feed = element
      if (isItem && this.items.length < MAX_ITEMS) {
        this.items.push(element)
        this.#openItem = this.#open.length
      }
    }
    this.#open.push({ raw: this.#tag, element, namespaces })
    this.#openCounts.set(this.#tag, (this.#openCounts.get(this.#tag) ?? 0) + 1)
  }

  #scope(outer: OpenElement | undefined): Namespaces {
    if (!outer) return rootNamespaces(namespacesOf(noNamespaces(), this.#attributes), this.#tag)
    return this.#open.length < MAX_DEPTH ? namespacesOf(outer.namespaces, this.#attributes) : outer.namespaces
  }

  #leaveItem(end: number): void {
    const depth = this.#openItem
    while (this.#open.length > depth) this.#leave(end)
  }

  #leave(end: number): string {
    const left = this.#open.pop()
    if (!left) return ''
    left.element?.endAt(end)
    if (this.#open.length <= this.#openItem) this.#openItem = -1
    this.#openCounts.set(left.raw, (this.#openCounts.get(left.raw) ?? 1) - 1)
    return left.raw
  }
}

const reference = /&[#a-z]/i

/** Entities of XML and, since feeds use them undeclared, of HTML; a lone `&` stays. */
export function decodeText(text: string): string {
  return text.includes('&') && reference.test(text) ? decodeHTMLStrict(text) : text
}

/** The elements of an XML text, however broken it is. Linear in its length. */
export function parseXml(text: string): XmlTree {
  const source = repairCdata(text)
  const builder = new TreeBuilder(source)
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: false }, builder)
  tokenizer.write(source)
  tokenizer.end()
  return { feed: builder.feed, items: builder.items }
}
