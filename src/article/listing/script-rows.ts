import type { CheerioAPI } from 'cheerio/slim'
import { type Element, isTag, isText } from 'domhandler'
import { parseHtml } from '../parse-html.ts'

/** Longer scripts are programs or whole data sets, not the rows of one page. */
const maxScript = 500_000
/** Rows beyond this number are not on the first page that a reader sees. */
const maxRecords = 500

/** A text in quotes that opens with a row. */
const writtenRow = /document\.write(?:ln)?\(\s*(?:'((?:[^'\\\n]|\\.){10,5000})'|"((?:[^"\\\n]|\\.){10,5000})")\s*\)/g

function codeOf(script: Element): string {
  return script.children.map((child) => (isText(child) ? child.data : '')).join('')
}

function recordsIn(code: string): string[] {
  const [opening, closing] = ['<![CDATA[', ']]>']
  return code
    .split('<record>', maxRecords + 1)
    .slice(1)
    .flatMap((part) => {
      const from = part.indexOf(opening)
      const to = part.indexOf(closing, from)
      return from < 0 || to < 0 ? [] : [part.slice(from + opening.length, to)]
    })
}

/** The rows that a script puts on the page: records of a data store in XML, or rows written as they stand. */
function rowsIn(code: string): string[] {
  if (code.includes('<record>')) return recordsIn(code)
  if (!code.includes('document.write')) return []
  const written = Array.from(code.matchAll(writtenRow), (match) =>
    (match[1] ?? match[2] ?? '').replaceAll(/\\(.)/g, '$1'),
  )
  return written.filter((row) => /<a\s[^>]*href/i.test(row)).slice(0, maxRecords)
}

/**
 * Puts the rows that scripts hold as plain HTML where a browser would show them. Two forms are read: the XML data store
 * that a content system of many Chinese governments pages through, and `document.write` of whole rows.
 */
export function unfoldScriptRows($: CheerioAPI): void {
  for (const script of $('script').toArray()) {
    if (!isTag(script)) continue
    const code = codeOf(script)
    if (code.length > maxScript) continue
    const rows = rowsIn(code)
    if (rows.length < 2) continue
    const { document } = parseHtml(`<div>${rows.join('\n')}</div>`)
    $(script).after($(document.children))
  }
}
