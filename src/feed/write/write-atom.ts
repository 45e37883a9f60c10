import type { FeedDocument } from '../../model/feed-document.ts'
import { plainText } from '../plain-text.ts'
import { cdata, escapeXml } from '../xml-text.ts'
import { uriOfId } from './item-uri.ts'
import { mediaContents } from './media-content.ts'
import { toUri } from './uri.ts'
import { dateOf, languageOf, pageLinks, writtenItems, type WrittenItem } from './written-item.ts'

const TYPE = 'application/atom+xml'

/** RFC 4287 demands a time of change. Of a feed without any time this is it: the first that validators find plausible. */
const UNKNOWN_TIME = new Date('1990-01-01T00:00:00.000Z')

/** A text construct. Text with `&` or `<` is sent as HTML, since readers take it for that whatever the type says. */
function textConstruct(name: string, text: string): string {
  return /[&<]/.test(text)
    ? `<${name} type="html">${escapeXml(escapeXml(text))}</${name}>`
    : `<${name}>${escapeXml(text)}</${name}>`
}

function link(rel: string, href: string | null, attributes: Readonly<Record<string, string | null>> = {}): string {
  if (href === null) return ''
  const rest = Object.entries(attributes).map(([name, value]) =>
    value === null ? '' : ` ${name}="${escapeXml(value)}"`,
  )
  return `<link rel="${rel}" href="${escapeXml(href)}"${rest.join('')}/>`
}

function person(name: string): string {
  return `<author><name>${escapeXml(name)}</name></author>`
}

/**
 * A time of change that no other entry shares: validators take entries changed at one instant for a mistake, and
 * announcements come in batches. What is below the stated second follows from the entry's id.
 */
function distinctTime(date: Date, id: string): string {
  if (date.getUTCMilliseconds() !== 0) return date.toISOString()
  let hash = 0
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0
  return date.toISOString().replace('.000Z', `.${String(hash % 1_000_000_000).padStart(9, '0')}Z`)
}

function entry(item: WrittenItem, feedTime: Date): string {
  const id = uriOfId(item.id)
  const language = item.language === null ? '' : ` xml:lang="${item.language}"`
  let xml = `<entry${language}><id>${escapeXml(id)}</id>${textConstruct('title', item.title)}`
  xml += `<updated>${distinctTime(item.updated ?? item.published ?? feedTime, id)}</updated>`
  if (item.published) xml += `<published>${item.published.toISOString()}</published>`
  xml += link('alternate', item.url, { type: 'text/html' })
  xml += item.authors.map(person).join('')
  for (const category of item.categories) xml += `<category term="${escapeXml(category)}"/>`
  if (item.origin !== null) xml += `<dc:publisher>${escapeXml(item.origin)}</dc:publisher>`
  for (const file of item.attachments) {
    const length = file.bytes ? String(file.bytes) : null
    xml += link('enclosure', file.url, {
      type: file.mediaType,
      length,
      title: file.name === '' ? null : file.name,
    })
  }
  xml += mediaContents(item)
  for (const copy of item.copies) xml += link('related', copy.url, { title: copy.name })
  const summary = item.summary === '' && item.contentHtml === '' ? item.title : item.summary
  if (summary !== '') xml += textConstruct('summary', summary)
  if (item.contentHtml !== '') xml += `<content type="html">${cdata(item.contentHtml)}</content>`
  return `${xml}</entry>`
}

/** A feed as Atom 1.0 (RFC 4287), with the links of RFC 5005 and WebSub. Equal feeds give equal text. */
export function writeAtom(feed: FeedDocument): string {
  const items = writtenItems(feed)
  const title = plainText(feed.title ?? '') || 'Newsfold'
  const selfUrl = toUri(feed.selfUrl)
  const homeUrl = toUri(feed.homeUrl, feed.selfUrl)
  const times = items.flatMap((item) => item.updated ?? item.published ?? [])
  const newest = times.reduce<Date | null>((newest, time) => (newest && newest >= time ? newest : time), null)
  const feedTime = dateOf(feed.updatedAt) ?? newest ?? UNKNOWN_TIME
  const language = languageOf(feed.language)
  const description = plainText(feed.description ?? '')
  const head = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ' xmlns:media="http://search.yahoo.com/mrss/"',
    language === null ? '>' : ` xml:lang="${language}">`,
    `<id>${escapeXml(uriOfId(selfUrl ?? homeUrl ?? title))}</id>`,
    textConstruct('title', title),
    description === '' ? '' : textConstruct('subtitle', description),
    `<updated>${feedTime.toISOString()}</updated>`,
    link('self', selfUrl, { type: TYPE }),
    link('alternate', homeUrl, { type: 'text/html' }),
    link('hub', toUri(feed.hubUrl)),
    ...pageLinks(feed).map(({ rel, url }) => link(rel, url, { type: TYPE })),
    '<generator>Newsfold</generator>',
    // RFC 4287 §4.1.1: what is by nobody is by the feed.
    items.every((item) => item.authors.length > 0) && items.length > 0 ? '' : person(title),
  ]
  return `${head.join('')}${items.map((item) => entry(item, feedTime)).join('')}</feed>`
}
