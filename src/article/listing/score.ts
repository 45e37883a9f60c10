import { isTag, type ParentNode } from 'domhandler'
import type { Family, Row } from './family.ts'
import { findRowDate, readRowText } from './row.ts'
import { titleWeight } from './title.ts'

export interface ScoredFamily {
  readonly family: Family
  readonly score: number
  /** Share of rows with a date. */
  readonly dated: number
}

/** Relative times are dates too: `26分钟前`, `3 hours ago`, `昨天`. */
const relativeTime =
  /^\D{0,6}(?:\d{1,3}\s?(?:秒|分钟?|小时|天|周|个月|seconds?|mins?|minutes?|hours?|days?|weeks?)\s?(?:钟|之?前|ago)|昨天|前天|今天|刚刚|yesterday|today|just now)/i

const asideWords =
  /(?:^|[\s_-])(?:nav|menu|foot|footer|header|top-?bar|crumb|breadcrumb|aside|side-?bar|rank|hot|related|relate|recommend|tags?|tag-?cloud|friend|copyright|share|login|search|pagination|pager)(?:$|[\s_-])/i

/** How likely an address is one article's: it holds a number, a date, a file or a long name. */
function addressWeight(url: string): number {
  const { pathname, search } = new URL(url)
  if (/\d{4,}|\d{2,4}[-/]\d{1,2}|\.pdf$|\.docx?$/i.test(pathname) || /\d{3,}|[?&](?:id|aid|tid|newsid)=/i.test(search))
    return 1
  if (/[^/]+(?:-[^/]+){3,}\/?$/.test(pathname) || /\d/.test(pathname)) return 0.8
  return /\/$|(?:index|list)[^/]*$/i.test(pathname) ? 0.15 : 0.4
}

function titleScore(title: string): number {
  return Math.min(1, Math.max(0.05, (titleWeight(title) - 3) / 11))
}

function contextWeight(container: ParentNode): number {
  let weight = 1
  for (let element: ParentNode | null = container; element !== null && isTag(element); element = element.parent) {
    if (element.name === 'nav' || element.name === 'footer' || element.name === 'aside') weight = Math.min(weight, 0.15)
    const names = `${element.attribs['class'] ?? ''} ${element.attribs['id'] ?? ''}`
    if (element.name !== 'body' && asideWords.test(names)) weight = Math.min(weight, 0.35)
  }
  return weight
}

function isDated(row: Row): boolean {
  const text = readRowText(row)
  return text.machineTimes.length > 0 || findRowDate(text) !== null || text.texts.some((t) => relativeTime.test(t))
}

/** Dated rows are news far more often than undated ones. */
const datedBonus = 4

export function scoreFamily(family: Family): ScoredFamily {
  const dated = family.rows.filter(isDated).length / family.rows.length
  const rows = new Map(family.rows.map((row) => [row.url, titleScore(row.title) * addressWeight(row.url)]))
  const sum = [...rows.values()].reduce((total, weight) => total + weight, 0)
  const context = family.containers.reduce((most, container) => Math.max(most, contextWeight(container)), 0)
  const together = Math.min(1, (family.rows.length / family.containers.length - 1) * 0.9 + 0.1)
  return { family, dated, score: sum * context * together * (1 + (datedBonus - 1) * (dated >= 0.5 ? dated : 0)) }
}

/** The rows of the page's news. */
export function chooseRows(families: readonly Family[]): Row[] {
  const scored = families
    .map(scoreFamily)
    .toSorted((a, b) => b.score - a.score || a.family.signature.length - b.family.signature.length)
  const best = scored[0]
  if (best === undefined) return []
  return [...new Map(best.family.rows.map((row) => [row.url, row])).values()]
}
