import { type ChildNode, type Element, isTag, type ParentNode } from 'domhandler'
import { findWrittenDate } from './item-date.ts'
import { foldSpaces, textOf } from './link.ts'

/** What links say that name no article: they lead to one whose title stands elsewhere, or to none. */
const genericText =
  /^[\s>»›[【(（…+·]*(?:更多|more|查看(?:详情|全文|更多)?|详[情细](?:内容)?|全文|阅读(?:全文|更多|原文)?|点击(?:查看|阅读|下载|进入)?.{0,4}|下载|进入|返回.{0,4}|read\s(?:more|on|full.{0,12}|the.{0,20})|learn more|view (?:more|all|details)|see (?:more|all)|continue(?: reading)?|full story|details|download|pdf|打开|预览|首页|首頁|上[一]?[页頁]|下[一]?[页頁]|末[页頁]|尾[页頁]|前一页|后一页|next(?:\spage)?|prev(?:ious)?(?:\spage)?|first|last|older|newer|home|回复|评论|分享|跟贴|\d+)[\s<>»›\]】)）….→+]*$/i

const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'])
const titleClass = /(?:^|[\s_-])(?:title|tit|headline|hd|bt|biaoti|heading|subject)/i

/** Whether a link's words name no article: "more", "read on", "3". */
export function isGenericTitle(text: string): boolean {
  return text === '' || genericText.test(text)
}

/** The elements inside `root`, in document order. */
export function* elementsIn(root: ParentNode): Generator<Element> {
  const open: ParentNode[] = [root]
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (element !== root && isTag(element)) yield element
    for (const child of element.children.toReversed()) if (isTag(child)) open.push(child)
  }
}

export function isHeading(element: Element): boolean {
  return headings.has(element.name)
}

function hasTitleClass(element: Element): boolean {
  return titleClass.test(element.attribs['class'] ?? '')
}

/** Whether a text is a date and little else. */
export function isDateOnly(text: string): boolean {
  const date = findWrittenDate(text)
  return date === null ? /^[\d\s./:-]{1,12}$/.test(text) : text.length - date.length <= 6
}

/** The part of a link that names its article, for links that wrap a whole card. */
function cardTitle(link: Element): string | null {
  let byClass: string | null = null
  let first: string | null = null
  for (const element of elementsIn(link)) {
    if (isHeading(element)) {
      const text = textOf(element)
      if (text !== '') return text
    }
    if (byClass === null && hasTitleClass(element)) byClass = textOf(element) || null
    if (first === null && !element.children.some((child) => isTag(child))) {
      const text = textOf(element)
      if (text.length >= 4 && !isDateOnly(text) && !isGenericTitle(text)) first = text
    }
  }
  return byClass ?? first
}

/** Text cut short by the page: `关于新增某某公司为…`. */
const cutOff = /\s?(?:\.{2,}|…+|。{2,}|⋯+)$/

/** No title is longer; a link around half of a page is. */
const maxTitle = 500

function squeezed(text: string): string {
  return text.replaceAll(' ', '')
}

/**
 * What a link says its article is called; the full title where the page shows a shortened one.
 * Empty when it says nothing.
 */
export function linkTitle(link: Element): string {
  const whole = textOf(link).slice(0, maxTitle)
  const hasParts = link.children.filter((child) => isTag(child) && child.name !== 'img').length > 0
  const shown = ((hasParts ? cardTitle(link) : null) ?? whole).slice(0, maxTitle)
  const stated = foldSpaces(link.attribs['title'] ?? '').slice(0, maxTitle)
  if (stated === '') return shown === '' ? imageTitle(link) : shown
  const stem = shown.replace(cutOff, '').trim()
  if (shown === '' || (stem !== '' && squeezed(stated).includes(squeezed(stem)) && cutOff.test(shown))) return stated
  return squeezed(stated).startsWith(squeezed(stem)) && !isGenericTitle(stated) ? stated : shown
}

/** The title of a row whose link says only "more": its heading, else what is marked as title; `null` when it has neither. */
export function titleOfRow(nodes: readonly ChildNode[]): string | null {
  let marked: string | null = null
  for (const node of nodes) {
    if (!isTag(node)) continue
    for (const element of [node, ...elementsIn(node)]) {
      if (!isHeading(element) && (marked !== null || !hasTitleClass(element))) continue
      const text = textOf(element)
      if (isGenericTitle(text) || isDateOnly(text)) continue
      if (isHeading(element)) return text
      marked = text
    }
  }
  return marked
}

function imageTitle(link: Element): string {
  for (const element of elementsIn(link)) {
    const alt = element.name === 'img' ? foldSpaces(element.attribs['alt'] ?? '') : ''
    if (alt !== '') return alt
  }
  return ''
}

const cjk = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]/g

/** How much a title says, in Chinese characters; a word of another script counts two. */
export function titleWeight(title: string): number {
  const characters = title.match(cjk)?.length ?? 0
  const words = title.replaceAll(cjk, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  return characters + words * 2
}

const leadingDate = /^[[(（【]?\s?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s?[\])）】]?[\s:：]+(?=\S{4})/
const trailingDate =
  /(?:\s+|\s?[[(（【]\s?)(?:(?:19|20)\d{2}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\s\d{1,2}:\d{2}(?::\d{2})?)?\s?[\])）】]?$/

/** A title without the bullet before it and without a date that the link has beside it. */
export function cleanTitle(title: string): string {
  const bare = title
    .replace(/^[·•●■◆▪▶►>»\-–—*\s]+(?=\S)/, '')
    .replace(leadingDate, '')
    .replace(trailingDate, '')
    .trim()
  return bare === '' ? title : bare
}
