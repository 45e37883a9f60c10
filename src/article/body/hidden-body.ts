import { type Document, Element, Text } from 'domhandler'
import type { LinkedArticle } from '../json-ld.ts'
import { parseHtml } from '../parse-html.ts'
import { readAttributes } from '../read-attributes.ts'
import { type PageLines, readLines } from './read-lines.ts'

/** A text that the page does not show as it comes, and where it was. */
export interface HiddenSource {
  readonly page: PageLines
  readonly from: string
}

/** Shorter strings are titles and labels. */
const leastLength = 80
/** Pages keep their state in scripts of a few hundred kilobytes; the rest is programs. */
const longestScript = 2_000_000
const mostValues = 50_000

const isProse = (text: string) => text.length >= leastLength && /<p[\s>]|<br|[。；]|[.!?]\s/.test(text)

/** The longest text in a JSON value; keys that speak of a body count for more. */
function proseIn(root: unknown): string | null {
  const open: { readonly key: string; readonly value: unknown }[] = [{ key: '', value: root }]
  let best: string | null = null
  let bestScore = 0
  for (let count = 0; open.length > 0 && count < mostValues; count++) {
    const { key, value } = open.pop() ?? { key: '', value: null }
    if (typeof value === 'string') {
      if (!isProse(value)) continue
      const score = value.length * (/content|body|text|html|article|detail|zhengwen|neirong/i.test(key) ? 4 : 1)
      if (score > bestScore) {
        best = value
        bestScore = score
      }
    } else if (Array.isArray(value)) {
      for (const entry of value) open.push({ key, value: entry })
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, entry] of Object.entries(value)) open.push({ key: name, value: entry })
    }
  }
  return best
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The first object literal that a script assigns, as far as its braces go. */
function assignedObject(script: string): string | null {
  const start = /=\s*(?=\{\s*")/.exec(script)
  if (!start) return null
  const from = start.index + start[0].length
  let depth = 0
  let inString = false
  for (let i = from; i < script.length; i++) {
    const sign = script[i]
    if (inString) {
      if (sign === '\\') i++
      else if (sign === '"') inString = false
    } else if (sign === '"') inString = true
    else if (sign === '{') depth++
    else if (sign === '}' && --depth === 0) return script.slice(from, i + 1)
  }
  return null
}

const assignedString = /(?:content|body|article|text|html)\w{0,20}["']?\s*[:=]\s*"((?:[^"\\\n]|\\.)*)"/gi

function proseInScript(script: string): string | null {
  if (script.length < leastLength || script.length > longestScript) return null
  const trimmed = script.trim()
  const object = trimmed.startsWith('{') || trimmed.startsWith('[') ? trimmed : assignedObject(trimmed)
  const found = object === null ? null : proseIn(parseJson(object))
  if (found !== null) return found
  for (const match of trimmed.matchAll(assignedString)) {
    const value = parseJson(`"${match[1] ?? ''}"`)
    if (typeof value === 'string' && isProse(value)) return value
  }
  return null
}

const dataOf = (element: Element) => element.children.map((child) => (child instanceof Text ? child.data : '')).join('')

function readMarkup(markup: string): PageLines {
  const html = /<(?:p|br|div|span|section|table)\b/i.test(markup)
    ? markup
    : markup
        .split(/\n+/)
        .map((line) => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
        .join('')
  return readLines(parseHtml(`<div>${html}</div>`, { attributes: readAttributes }).document)
}

function collect(node: Document | Element, found: Element[]): void {
  for (const child of node.children) {
    if (!(child instanceof Element)) continue
    if (child.name === 'script' || child.name === 'textarea' || child.name === 'noscript' || child.name === 'template')
      found.push(child)
    else collect(child, found)
  }
}

/** The texts that a page holds without showing them: in linked data, in scripts, in fields, in hidden elements. */
export function* hiddenSources(document: Document, linked: LinkedArticle | null): Generator<HiddenSource> {
  if (linked?.articleBody && linked.articleBody.length >= leastLength) {
    yield { page: readMarkup(linked.articleBody), from: 'json-ld:articleBody' }
  }
  yield { page: readLines(document, { withHidden: true }), from: 'hidden elements' }
  const elements: Element[] = []
  collect(document, elements)
  for (const element of elements) {
    if (element.name === 'script') {
      const prose = /ld\+json/i.test(element.attribs['type'] ?? '') ? null : proseInScript(dataOf(element))
      if (prose !== null)
        yield { page: readMarkup(prose), from: `script${element.attribs['id'] ? `#${element.attribs['id']}` : ''}` }
    } else if (element.name === 'textarea') {
      const data = dataOf(element)
      if (data.length < leastLength) continue
      // Escaped once because it stands in a field.
      const decoded = data.includes('<') ? data : new Text(parseHtml(data).$.root().text()).data
      yield { page: readMarkup(decoded), from: 'textarea' }
    } else {
      yield { page: readLines(element), from: element.name }
    }
  }
}
