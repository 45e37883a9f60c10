import type { Article } from '../model/article.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules } from '../model/source.ts'
import { absoluteUrl } from './addresses.ts'
import { chooseBody } from './body/choose-body.ts'
import { lineValues } from './body/line-values.ts'
import { type Line, readLines } from './body/read-lines.ts'
import { renderBody } from './body/render-body.ts'
import { selectLines } from './body/select-lines.ts'
import { decodePage } from './charset.ts'
import { contentHash } from './content-hash.ts'
import { readLinkedArticle } from './json-ld.ts'
import { readMetaTags } from './meta-tags.ts'
import { parseHtml } from './parse-html.ts'
import { readTimes, type TimeLine } from './published-time.ts'
import { type CreditZones, readFields } from './fields/read-fields.ts'
import { sanitizeBody } from './sanitize-body.ts'
import { readTitle } from './title.ts'

/** What was done while a page was read, and why: one entry a decision. */
export interface TraceEntry {
  readonly step: string
  readonly detail: string
}

export interface ExplainedArticle {
  readonly article: Article
  readonly trace: readonly TraceEntry[]
}

/**
 * Reads an article out of a page's bytes. Never throws, whatever the bytes; what the page does not say is `null`.
 * Where the reading is unsure, `confidence` is low and `warnings` say why.
 */
export function readArticle(page: PageSource, rules?: ArticleRules): Article {
  return explainArticle(page, rules).article
}

/** Reads an article as `readArticle` does, and tells how. */
export function explainArticle(page: PageSource, _rules?: ArticleRules): ExplainedArticle {
  const trace: TraceEntry[] = []
  const decoded = decodePage(page)
  trace.push({ step: 'charset', detail: `${decoded.encoding} by ${decoded.from}` })
  const { document, warnings } = parseHtml(decoded.text)
  const meta = readMetaTags(document)
  const linked = readLinkedArticle(meta.jsonLd)
  const base = absoluteUrl(meta.baseUrl, page.url) ?? page.url
  const pageLines = readLines(document)
  const values = lineValues(pageLines)
  const first = chooseBody(pageLines, values)
  const title = readTitle(pageLines.lines, first.from, meta, linked)
  for (let i = 0; i <= title.line; i++) values[i] = Math.min(0, values[i] ?? 0)
  const choice = chooseBody(pageLines, values)
  const selected = selectLines(pageLines, values, choice, title.line)
  for (const { line, rule } of selected.removed)
    trace.push({ step: 'removed', detail: `${rule}: ${line.text.slice(0, 80)}` })
  const body = selected.lines
  const zones = creditZones(pageLines.lines, body, choice.from, title.line)
  const fields = readFields(zones, meta, linked)
  for (const witness of fields.witnesses) trace.push({ step: 'field', detail: witness })
  const context = { zone: page.timeZone ?? 'Asia/Shanghai', reference: page.fetchedAt ?? null }
  const times = readTimes(timeLines(zones), meta, linked, page.url, context)
  for (const time of times.witnesses)
    trace.push({ step: 'time', detail: `${time.at} ${time.precision} (${time.from})` })
  const bodyText = body
    .map((line) => line.text)
    .filter((text) => text !== '')
    .join('\n')
  return {
    trace,
    article: {
      url: page.url,
      canonicalUrl: absoluteUrl(meta.canonical, base),
      title: title.title,
      kicker: null,
      subtitle: null,
      byline: fields.byline,
      origin: fields.origin,
      editor: fields.editor,
      language: null,
      publishedAt: times.publishedAt,
      modifiedAt: times.modifiedAt,
      summary: meta.values.get('description') ?? null,
      dateline: null,
      bodyHtml: sanitizeBody(renderBody(body, choice.span?.element ?? null, base)),
      bodyText,
      images: [],
      attachments: [],
      events: [],
      nextPageUrl: null,
      contentHash: contentHash(title.title, bodyText),
      confidence: 0.5,
      warnings: [...warnings],
    },
  }
}

/** Lines this far above a headline or below a text still speak of the article. */
const reach = { above: 6, below: 14 } as const

function creditZones(lines: readonly Line[], body: readonly Line[], from: number, title: number): CreditZones {
  const first = body[0]?.index ?? from
  const last = body.at(-1)?.index ?? first
  const top = title >= 0 && title < first ? title : first
  return {
    head: lines.slice(Math.max(0, top - reach.above), first).filter((line) => !line.hidden),
    body,
    tail: lines.slice(last + 1, last + 1 + reach.below).filter((line) => !line.hidden),
  }
}

function timeLines({ head, tail }: CreditZones): TimeLine[] {
  const inZone = (lines: readonly Line[], zone: 'head' | 'tail') =>
    lines
      .filter(({ text }) => text.length < 200)
      .map(({ text, weight, linkWeight }) => ({ text, zone, linked: linkWeight > weight * 0.6 }))
  return [...inZone(head, 'head'), ...inZone(tail, 'tail')]
}
