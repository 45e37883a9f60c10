import type { StatedTime } from '../../model/time.ts'
import { oneLine, plainText, textOfHtml } from '../plain-text.ts'
import { xmlText } from '../xml-text.ts'
import { readDate } from './feed-date.ts'
import type { XmlElement } from './xml-tree.ts'

/** The elements of one name directly inside. */
export function all(parent: XmlElement | null, name: string): XmlElement[] {
  return parent?.children.filter((child) => child.name === name) ?? []
}

/** The first element directly inside that has one of the names and is not empty, in the order of the names. */
export function first(parent: XmlElement | null, ...names: readonly string[]): XmlElement | null {
  if (!parent) return null
  for (const name of names) {
    for (const child of parent.children) {
      if (child.name === name && (child.children.length > 0 || child.text.trim() !== '')) return child
    }
  }
  return null
}

/** Character data of an element on one line; `null` when there is none. */
export function line(element: XmlElement | null): string | null {
  return (element && oneLine(element.text)) || null
}

/** An escaped CDATA mark around a whole value, or one that was wrapped twice. */
function unwrapped(text: string): string {
  const inner = /^\s*<!\[CDATA\[([\s\S]*?)(?:\]\]>)?\s*$/.exec(text)
  return inner?.[1] ?? text
}

/** Markup that was put into the feed as elements, as HTML: without prefixes, namespaces and CDATA marks. */
function markup(element: XmlElement): string {
  return element.inner
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
    .replace(/(<\/?)[a-z][\w-]*:(?=[a-z])/gi, '$1')
    .replace(/\sxmlns(?::[\w-]+)?\s*=\s*(?:"[^"]*"|'[^']*')/gi, '')
    .trim()
}

/** XHTML's wrapper, which RFC 4287 §3.1.1.3 says is no part of the content. */
function withoutDiv(html: string): string {
  return /^<div(?:\s[^>]*)?>([\s\S]*)<\/div>$/i.exec(html)?.[1]?.trim() ?? html
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** What a text of a feed is written in: RSS leaves it open (HTML by custom), Atom states it (RFC 4287 §3.1.1). */
function isPlain(element: XmlElement): boolean {
  const type = element.attributes['type']?.toLowerCase() ?? ''
  if (!element.name.startsWith('atom:')) return type === 'text' || type === 'text/plain'
  return type === 'text' || type === 'text/plain' || (type === '' && element.children.length === 0)
}

function value(element: XmlElement): string {
  const { type = '', mode = '' } = element.attributes
  // Content of another media type is base64 (RFC 4287 §4.1.3.3); elsewhere `type` says other things.
  const isBinary = element.name.startsWith('atom:') && /^(?!text\/)[^/]+\/(?!.*xml$)/i.test(type)
  const isBase64 = mode === 'base64' || isBinary
  if (isBase64 && /^[\w+/=\s]+$/.test(element.text)) return Buffer.from(element.text, 'base64').toString('utf8')
  return unwrapped(element.text)
}

/** A text of a feed as HTML; `null` when it is empty or somewhere else (`src`). */
export function html(element: XmlElement | null): string | null {
  if (!element) return null
  if (element.children.length > 0) {
    const inner = markup(element)
    return xmlText(/xhtml|xml/i.test(element.attributes['type'] ?? '') ? withoutDiv(inner) : inner) || null
  }
  const text = xmlText(value(element)).trim()
  return (isPlain(element) ? escapeHtml(text) : text) || null
}

/** A text of a feed without its markup, on one line; `null` when nothing is left. */
export function text(element: XmlElement | null): string | null {
  if (!element) return null
  if (element.children.length > 0) return textOfHtml(markup(element)) || null
  if (isPlain(element)) return oneLine(value(element)) || null
  // Atom says what it is; RSS is so often escaped once too often that one more round is right.
  const stated = value(element)
  const once = () => textOfHtml(stated) || null
  // What is markup after one more round was meant to be read as text.
  return element.name.startsWith('atom:') ? once() : plainText(stated) || once()
}

/** The base against which an element's links are meant: the nearest `xml:base`, itself resolved. */
export function baseOf(element: XmlElement | null, documentUrl: string): string {
  if (!element) return documentUrl
  const outer = baseOf(element.parent, documentUrl)
  const { attributes, name } = element
  // The Channel Definition Format has an attribute of its own for it.
  const own = attributes['xml:base'] ?? (name === 'channel' ? attributes['base'] : undefined)
  return own === undefined ? outer : (absolute(own, outer) ?? outer)
}

/** An http(s) address made absolute; `null` when it is none. */
export function absolute(link: string | null | undefined, base: string): string | null {
  const text = link?.trim()
  if (!text) return null
  try {
    const url = new URL(text, base)
    return /^https?:$/.test(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

/** Links and sources in markup that are not absolute. */
const relativeLink = /(\s(?:href|src)\s*=\s*)("|')(?![a-z][a-z0-9+.-]*:|#)([^"'<>]*)\2/gi

const sourceSet = /(\ssrcset\s*=\s*)("|')([^"'<>]*)\2/gi

/** `a.png, b.png 2x` with each address absolute. */
function absoluteSources(sources: string, base: string): string {
  return sources
    .split(/,\s+/)
    .map((source) => source.trim().replace(/^\S+/, (link) => absolute(link, base) ?? link))
    .join(', ')
}

/** Markup whose relative links and sources were made absolute. */
export function withAbsoluteLinks(markup: string, base: string): string {
  const whole = markup.includes('srcset')
    ? markup.replace(sourceSet, (_, before: string, quote: string, sources: string) => {
        return `${before}${quote}${absoluteSources(sources, base)}${quote}`
      })
    : markup
  return whole.replace(relativeLink, (whole, before: string, quote: string, link: string) => {
    const address = absolute(link.replaceAll('&amp;', '&'), base)
    return address ? `${before}${quote}${address.replaceAll('&', '&amp;')}${quote}` : whole
  })
}

/** The first of the named elements that holds a date. */
export function date(parent: XmlElement | null, zone: string, ...names: readonly string[]): StatedTime | null {
  for (const name of names) {
    for (const element of all(parent, name)) {
      const time = readDate(element.text, zone, name)
      if (time) return time
    }
  }
  return null
}
