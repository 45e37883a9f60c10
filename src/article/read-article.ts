import type { Article } from '../model/article.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules } from '../model/source.ts'
import { absoluteUrl } from './addresses.ts'
import { chooseBody } from './body/choose-body.ts'
import { lineValues } from './body/line-values.ts'
import { readLines } from './body/read-lines.ts'
import { renderBody } from './body/render-body.ts'
import { selectLines } from './body/select-lines.ts'
import { decodePage } from './charset.ts'
import { contentHash } from './content-hash.ts'
import { readLinkedArticle } from './json-ld.ts'
import { readMetaTags } from './meta-tags.ts'
import { parseHtml } from './parse-html.ts'
import { readPublishedAt } from './published-time.ts'
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
  const zone = page.timeZone ?? 'Asia/Shanghai'
  const around = pageLines.lines
    .slice(Math.max(0, title.line - 5), body[0]?.index ?? choice.from)
    .filter((line) => line.text.length < 200)
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
      byline: null,
      origin: null,
      editor: null,
      language: null,
      publishedAt: readPublishedAt(around, meta, linked, { zone, reference: page.fetchedAt ?? null }),
      modifiedAt: null,
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
