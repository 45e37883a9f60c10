import { DecodingMode, EntityDecoder, fromCodePoint, htmlDecodeTree } from 'entities/decode'
import { knownAttribute, knownName } from './html-names.ts'

/** What a scanner tells of a page, in its order. Names are in small letters. */
export interface MarkupReader {
  text(data: string): void
  startTag(name: string, attributes: Record<string, string>, selfClosing: boolean): void
  endTag(name: string): void
}

const tab = 0x09
const lineFeed = 0x0a
const formFeed = 0x0c
const carriageReturn = 0x0d
const space = 0x20
const exclamation = 0x21
const doubleQuote = 0x22
const singleQuote = 0x27
const slash = 0x2f
const lessThan = 0x3c
const equals = 0x3d
const greaterThan = 0x3e
const question = 0x3f

const isSpace = (code: number) =>
  code === space || code === lineFeed || code === tab || code === carriageReturn || code === formFeed

const isLetter = (code: number) => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)

/** Elements whose content is text up to their own end tag, whatever it looks like. */
const rawNames = new Set(['script', 'style', 'title', 'textarea', 'xmp'])

const maxAttributes = 100

/**
 * Splits HTML into text and tags, well-formed or not, in one pass. It follows the HTML Standard, section 13.2.5
 * (tokenization), without scripting; comments, declarations and CDATA sections are passed over, since they say nothing to
 * a reader. A tag that the page ends in is left out. What a general tokenizer decides character by character, this one
 * decides by whole names, values and texts, which is twice as fast.
 */
export class HtmlScanner {
  readonly #source: string
  readonly #reader: MarkupReader
  readonly #kept: ReadonlySet<string> | null
  readonly #decoder: EntityDecoder
  #decoded = ''
  /** Where the next reference may begin; one is looked for only when what is read has come that far. */
  #nextReference = -1
  #stopped = false
  /** Set by the tag that was read last: the element whose content is raw, and where reading goes on. */
  #raw = ''
  #attributes: Record<string, string> = {}
  #attributeCount = 0

  /** `kept`: the names of the attributes that are told; `null`: all. */
  constructor(source: string, reader: MarkupReader, kept: ReadonlySet<string> | null) {
    this.#source = source
    this.#reader = reader
    this.#kept = kept
    this.#decoder = new EntityDecoder(htmlDecodeTree, (codePoint) => {
      this.#decoded += fromCodePoint(codePoint)
    })
  }

  /** Nothing more is told after the current call. */
  stop(): void {
    this.#stopped = true
  }

  scan(): void {
    const source = this.#source
    const { length } = source
    let from = 0
    let at = 0
    while (at < length && !this.#stopped) {
      if (source.charCodeAt(at) !== lessThan) {
        at++
        continue
      }
      if (at > from) this.#text(from, at)
      from = at
      const end = this.#markup(at)
      // What only looks like markup is text.
      if (end < 0) at++
      else {
        from = this.#raw === '' ? end : this.#rawText(end, this.#raw)
        at = from
      }
    }
    if (!this.#stopped && from < length) this.#text(from, length)
  }

  /** Reads what begins at a `<`. Returns where it ends: the length of the page when it does not, -1 when it is text. */
  #markup(at: number): number {
    const next = this.#source.charCodeAt(at + 1)
    if (isLetter(next)) return this.#startTag(at + 1)
    if (next === slash) return this.#endTag(at + 2)
    if (next === exclamation) return this.#declaration(at)
    return next === question ? this.#behind('>', at + 2) : -1
  }

  #behind(end: string, from: number): number {
    const found = this.#source.indexOf(end, from)
    return found < 0 ? this.#source.length : found + end.length
  }

  #declaration(at: number): number {
    // A comment may end with the dashes that it begins with.
    if (this.#source.startsWith('--', at + 2)) return this.#behind('-->', at + 2)
    return this.#source.startsWith('[CDATA[', at + 2) ? this.#behind(']]>', at + 9) : this.#behind('>', at + 2)
  }

  #endTag(from: number): number {
    const source = this.#source
    let start = from
    while (isSpace(source.charCodeAt(start))) start++
    const first = source.charCodeAt(start)
    if (!isLetter(first)) return first === greaterThan || start >= source.length ? -1 : this.#behind('>', start)
    let end = start + 1
    for (let code = source.charCodeAt(end); code !== greaterThan && !isSpace(code); code = source.charCodeAt(end)) {
      if (end >= source.length) return end
      end++
    }
    this.#reader.endTag(knownName(source.slice(start, end)))
    return this.#behind('>', end)
  }

  #startTag(start: number): number {
    const source = this.#source
    const { length } = source
    let at = start + 1
    for (let code = source.charCodeAt(at); code !== greaterThan && code !== slash && !isSpace(code);) {
      if (at >= length) return length
      code = source.charCodeAt(++at)
    }
    const name = knownName(source.slice(start, at))
    this.#attributes = {}
    this.#attributeCount = 0
    let selfClosing = false
    while (at < length) {
      const code = source.charCodeAt(at)
      if (code === greaterThan) {
        this.#raw = !selfClosing && rawNames.has(name) ? name : ''
        this.#reader.startTag(name, this.#attributes, selfClosing)
        return at + 1
      }
      if (code === slash) selfClosing = true
      else if (!isSpace(code)) {
        selfClosing = false
        at = this.#attribute(at)
        continue
      }
      at++
    }
    return length
  }

  #attribute(start: number): number {
    const source = this.#source
    const { length } = source
    let at = start + 1
    for (let code = source.charCodeAt(at); at < length; code = source.charCodeAt(++at))
      if (code === equals || code === greaterThan || code === slash || isSpace(code)) break
    const nameEnd = at
    while (isSpace(source.charCodeAt(at))) at++
    if (source.charCodeAt(at) !== equals) {
      this.#addAttribute(start, nameEnd, 0, 0)
      return at
    }
    at++
    while (isSpace(source.charCodeAt(at))) at++
    const quote = source.charCodeAt(at)
    if (quote === doubleQuote || quote === singleQuote) {
      let end = at + 1
      while (end < length && source.charCodeAt(end) !== quote) end++
      this.#addAttribute(start, nameEnd, at + 1, end)
      return end + 1
    }
    let end = at
    for (let code = quote; end < length && code !== greaterThan && !isSpace(code);) code = source.charCodeAt(++end)
    this.#addAttribute(start, nameEnd, at, end)
    return end
  }

  #addAttribute(nameStart: number, nameEnd: number, start: number, end: number): void {
    const name = knownAttribute(this.#source.slice(nameStart, nameEnd))
    if (this.#kept && !this.#kept.has(name)) return
    // Handlers are programs, and often the longest attributes; a click may be a row's only link.
    if (name.startsWith('on') && name !== 'onclick') return
    if (this.#attributeCount >= maxAttributes || Object.hasOwn(this.#attributes, name)) return
    this.#attributes[name] = this.#valueOf(start, end)
    this.#attributeCount++
  }

  /** The end tag of a raw element ends it; without one the rest of the page is its text. */
  #rawText(from: number, name: string): number {
    this.#raw = ''
    const source = this.#source
    let end = source.indexOf('</', from)
    while (end >= 0) {
      const after = source.charCodeAt(end + 2 + name.length)
      const isEnd =
        (after === greaterThan || isSpace(after)) && knownName(source.slice(end + 2, end + 2 + name.length)) === name
      if (isEnd) break
      end = source.indexOf('</', end + 2)
    }
    const textEnd = end < 0 ? source.length : end
    if (textEnd > from) {
      if (name === 'title') this.#text(from, textEnd)
      else this.#reader.text(source.slice(from, textEnd))
    }
    if (end < 0) return textEnd
    this.#reader.endTag(name)
    return this.#behind('>', end + 2 + name.length)
  }

  #referenceFrom(at: number): number {
    if (this.#nextReference < at) {
      const found = this.#source.indexOf('&', at)
      this.#nextReference = found < 0 ? this.#source.length : found
    }
    return this.#nextReference
  }

  #text(start: number, end: number): void {
    let from = start
    for (let at = this.#referenceFrom(start); at < end;) {
      const length = this.#decode(at, DecodingMode.Legacy)
      if (length > 0) {
        if (at > from) this.#reader.text(this.#source.slice(from, at))
        this.#reader.text(this.#decoded)
        from = at + length
      }
      at = this.#referenceFrom(at + Math.max(length, 1))
    }
    if (from < end) this.#reader.text(this.#source.slice(from, end))
  }

  #valueOf(start: number, end: number): string {
    if (start === end) return ''
    let value = ''
    let from = start
    for (let at = this.#referenceFrom(start); at < end;) {
      const length = this.#decode(at, DecodingMode.Attribute)
      if (length > 0) {
        value += this.#source.slice(from, at) + this.#decoded
        from = at + length
      }
      at = this.#referenceFrom(at + Math.max(length, 1))
    }
    return value + this.#source.slice(from, end)
  }

  /** Decodes the reference that begins at an ampersand; returns how long it is, 0 when it is none. */
  #decode(at: number, mode: DecodingMode): number {
    this.#decoded = ''
    this.#decoder.startEntity(mode)
    const length = this.#decoder.write(this.#source, at + 1)
    return length < 0 ? this.#decoder.end() : length
  }
}
