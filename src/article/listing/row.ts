import { type Element, isTag, isText } from 'domhandler'
import type { StatedTime } from '../../model/time.ts'
import {
  type DateContext,
  findWrittenDate,
  readMachineTime,
  resolveWrittenDate,
  type WrittenDate,
} from './item-date.ts'
import type { Row } from './family.ts'
import { foldSpaces, isSilent } from './link.ts'
import { isDateOnly, isGenericTitle } from './title.ts'

/** What stands in a row beside its title. */
export interface RowText {
  /** Texts outside the title, in reading order. */
  readonly texts: readonly string[]
  /** `datetime` attributes of `<time>`. */
  readonly machineTimes: readonly string[]
}

function collect(element: Element, row: Row, into: { texts: string[]; machineTimes: string[] }): void {
  const open: (Element | string)[] = [element]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node === 'string') {
      const text = foldSpaces(node)
      if (text !== '' && text !== row.title) into.texts.push(text)
      continue
    }
    if (isSilent(node)) continue
    const machine = node.name === 'time' ? node.attribs['datetime'] : undefined
    if (machine !== undefined) into.machineTimes.push(machine)
    for (const child of node.children.toReversed()) {
      if (isTag(child)) open.push(child)
      else if (isText(child)) open.push(child.data)
    }
  }
}

export function readRowText(row: Row): RowText {
  const into = { texts: [], machineTimes: [] }
  for (const element of row.elements) collect(element, row, into)
  return into
}

/** Dates split over elements: `05` over `2019-11`, `11-05` over `2019`. */
const dayThenMonth = /^([0-3]?\d)\s*[日号]?\s*\/?\s*((?:19|20)\d{2})\s?[-/.年]\s?(1[0-2]|0?\d)\s?月?(?!\d)/
const monthThenYear = /^(1[0-2]|0?\d)\s?[-/.月]\s?([0-3]?\d)\s?日?\s*\/?\s*((?:19|20)\d{2})(?!\d)/

function splitDate(texts: readonly string[]): WrittenDate | null {
  for (const [index, text] of texts.entries()) {
    if (!/^[\d\s./\-年月日号]{1,12}$/.test(text)) continue
    const joined = texts.slice(index, index + 3).join(' ')
    const dayFirst = dayThenMonth.exec(joined)
    const monthFirst = monthThenYear.exec(joined)
    const found = dayFirst
      ? { year: Number(dayFirst[2]), month: Number(dayFirst[3]), day: Number(dayFirst[1]), length: dayFirst[0].length }
      : monthFirst
        ? {
            year: Number(monthFirst[3]),
            month: Number(monthFirst[1]),
            day: Number(monthFirst[2]),
            length: monthFirst[0].length,
          }
        : null
    if (found) return { ...found, clock: null, index: 0 }
  }
  return null
}

/** The date that a row states for its article, as written. */
export function findRowDate({ texts }: RowText): WrittenDate | null {
  const short = texts.filter((text) => text.length <= 60)
  const own = short.find((text) => isDateOnly(text) && findWrittenDate(text) !== null)
  const split = own === undefined || findWrittenDate(own)?.year === null ? splitDate(texts) : null
  if (split) return split
  if (own !== undefined) return findWrittenDate(own)
  for (const text of short) {
    const date = findWrittenDate(text)
    if (date) return date
  }
  return null
}

/** When a row says that its article was published. */
export function readRowTime(text: RowText, context: DateContext): StatedTime | null {
  for (const value of text.machineTimes) {
    const time = readMachineTime(value, context)
    if (time) return time
  }
  const written = findRowDate(text)
  return written === null ? null : resolveWrittenDate(written, context)
}

/** Shorter texts are labels: a channel, an author, a number of readers. */
const minSummary = 20

/** The teaser of a row; `null` when it has none. */
export function readRowSummary({ texts }: RowText, row: Row): string | null {
  const longest = texts
    .filter((text) => !isDateOnly(text) && !isGenericTitle(text) && !row.title.includes(text))
    .toSorted((a, b) => b.length - a.length)[0]
  return longest !== undefined && longest.length >= minSummary ? longest : null
}
