import { type Document, type Element, isTag, isText, type ParentNode } from 'domhandler'
import { absoluteUrl, foldSpaces, linkTarget, textOf } from './link.ts'
import { elementsIn } from './title.ts'

const nextWords =
  /^[\s>»›→[(（【]*(?:下一?[页頁]|后一?[页頁]|下[页頁]|next(?:\s?page)?|older(?: posts| news| entries)?|weiter|suivante?)[\s>»›→\])）】]*$/i
const nextSigns = /^(?:[>›»→]|&gt;)$/
const nextClass = /(?:^|[\s_-])(?:next|nextpage|page-?next|pagination-?next|xyy|xiayiye)(?:$|[\s_-])/i
const disabled = /(?:^|[\s_-])(?:disabled?|inactive|hidden)(?:$|[\s_-])/i
const currentClass = /(?:^|[\s_-])(?:current|cur|active|on|this|thisclass|selected|now|curpage|page-?now)(?:$|[\s_-])/i

/** Pages of lists are counted in tens; larger numbers are years. */
const maxPageNumber = 1500

function isDisabled(link: Element): boolean {
  const parent = link.parent
  const around = parent !== null && isTag(parent) ? (parent.attribs['class'] ?? '') : ''
  return disabled.test(`${link.attribs['class'] ?? ''} ${around}`) || link.attribs['aria-disabled'] === 'true'
}

/** What a link to the next page would say of itself, strongest first; 0 when it says nothing of the kind. */
function nextness(link: Element): number {
  const rel = (link.attribs['rel'] ?? '').toLowerCase().split(/\s+/)
  if (rel.includes('next')) return 4
  const text = textOf(link)
  const label = foldSpaces(link.attribs['aria-label'] ?? link.attribs['title'] ?? '')
  if (text.length <= 20 && (nextWords.test(text) || (nextWords.test(label) && text.length <= 4))) return 3
  if (text.length > 3) return 0
  const names = `${link.attribs['class'] ?? ''} ${link.attribs['id'] ?? ''}`
  const parent = link.parent !== null && isTag(link.parent) ? (link.parent.attribs['class'] ?? '') : ''
  if (nextClass.test(names) || nextClass.test(parent)) return 2
  return nextSigns.test(text) ? 1 : 0
}

interface Numbered {
  readonly number: number
  readonly url: string | null
  readonly isCurrent: boolean
}

/** The page numbers in a bar of pages, links or not; empty when it is none. */
function numbersIn(bar: Element, pageUrl: string, baseUrl: string): Numbered[] {
  const numbers: Numbered[] = []
  for (const element of elementsIn(bar)) {
    if (element.children.some((child) => isTag(child))) continue
    const text = foldSpaces(element.children.map((child) => (isText(child) ? child.data : '')).join(''))
    const match = /^[[(（]?(\d{1,4})[\])）]?$/.exec(text)
    if (!match || Number(match[1]) > maxPageNumber) continue
    const link = linkAround(element, bar)
    const url = link === null ? null : linkTarget(link, baseUrl)
    const parent = element.parent !== null && isTag(element.parent) ? element.parent : element
    const names = `${element.attribs['class'] ?? ''} ${parent === bar ? '' : (parent.attribs['class'] ?? '')}`
    const isMarked = currentClass.test(names) || element.attribs['aria-current'] !== undefined
    numbers.push({ number: Number(match[1]), url, isCurrent: isMarked || link === null || url === pageUrl })
  }
  return numbers
}

function linkAround(element: Element, bar: Element): Element | null {
  for (let at: ParentNode | null = element; at !== null && at !== bar && isTag(at); at = at.parent) {
    if (at.name === 'a') return at
  }
  return null
}

/** The link to the number after the current one, in the bar around a link that is a bare number. */
function nextByNumber(links: readonly Element[], pageUrl: string, baseUrl: string): string | null {
  const bars = new Set<Element>()
  for (const link of links) {
    if (!/^[[(]?\d{1,4}[\])]?$/.test(textOf(link))) continue
    const parent = link.parent
    if (parent === null || !isTag(parent)) continue
    bars.add(parent)
    if (
      parent.parent !== null &&
      isTag(parent.parent) &&
      parent.children.filter((child) => isTag(child)).length === 1
    ) {
      bars.add(parent.parent)
    }
  }
  for (const bar of [...bars].slice(0, 20)) {
    const numbers = numbersIn(bar, pageUrl, baseUrl)
    const linked = numbers.filter(({ url, isCurrent }) => url !== null && !isCurrent)
    if (linked.length < 1 || numbers.length > 60) continue
    const marked = numbers.find(({ isCurrent }) => isCurrent)
    const isFirstOfMany = marked === undefined && linked.length > 1 && !linked.some(({ number }) => number === 1)
    const current = marked?.number ?? (isFirstOfMany ? 1 : null)
    const next = current === null ? undefined : linked.find(({ number }) => number === current + 1)
    if (next) return next.url
  }
  return null
}

/** The paging call of the content system that most Chinese government sites run on: total, index from 0, name, ending. */
const pagingCall =
  /createPage(?:HTML|Html)\s*\(\s*(?:['"][\w#.-]{0,40}['"]\s*,\s*)?['"]?(\d{1,5})['"]?\s*,\s*['"]?(\d{1,5})['"]?\s*,\s*['"]([\w-]{1,60})['"]\s*,\s*['"](\w{2,6})['"]/
const countPage = /\bcountPage\s*=\s*(\d{1,5})/
const currentPage = /\bcurrentPage\s*=\s*(\d{1,5})/

function nextByScript(document: Document, baseUrl: string): string | null {
  for (const element of elementsIn(document)) {
    if (element.name !== 'script') continue
    const code = element.children.map((child) => (isText(child) ? child.data : '')).join('')
    if (code.length > 20_000 || !/createPage|countPage/i.test(code)) continue
    const call = pagingCall.exec(code)
    const total = Number(call?.[1] ?? countPage.exec(code)?.[1] ?? 0)
    const index = Number(call?.[2] ?? currentPage.exec(code)?.[1] ?? 0)
    if (call === null && !/index["'+\s]{0,6}_/.test(code)) continue
    if (index + 1 < total) return absoluteUrl(`${call?.[3] ?? 'index'}_${index + 1}.${call?.[4] ?? 'html'}`, baseUrl)
  }
  return null
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/, '')
}

/** The address of the list's next page; `null` when the page names none or is the last. */
export function findNextPage(document: Document, pageUrl: string, baseUrl: string): string | null {
  const own = withoutFragment(pageUrl)
  let best: { url: string; nextness: number } | null = null
  const links: Element[] = []
  for (const element of elementsIn(document)) {
    if (element.name !== 'a' && element.name !== 'link') continue
    if (element.name === 'a') links.push(element)
    const strength = nextness(element)
    if (strength <= (best?.nextness ?? 0) || isDisabled(element)) continue
    const url = linkTarget(element, baseUrl)
    if (url !== null && withoutFragment(url) !== own && new URL(url).host === new URL(pageUrl).host) {
      best = { url, nextness: strength }
    }
  }
  // A lone ">" may be the last step of a path as well: numbers are the better witness.
  if (best !== null && best.nextness > 1) return best.url
  return nextByNumber(links, own, baseUrl) ?? best?.url ?? nextByScript(document, baseUrl)
}
