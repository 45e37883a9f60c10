import { decodeHTMLStrict } from 'entities'
import { xmlText } from './xml-text.ts'

/**
 * Tags that titles and summaries really carry, and end tags of HTML, which nobody means as text; `<某公司>`, `a < b`
 * and `List<T>` are text.
 */
const tag =
  /<\/?(?:a|abbr|acronym|address|article|aside|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|iframe|img|ins|kbd|li|mark|nobr|ol|p|picture|pre|q|s|section|small|source|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video|wbr)(?:[\s/][^<>]*)?>|<\/(?:body|button|caption|form|head|html|label|main|nav|noscript|object|option|script|select|style|svg|template|textarea|time|title)\s*>/gi

/** Elements between which readers see a space; the others stand inside words. */
const block =
  /^<\/?(?:article|blockquote|br|center|dd|div|dl|dt|fig|footer|h|li|ol|p|pre|section|table|tbody|td|th|tr|ul)/i

const unseenStart = /<!--|<(script|style)\b/gi
const unseenEnds: Readonly<Record<string, RegExp>> = {
  script: /<\/script\s*>/gi,
  style: /<\/style\s*>/gi,
  comment: /-->/g,
}

/** HTML without what is never shown. A search that found no end is not repeated: linear for any text. */
function withoutUnseen(html: string): string {
  let seen = ''
  let done = 0
  unseenStart.lastIndex = 0
  for (let start = unseenStart.exec(html); start; start = unseenStart.exec(html)) {
    const end = unseenEnds[start[1]?.toLowerCase() ?? 'comment']
    if (!end) break
    end.lastIndex = start.index
    if (!end.test(html)) break
    seen += `${html.slice(done, start.index)} `
    done = end.lastIndex
    unseenStart.lastIndex = done
  }
  return seen + html.slice(done)
}

function withoutTags(html: string): string {
  if (!html.includes('<')) return html
  return withoutUnseen(html).replace(tag, (found) => (block.test(found) ? ' ' : ''))
}

/** Text that is one line already and needs no other work; most titles are. */
const unready =
  /[\0-\x1f<&\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff\ufeff\ufffd-\uffff]|^ | $|  /

/** One line of text: hygienic, every run of white space one space. */
export function oneLine(text: string): string {
  return unready.test(text) ? xmlText(text).replace(/\s+/g, ' ').trim() : text
}

/** The text of HTML on one line. */
export function textOfHtml(html: string): string {
  const text = withoutTags(html)
  return oneLine(/&[#a-z]/i.test(text) ? decodeHTMLStrict(text) : text)
}

/**
 * Text without markup on one line, also when it was escaped once too often (`&lt;b&gt;`): readers disagree on whether
 * markup in titles is shown or obeyed, and the W3C feed validator warns of it.
 */
export function plainText(text: string): string {
  if (!unready.test(text)) return text
  if (!/[<&]/.test(text)) return oneLine(text)
  return oneLine(withoutTags(textOfHtml(text)))
}

/** The first `length` characters and `…`, cut between words where there are words; astral characters stay whole. */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
  const space = cut.lastIndexOf(' ')
  return `${(space > length * 0.75 ? cut.slice(0, space) : cut).trimEnd()}…`
}
