/** An element that was parsed by the letter of XML 1.0 and Namespaces in XML. */
export interface StrictElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: StrictElement[]
  text: string
}

const allowed = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const name = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y
const references = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function fail(text: string, at: number, why: string): never {
  throw new Error(`Not well-formed at ${at}: ${why}: ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 40))}`)
}

function decode(text: string, at: number): string {
  return text.replace(/&([^;]*;?)/g, (_, reference: string) => {
    const number = /^#(?:x([\da-fA-F]+)|(\d+));$/.exec(reference)
    if (number) {
      const char = String.fromCodePoint(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]))
      return allowed.test(char) ? char : fail(text, at, `forbidden character reference &${reference}`)
    }
    return references.get(reference.slice(0, -1)) ?? fail(text, at, `unknown entity &${reference}`)
  })
}

/** Takes a document apart and refuses whatever the standards refuse; DTDs too, since no feed of ours has one. */
export function parseStrictXml(text: string): StrictElement {
  if (!allowed.test(text)) fail(text, text.search(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/), 'forbidden character')
  const document: StrictElement = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [{ element: document, prefixes: new Set(['', 'xml']) }]
  let at = 0
  const take = (pattern: RegExp, what: string): RegExpExecArray => {
    const sticky = new RegExp(pattern.source, 'y')
    sticky.lastIndex = at
    const match = sticky.exec(text) ?? fail(text, at, `expected ${what}`)
    at = sticky.lastIndex
    return match
  }
  take(/<\?xml version="1\.0" encoding="UTF-8"\?>/, 'an XML declaration')
  while (at < text.length) {
    const top = open.at(-1) ?? fail(text, at, 'text after the root')
    if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at)
      if (end === -1 || open.length === 1) fail(text, at, 'CDATA section out of place')
      top.element.text += text.slice(at + 9, end)
      at = end + 3
    } else if (text.startsWith('</', at)) {
      const ended = take(/<\/([^\s>]+)\s*>/, 'an end tag')[1]
      if (ended !== top.element.name) fail(text, at, `</${ended}> ends <${top.element.name}>`)
      open.pop()
    } else if (text[at] === '<') {
      at++
      const element: StrictElement = {
        name: take(name, 'a name')[0],
        attributes: readAttributes(),
        children: [],
        text: '',
      }
      if (open.length === 1 && document.children.length > 0) fail(text, at, 'a second root')
      top.element.children.push(element)
      const prefixes = new Set(top.prefixes)
      for (const attribute of element.attributes.keys())
        if (attribute.startsWith('xmlns:')) prefixes.add(attribute.slice(6))
      for (const used of [element.name, ...element.attributes.keys()]) {
        const prefix = used.includes(':') && !used.startsWith('xmlns:') ? used.split(':')[0] : ''
        if (!prefixes.has(prefix ?? '')) fail(text, at, `undeclared prefix of ${used}`)
      }
      if (take(/\/?>/, 'the end of a tag')[0] === '>') open.push({ element, prefixes })
    } else {
      const characters = take(/[^<]+/, 'text')[0]
      if (characters.includes(']]>')) fail(text, at, ']]> in text')
      if (open.length === 1 && characters.trim() !== '') fail(text, at, 'text outside the root')
      top.element.text += decode(characters, at)
    }
  }
  if (open.length !== 1) fail(text, at, `<${open.at(-1)?.element.name}> is never ended`)
  return document.children[0] ?? fail(text, at, 'no root')

  function readAttributes(): Map<string, string> {
    const attributes = new Map<string, string>()
    while (/\s/.test(text[at] ?? '')) {
      const [, key = '', value = ''] = take(/\s+([A-Za-z_][\w.:-]*)="([^"<]*)"/, 'an attribute')
      if (attributes.has(key)) fail(text, at, `attribute ${key} twice`)
      attributes.set(key, decode(value, at))
    }
    return attributes
  }
}

/** The elements of a name directly inside. */
export function childrenOf(parent: StrictElement, name: string): StrictElement[] {
  return parent.children.filter((child) => child.name === name)
}

/** The text of the first element of a name directly inside. */
export function textOf(parent: StrictElement, name: string): string | null {
  return childrenOf(parent, name)[0]?.text ?? null
}
