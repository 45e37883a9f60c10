import { announcedEvents } from './announced-events.ts'
import type { Article } from '../model/article.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules } from '../model/source.ts'
import type { StatedTime } from '../model/time.ts'
import { absoluteUrl } from './addresses.ts'
import { applyRules, noRules, type RuleFindings } from './apply-rules.ts'
import { bodyByRule, findBody, type FoundBody, type PageReading } from './body/find-body.ts'
import { bodyTextOf } from './body/paragraphs.ts'
import type { Line } from './body/read-lines.ts'
import { renderBody } from './body/render-body.ts'
import { Tables } from './body/tables.ts'
import { decodePage } from './charset.ts'
import { confidenceOf } from './confidence.ts'
import { contentHash } from './content-hash.ts'
import { readDateValue } from './date-time.ts'
import { readAttachments } from './fields/attachments.ts'
import { creditZones, lineOfTimes } from './fields/credit-zones.ts'
import { readDateline } from './fields/dateline.ts'
import { readSideHeadings } from './fields/headings.ts'
import { readImages } from './fields/images.ts'
import { readNextPage } from './fields/next-page.ts'
import { creditValue, readFields } from './fields/read-fields.ts'
import { readSummary } from './fields/summary.ts'
import { readLinkedArticle } from './json-ld.ts'
import { languageOf } from './language.ts'
import { readMetaTags } from './meta-tags.ts'
import { parseHtml } from './parse-html.ts'
import { readTimes } from './published-time.ts'
import { readAttributes } from './read-attributes.ts'
import { sanitizeBody } from './sanitize-body.ts'

/** One decision made while a page was read. */
export interface TraceEntry {
  readonly step: 'charset' | 'title' | 'body' | 'removed' | 'field' | 'time'
  readonly detail: string
}

export interface ExplainedArticle {
  readonly article: Article
  readonly trace: readonly TraceEntry[]
}

type Note = (step: TraceEntry['step'], detail: () => string) => void

/**
 * Reads an article out of a page's bytes. Never throws, whatever the bytes; what the page does not say is `null`.
 * Where the reading is unsure, `confidence` is low and `warnings` say why.
 */
export function readArticle(page: PageSource, rules?: ArticleRules): Article {
  return read(page, rules, () => {})
}

/** Reads an article as `readArticle` does and tells how: which block was taken, what was left out, who gave each field. */
export function explainArticle(page: PageSource, rules?: ArticleRules): ExplainedArticle {
  const trace: TraceEntry[] = []
  const article = read(page, rules, (step, detail) => trace.push({ step, detail: detail() }))
  return { article, trace }
}

/** Beijing time for pages in Chinese, whose publishers hardly ever state a zone; no zone is known of any other. */
const zoneOf = (page: PageSource, language: string | null) =>
  page.timeZone ?? (language?.startsWith('zh') ? 'Asia/Shanghai' : 'UTC')

function read(page: PageSource, rules: ArticleRules | undefined, note: Note): Article {
  const decoded = decodePage(page)
  note('charset', () => `${decoded.encoding} by ${decoded.from}`)
  const parsed = parseHtml(decoded.text, rules ? {} : { attributes: readAttributes })
  const { document, about, warnings } = parsed
  const ruled = rules ? applyRules(parsed.$, rules, page) : noRules
  const meta = readMetaTags(about)
  const linked = readLinkedArticle(meta.jsonLd)
  const base = absoluteUrl(meta.baseUrl, page.url) ?? page.url
  const reading = findBody(document, meta, linked)
  const title = ruled.title ?? reading.title.title
  const body = (ruled.body && bodyByRule(reading.page, ruled.body)) ?? reading.body
  noteBody(reading, body, note)

  const tables = new Tables(body.page)
  const isShown = body.page === reading.page
  const headings = readSideHeadings(
    reading.page.lines,
    reading.title.line,
    body.lines[0]?.index ?? body.choice.from,
    meta,
  )
  const lines = isShown ? body.lines.filter((line) => !headings.lines.has(line.index)) : body.lines
  const bodyText = bodyTextOf(lines, tables)
  const language = languageOf(bodyText === '' ? (title ?? '') : bodyText, meta.language)
  const context = { zone: zoneOf(page, language), reference: page.fetchedAt ?? null }
  const zones = creditZones(reading.page.lines, isShown ? lines : [], body.choice.from, reading.title.line)
  const fields = readFields(zones, meta, linked)
  for (const witness of fields.witnesses) note('field', () => witness)
  const times = readTimes(lineOfTimes(zones), meta, linked, page.url, context)
  for (const time of times.witnesses) note('time', () => `${time.at} ${time.precision} (${time.from})`)
  const publishedAt = ruledTime(ruled, context) ?? times.publishedAt
  const offered = [...body.page.lines.slice(body.choice.from, body.choice.to), ...zones.tail]
  return {
    url: page.url,
    canonicalUrl: absoluteUrl(meta.canonical, base),
    title,
    kicker: headings.kicker,
    subtitle: headings.subtitle,
    byline: ruled.byline === null ? fields.byline : creditValue(ruled.byline),
    origin: ruled.origin === null ? fields.origin : creditValue(ruled.origin),
    editor: ruled.editor === null ? fields.editor : creditValue(ruled.editor),
    language,
    publishedAt,
    modifiedAt: times.modifiedAt,
    summary: readSummary(title, lines, meta, linked),
    dateline: readDateline(bodyText, publishedAt),
    bodyHtml: sanitizeBody(renderBody(lines, body.choice.span?.element ?? null, base, tables)),
    bodyText,
    images: readImages(lines, base),
    attachments: readAttachments(offered, base),
    events: announcedEvents({ title, bodyText, publishedAt }, context.zone),
    nextPageUrl: readNextPage(offered, base, page.url),
    contentHash: contentHash(title, bodyText),
    confidence: confidenceOf({ ...reading.title, title }, body, publishedAt !== null),
    warnings: [...warnings, ...ruled.warnings, ...warningsOf(title, lines, body)],
  }
}

function ruledTime(ruled: RuleFindings, context: { zone: string; reference: Date | null }): StatedTime | null {
  return ruled.publishedAt === null ? null : readDateValue(ruled.publishedAt, context, 'rule')
}

function noteBody({ title }: PageReading, body: FoundBody, note: Note): void {
  note('title', () => `${title.title ?? '(none)'} by ${title.witnesses.join(', ')}`)
  note('body', () => {
    const element = body.choice.span?.element
    const id = element?.attribs['id'] ? `#${element.attribs['id']}` : ''
    const name = element ? `<${element.name}${id} class="${element.attribs['class'] ?? ''}">` : 'the whole page'
    return `${name} of ${body.from}: ${Math.round(body.good)} characters of running text, ${Math.round(body.share * 100)} % of the page's`
  })
  for (const { line, rule } of body.removed) note('removed', () => `${rule}: ${line.text.slice(0, 80)}`)
}

/** Fewer characters may be a notice, or a page that was not understood. */
const shortText = 40

function warningsOf(title: string | null, lines: readonly Line[], body: FoundBody): string[] {
  const found: string[] = []
  const length = lines.reduce((sum, line) => sum + line.text.length, 0)
  if (title === null) found.push('No title was found.')
  if (length === 0) found.push('No text was found.')
  else if (length < shortText) found.push(`The text has only ${length} characters.`)
  if (body.from !== 'page' && body.from !== 'rule')
    found.push(`The text is not shown on the page; it was read from: ${body.from}.`)
  if (length > 0 && body.from === 'page' && body.share < 0.4)
    found.push('Most of the running text of the page is not in the text that was chosen.')
  return found
}
