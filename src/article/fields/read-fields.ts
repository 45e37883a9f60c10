import type { Line } from '../body/read-lines.ts'
import type { LinkedArticle } from '../json-ld.ts'
import type { MetaTags } from '../meta-tags.ts'
import { type Credit, readCredits, readNamedPieces } from './credit-lines.ts'
import { isPersonName, peopleIn } from './person-names.ts'

/** Where on the page the credits of an article stand. */
export interface CreditZones {
  /** Between the headline (or a little above it) and the text. */
  readonly head: readonly Line[]
  /** The text itself. */
  readonly body: readonly Line[]
  /** Below the text. */
  readonly tail: readonly Line[]
}

export interface Fields {
  readonly byline: string | null
  readonly origin: string | null
  readonly editor: string | null
  /** `origin: 新华社 (text:来源)`: which witness gave what, for `explainArticle`. */
  readonly witnesses: readonly string[]
}

interface Found {
  readonly value: string
  readonly from: string
}

const originMeta = [
  'contentsource',
  'source',
  'article:source',
  'og:article:source',
  'dc.source',
  'mediaid',
  'copyfrom',
  'articlesource',
  'laiyuan',
]
const bylineMeta = [
  'citation_author',
  'author',
  'article:author',
  'dc.creator',
  'parsely-author',
  'sailthru.author',
  'byl',
  'contentauthor',
  'dcterms.creator',
]
const editorMeta = ['editor', 'contenteditor', 'zerenbianji', '责任编辑']

const buttons =
  /^(?:\d+|分享|收藏|打印|关闭|评论|举报|点赞|关注|订阅|登录|注册|首页|正文|大|中|小|上一页|下一页|返回|更多|原创|转载|展开|听新闻|[\d.]+万?(?:阅读|次|人|字)?)$/
const plainName = /^[\p{L}\p{N}·《》“”&（）()\-—.'’ /@_]{2,40}$/u

const isOrigin = (value: string) =>
  plainName.test(value) &&
  !buttons.test(value) &&
  !/^\d[\d\s./:-]*$/.test(value) &&
  !/^(?:记者|作者|编辑|来源|本站原创|未知|佚名|不详)$/.test(value)

/** The first word of a value in Chinese; a name in Latin letters may have several. */
function originName(value: string): string {
  const words = value.split(/\s+/)
  let name = words[0] ?? ''
  for (const word of words.slice(1)) {
    if (!/[A-Za-z\d.&]$/.test(name) || !/^[A-Za-z\d&(（]/.test(word)) break
    name += ` ${word}`
  }
  return name
}

function zoneCredits(lines: readonly Line[]): Credit[] {
  return lines.flatMap((line, i) => {
    // A channel of the site's menu may be called 记者 something.
    if (line.hidden || line.linkWeight > line.weight * 0.5) return []
    const credits = [...readCredits(line.text)]
    // A label alone in its cell: what it labels is the next line.
    const next = lines[i + 1]
    if (credits.length === 0 && next && line.text.length <= 8 && next.text.length <= 30 && /[:：]$/.test(line.text)) {
      credits.push(...readCredits(`${line.text}${next.text}`))
    }
    return credits
  })
}

function pick(
  credits: readonly Credit[],
  kind: Credit['kind'],
  accept: (value: string) => string | null,
  from: string,
): Found | null {
  for (const credit of credits) {
    const value = credit.kind === kind ? accept(credit.value) : null
    if (value !== null) return { value, from: `${from}:${credit.label}` }
  }
  return null
}

function fromMeta(meta: MetaTags, names: readonly string[], accept: (value: string) => string | null): Found | null {
  for (const name of names) {
    const raw = meta.values.get(name)
    const value = raw === undefined ? null : accept(raw)
    if (value !== null) return { value, from: `meta:${name}` }
  }
  return null
}

const acceptOrigin = (value: string) => {
  const name = originName(value)
  return isOrigin(name) ? name : null
}
/** After 作者： anything that is a name of some kind; people where there are any. */
const acceptAuthor = (value: string) =>
  peopleIn(value) ?? (value.length <= 24 && plainName.test(value) && !buttons.test(value) ? value : null)

function readOrigin(
  zones: CreditZones,
  head: readonly Credit[],
  tail: readonly Credit[],
  named: readonly Credit[],
  meta: MetaTags,
): Found | null {
  return (
    pick(head, 'origin', acceptOrigin, 'text') ??
    fromMeta(meta, originMeta, (value) =>
      /^https?:|\.(?:com|cn|net|org)\b/i.test(value) ? null : acceptOrigin(value),
    ) ??
    pick(tail, 'origin', acceptOrigin, 'text') ??
    pick(named, 'origin', acceptOrigin, 'class') ??
    besideDate(zones.head)
  )
}

const date = /(?:19|20)\d{2}\s?[-年/.]\s?\d{1,2}\s?[-月/.]\s?\d{1,2}\s?日?(?:\s?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?/

/** A name that stands beside the date under a headline: 2019-05-17 · 城市报道. */
function besideDate(head: readonly Line[]): Found | null {
  for (const line of head) {
    if (line.text.length > 60 || !date.test(line.text)) continue
    for (const leaf of line.leaves) {
      if (!('data' in leaf)) continue
      const value = leaf.data
        .replace(date, ' ')
        .replace(/[\s·|｜]+/g, ' ')
        .trim()
      if (value.length >= 2 && value.length <= 16 && /[\u4e00-\u9fff]/.test(value) && !/[:：]/.test(value)) {
        const name = acceptOrigin(value)
        if (
          name !== null &&
          !isPersonName(name) &&
          !/(?:发布|发表|更新|浏览|阅读|点击|时间|日期|评论|星期|推荐|文章|作者|编辑)/.test(name)
        )
          return { value: name, from: 'text:beside the date' }
      }
    }
  }
  return null
}

const reporterLine = /^.{0,24}?(?:记\s?者|記者|通讯员|作者|撰稿|撰文|(?:^|\s)文)\s?[:：/／]?\s?(.{2,60})$/
const slashText = /^(?:.{0,20}记者)?\s?([\u4e00-\u9fff]{2,4}(?:[\s、][\u4e00-\u9fff]{2,4}){0,4})\s?[/／]\s?文/
const byLine = /^(?:written\s)?by:?\s+(.{4,80})$/i

/** 本贴由某某于2005年8月12日发表: how forums say who wrote. */
const postedBy = /本[贴帖文]由\s?(.{1,20}?)\s?[于在]\s?\d/
const bracketed = /[[【]\s?([\u4e00-\u9fff]{2,4}(?:[\s、][\u4e00-\u9fff]{2,4})*)\s?[\]】]/

function datedByline(lines: readonly Line[]): Found | null {
  for (const { text } of lines) {
    if (text.length > 120 || !/\d{4}/.test(text)) continue
    const poster = postedBy.exec(text)?.[1]
    if (poster !== undefined) return { value: poster, from: 'text:posted by' }
    const inBrackets = bracketed.exec(text)?.[1]
    const people = inBrackets === undefined ? null : peopleIn(inBrackets)
    if (people !== null) return { value: people, from: 'text:beside the date' }
  }
  return null
}

function headByline(head: readonly Line[], body: readonly Line[]): Found | null {
  for (const line of [...head, ...body.slice(0, 2)]) {
    if (line.text.length > 80 || /[。！？]/.test(line.text)) continue
    const match = slashText.exec(line.text) ?? reporterLine.exec(line.text) ?? byLine.exec(line.text)
    const people = match?.[1]
      ? peopleIn(match[1].split(/\s[|·•]\s|\s{2,}|,?\s(?:updated|published)\b/i)[0] ?? '', true)
      : null
    if (people !== null) return { value: people, from: 'text:line of reporters' }
  }
  return null
}

/** 新华社北京10月31日电（记者张三、李四）. */
const datelineReporters =
  /^[^。！？]{0,60}?[（(]\s?[^（）()。]{0,16}?(?:记\s?者|記者|通讯员)\s?[:：]?\s?([^（）()。]{2,60})[)）]/

function textByline(body: readonly Line[]): Found | null {
  const first = body.find((line) => line.text.length > 20)
  const opening = first ? datelineReporters.exec(first.text) : null
  const reporters = opening?.[1] ? peopleIn(opening[1], true) : null
  if (reporters !== null) return { value: reporters, from: 'text:dateline' }
  for (const line of body.slice(-3).toReversed()) {
    const credit = line.text.length <= 60 ? readCredits(line.text).find(({ kind }) => kind === 'byline') : undefined
    const named = credit ? peopleIn(credit.value, true) : null
    if (named !== null) return { value: named, from: 'text:end' }
    const closing = /[（(]\s?([^（）()]{2,60})[)）]\s?$/.exec(line.text)
    const inside = closing?.[1]
    if (inside === undefined || /编辑|责编|校对|来源|图|摄/.test(inside)) continue
    const head = /^(.{2,40}?)(?:\s[\u4e00-\u9fff]{2,6}(?:报道|電|电)|$)/.exec(inside)?.[1] ?? inside
    const people = peopleIn(head)
    // Nothing but names, or names behind 记者: a bracket at the end of a sentence may hold anything else.
    if (
      people !== null &&
      (/(?:记\s?者|記者|通讯员|作者|文)/.test(inside) ||
        people.replaceAll('、', '').length >= head.replace(/[\s、，,]/g, '').length)
    ) {
      return { value: people, from: 'text:end' }
    }
  }
  return null
}

/** Credits of the article, from the lines around and in it, then from the page's data. */
export function readFields(zones: CreditZones, meta: MetaTags, linked: LinkedArticle | null): Fields {
  const head = zoneCredits(zones.head)
  const tail = zoneCredits(zones.tail)
  const named = zones.head.filter((line) => line.text.length <= 120).flatMap(readNamedPieces)
  const origin = readOrigin(zones, head, tail, named, meta)
  const isNotOrigin = (value: string) => value !== origin?.value && value !== meta.values.get('og:site_name')
  const acceptPerson = (value: string) => (isNotOrigin(value) ? peopleIn(value) : null)
  const acceptHandle = (value: string) => (isNotOrigin(value) ? acceptAuthor(value) : null)
  const byline =
    pick(head, 'byline', acceptHandle, 'text') ??
    headByline(zones.head, zones.body) ??
    textByline(zones.body) ??
    datedByline([...zones.head, ...zones.tail]) ??
    pick(tail, 'byline', acceptHandle, 'text') ??
    (linked?.author && isNotOrigin(linked.author) ? { value: linked.author, from: 'json-ld:author' } : null) ??
    pick(named, 'byline', acceptHandle, 'class') ??
    fromMeta(meta, bylineMeta, acceptPerson) ??
    fromMeta(meta, bylineMeta, (value) => (zones.head.some((line) => line.text === value) ? value : null))
  const editor =
    pick([...head, ...tail], 'editor', acceptAuthor, 'text') ??
    pick(named, 'editor', peopleIn, 'class') ??
    fromMeta(meta, editorMeta, peopleIn)
  const witnesses = Object.entries({ origin, byline, editor }).flatMap(([field, found]) =>
    found ? [`${field}: ${found.value} (${found.from})`] : [],
  )
  return { byline: byline?.value ?? null, origin: origin?.value ?? null, editor: editor?.value ?? null, witnesses }
}

/** What an element named by a rule says: the value behind its label, or all of its text. */
export function creditValue(text: string): string {
  return readCredits(text)[0]?.value ?? text
}
