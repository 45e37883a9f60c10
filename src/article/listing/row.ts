import { type ChildNode, isTag, isText, type ParentNode } from 'domhandler'
import type { StatedTime } from '../../model/time.ts'
import { isSpan } from '../../model/time.ts'
import { readTime } from '../time/read-time.ts'
import type { Row } from './family.ts'
import {
  type DateContext,
  findWrittenDate,
  readMachineTime,
  resolveWrittenDate,
  type WrittenDate,
} from './item-date.ts'
import { foldSpaces, isInline, isSilent, textOf } from './link.ts'
import { isDateOnly, isGenericTitle } from './title.ts'

/** What stands in a row beside its title. */
export interface RowText {
  /** Texts outside the title, in reading order. */
  readonly texts: readonly string[]
  /** Whole lines outside the title, words of inline elements joined. */
  readonly lines: readonly string[]
  /** `datetime` attributes of `<time>`. */
  readonly machineTimes: readonly string[]
}

/** A row with more nodes is a section of the page, not a row. */
const maxNodes = 400

interface Collected {
  readonly texts: string[]
  readonly lines: string[]
  readonly machineTimes: string[]
  line: string
}

function endLine(into: Collected): void {
  const line = foldSpaces(into.line)
  if (line !== '') into.lines.push(line)
  into.line = ''
}

function collect(row: Row): Collected {
  const into: Collected = { texts: [], lines: [], machineTimes: [], line: '' }
  const open: (ChildNode | 'end')[] = row.nodes.toReversed()
  let visited = 0
  for (let node = open.pop(); node !== undefined && visited < maxNodes; node = open.pop(), visited++) {
    if (node === 'end') {
      endLine(into)
    } else if (isText(node)) {
      const text = foldSpaces(node.data)
      if (text === row.title) continue
      if (text !== '') into.texts.push(text)
      into.line += node.data
    } else if (isTag(node) && !isSilent(node)) {
      const machine = node.name === 'time' ? node.attribs['datetime'] : undefined
      if (machine !== undefined) into.machineTimes.push(machine)
      if (!isInline(node)) {
        endLine(into)
        open.push('end')
      }
      for (const child of node.children.toReversed()) open.push(child)
    }
  }
  endLine(into)
  return into
}

const known = new WeakMap<Row, RowText>()

/** The texts of a row outside its title. */
export function readRowText(row: Row): RowText {
  const text = known.get(row) ?? collect(row)
  known.set(row, text)
  return text
}

/** Dates split over elements: `05` over `2019-11`, `11-05` over `2019`. */
const dayThenMonth = /^([0-3]?\d)\s*[日号]?\s*\/?\s*((?:19|20)\d{2})\s?[-/.年]\s?(1[0-2]|0?\d)\s?月?(?!\d)/
const monthThenYear = /^(1[0-2]|0?\d)\s?[-/.月]\s?([0-3]?\d)\s?日?\s*\/?\s*((?:19|20)\d{2})(?!\d)/
const yearThenMonthDay = /^((?:19|20)\d{2})\s?年?\s(1[0-2]|0?\d)\s?[-/.月]\s?([0-3]?\d)\s?日?(?!\d)/

function splitDate(texts: readonly string[]): WrittenDate | null {
  for (const [index, text] of texts.entries()) {
    if (!/^[\d\s./\-年月日号]{1,12}$/.test(text)) continue
    const joined = texts.slice(index, index + 3).join(' ')
    for (const [pattern, year, month, day] of [
      [dayThenMonth, 2, 3, 1],
      [monthThenYear, 3, 1, 2],
      [yearThenMonthDay, 1, 2, 3],
    ] as const) {
      const match = pattern.exec(joined)
      if (!match) continue
      const date = { year: Number(match[year]), month: Number(match[month]), day: Number(match[day]) }
      if (date.month >= 1 && date.day >= 1) return { ...date, clock: null, index: 0, length: match[0].length }
    }
  }
  return null
}

/** Longer texts are teasers: a date in them is one that they tell of. */
const maxDateText = 60

/** The date that a row states for its article, as written. */
export function findRowDate({ texts, lines }: RowText): WrittenDate | null {
  const short = [...texts, ...lines].filter((text) => text.length <= maxDateText)
  const own = short.find((text) => isDateOnly(text) && findWrittenDate(text) !== null)
  const ownDate = own === undefined ? null : findWrittenDate(own)
  const split = ownDate === null || ownDate.year === null ? splitDate(texts) : null
  if (split) return split
  if (ownDate !== null) return ownDate
  const dates = short.flatMap((text) => findWrittenDate(text) ?? [])
  return dates.find(({ year }) => year !== null) ?? dates[0] ?? null
}

/** Times counted from now: `26分钟前`, `3 hours ago`, `昨天 18:20`. */
const relativeTime =
  /^(?:\D{0,8}[\s:：])?(?:\d{1,3}\s?(?:秒|分钟?|个?小时|天|周|个月|seconds?|mins?|minutes?|hours?|days?|weeks?|months?)\s?(?:钟|之?前|ago)|(?:昨天|前天|今天|昨日|今日|刚刚|刚才)(?:\s?\d{1,2}[:：]\d{2})?|半小时前|an? (?:minute|hour|day|week|month) ago|yesterday|today|just now)\s*$/i

function findRelative({ texts, lines }: RowText): string | null {
  return [...texts, ...lines].find((text) => text.length <= 30 && relativeTime.test(text)) ?? null
}

const datedRows = new WeakMap<Row, boolean>()

/** Whether a row says when its article was published. */
export function isDated(row: Row): boolean {
  const cached = datedRows.get(row)
  if (cached !== undefined) return cached
  const text = readRowText(row)
  const dated = text.machineTimes.length > 0 || findRowDate(text) !== null || findRelative(text) !== null
  datedRows.set(row, dated)
  return dated
}

/** Addresses that carry the day of publication: `/202403/t20240318_12.html`, `/2024/03/18/`, `/2024-03/18/`. */
const addressDate = /[/_t]((?:19|20)\d{2})[-/]?(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)/

function addressDateOf(url: string): WrittenDate | null {
  const match = addressDate.exec(new URL(url).pathname)
  if (!match) return null
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), clock: null, index: 0, length: 0 }
}

/** A text of its own that is a date heads the rows that follow. */
const maxHeading = 30

interface Heading {
  readonly date: WrittenDate | null
  readonly year: number | null
}

const headings = new WeakMap<ParentNode, Heading>()

/** The heading of the part of a list in which a row is: `2024年3月18日 星期一` gives a date, `2023年` a year. */
export function headingOf(container: ParentNode): Heading {
  const cached = headings.get(container)
  if (cached) return cached
  const heading = findHeading(container)
  headings.set(container, heading)
  return heading
}

function findHeading(container: ParentNode): Heading {
  let node: ChildNode | null = isTag(container) ? container.prev : null
  for (let steps = 0; node !== null && !isTag(node) && steps < 4; steps++) node = node.prev
  // An element with many parts is a box of its own.
  if (node === null || !isTag(node) || node.children.length > 6) return { date: null, year: null }
  const text = textOf(node)
  if (text.length > maxHeading) return { date: null, year: null }
  const year = /^\D{0,4}((?:19|20)\d{2})\s?年?度?$/.exec(text)?.[1]
  const isDate = isDateOnly(text.replace(/(?:周|星期).$/, ''))
  return { date: isDate ? findWrittenDate(text) : null, year: year === undefined ? null : Number(year) }
}

/** When a row says that its article was published; the address is its last witness. */
export function readRowTime(row: Row, context: DateContext): StatedTime | null {
  const text = readRowText(row)
  for (const value of text.machineTimes) {
    const time = readMachineTime(value, context)
    if (time) return time
  }
  const inAddress = addressDateOf(row.url)
  const written = findRowDate(text)
  if (written !== null) {
    const year = headingOf(row.container).year ?? (inAddress?.month === written.month ? inAddress.year : null)
    return resolveWrittenDate(written, context, year)
  }
  const relative = findRelative(text)
  if (relative !== null && context.reference !== null) {
    const time = readTime(relative, { reference: context.reference, zone: context.zone })
    if (time !== null && !isSpan(time)) return { ...time, from: 'list' }
  }
  const heading = headingOf(row.container).date
  if (heading !== null) return resolveWrittenDate(heading, context)
  const stated = inAddress && resolveWrittenDate(inAddress, context)
  return stated && { ...stated, from: 'url' }
}

/** Shorter texts are labels: a channel, an author, a number of readers. */
const minSummary = 20

/** Lines of what is known about an article: 来源：… 时间：… 浏览：… */
const credits =
  /^(?:信息|文章|新闻)?(?:来源|发布时间|发布日期|时间|日期|作者|发布者|发布单位|发布机构|编辑|浏览|阅读|点击|类别|栏目|source|date|published|posted|author|by)\s?[:：]/i
const dateBefore = /^[[(（【]?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\])）】]?\s*/

/** The teaser of a row; `null` when it has none. */
export function readRowSummary(row: Row): string | null {
  const { lines } = readRowText(row)
  const [longest] = lines
    .filter((text) => !isDateOnly(text) && !isGenericTitle(text) && !credits.test(text) && !row.title.includes(text))
    .toSorted((a, b) => b.length - a.length)
  if (longest === undefined) return null
  const summary = longest
    .replace(dateBefore, '')
    .replace(/\s*[[【(（]?(?:详细|详情|全文|阅读全文|查看详情|更多|read more|more)[\]】)）]?\s*[>»›]*$/i, '')
  return summary.length >= minSummary && !row.title.includes(summary) ? summary : null
}
