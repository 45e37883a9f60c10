import type { CheerioAPI } from 'cheerio/slim'
import { type Element, isTag } from 'domhandler'
import type { KnownArticle } from '../model/known-article.ts'
import type { PageSource } from '../model/page.ts'
import type { ArticleRules } from '../model/source.ts'
import { decodePage } from './charset.ts'
import { readDateValue } from './date-time.ts'
import { byVotes, parentOf, selectorsOf } from './lasting-selector.ts'
import type { ProposedRule } from './listing/propose-rules.ts'
import { isInline, textOf } from './listing/link.ts'
import { elementsIn, isHeading } from './listing/title.ts'
import { parseHtml } from './parse-html.ts'
import { readArticle } from './read-article.ts'
import { comparable, isSameTime, isSameTitle } from './same-value.ts'

/** A page of an article that is known from before. */
export interface KnownPage {
  readonly page: PageSource
  readonly known: KnownArticle
}

const ruleNames = ['title', 'body', 'publishedAt'] as const
type RuleName = (typeof ruleNames)[number]

/** Rules for pages that were made anew. */
export interface ArticleProposal {
  /** Pages whose articles are known. */
  readonly known: number
  readonly rules: Readonly<Partial<Record<RuleName, ProposedRule>>>
  /** Rules of before that still hold. */
  readonly kept: ArticleRules
}

/** A rule is worth something when it reads most of what is known. */
const fewestRight = 0.6
/** Texts are read with small changes: a correction, a line more or less. */
const sameParagraphs = 0.9
const longestBody = 1.3
/** A date stands among the credits of an article: `来源：… 时间：… 浏览：…`. */
const longestDate = 120
const maxTried = 20

interface Sample extends KnownPage {
  readonly $: CheerioAPI
  readonly elements: readonly Element[]
  readonly zone: string
}

function isRight(name: RuleName, { page, known }: Sample, rules: ArticleRules): boolean {
  const article = readArticle(page, rules)
  if (name === 'title') return article.title !== null && isSameTitle(article.title, known.title)
  if (name === 'body') return isSameText(article.bodyText, known.bodyText)
  return (
    article.publishedAt !== null && known.publishedAt !== null && isSameTime(article.publishedAt, known.publishedAt)
  )
}

function isSameText(read: string, known: string): boolean {
  const paragraphs = known.split('\n').map(comparable)
  const found = new Set(read.split('\n').map(comparable))
  const same = paragraphs.filter((paragraph) => found.has(paragraph)).length
  return same >= paragraphs.length * sameParagraphs && read.length <= known.length * longestBody
}

/** Whether a rule finds something on a page. */
function isMatched({ $ }: Sample, selector: string): boolean {
  try {
    return $(selector)
      .toArray()
      .some((node) => isTag(node) && (textOf(node) !== '' || node.attribs['content']))
  } catch {
    return false
  }
}

/** The innermost element that holds nearly all of the known text. */
function bodyOf({ elements, known }: Sample): Element | null {
  const paragraphs = known.bodyText.split('\n').map(comparable)
  const wanted = paragraphs.join('').length * sameParagraphs
  const holds = (element: Element) => {
    const text = comparable(textOf(element))
    return paragraphs.reduce((sum, each) => sum + (text.includes(each) ? each.length : 0), 0) >= wanted
  }
  let body = elements.find((element) => element.name === 'body') ?? null
  for (let inner = body; inner !== null;) {
    body = inner
    inner = inner.children.filter(isTag).find(holds) ?? null
  }
  // A text of one paragraph: what it stands in is the body.
  while (body !== null && (isInline(body) || /^(?:p|h\d|li|td)$/.test(body.name))) body = parentOf(body)
  return body
}

/** The elements of a page that say what is known of its article. */
function elementsOf(name: RuleName, sample: Sample): Element[] {
  const { elements, known, zone } = sample
  if (name === 'body') return [bodyOf(sample)].filter((body) => body !== null)
  if (name === 'title') {
    return elements
      .filter(({ name }) => name !== 'title')
      .filter((element) => isSameTitle(textOf(element), known.title))
  }
  const { publishedAt } = known
  if (publishedAt === null) return []
  return elements.filter((element) => {
    const text = textOf(element)
    const time = text.length > longestDate ? null : readDateValue(text, { zone, reference: null }, 'rule')
    return time !== null && isSameTime(time, publishedAt)
  })
}

/** Without those around another one: a rule for them finds more than it should. Headings first, else as they stand. */
function innermost(elements: readonly Element[]): Element[] {
  const around = new Set<Element>()
  for (const element of elements) {
    for (let outer = parentOf(element); outer !== null; outer = parentOf(outer)) around.add(outer)
  }
  const inner = elements.filter((element) => !around.has(element))
  return [...inner.filter(isHeading), ...inner.filter((element) => !isHeading(element))]
}

function selectorsFor(name: RuleName, samples: readonly Sample[]): string[] {
  return byVotes(
    samples.flatMap((sample) => [...new Set(innermost(elementsOf(name, sample)).flatMap(selectorsOf))]),
  ).slice(0, maxTried)
}

/** Rules that matched something on at least one page. */
function lastingRules(rules: ArticleRules, samples: readonly Sample[]): ArticleRules {
  const lost = ruleNames.filter((name) => {
    const selector = rules[name]
    return selector !== undefined && !samples.some((sample) => isMatched(sample, selector))
  })
  return Object.fromEntries(Object.entries(rules).filter(([name]) => !lost.some((each) => each === name)))
}

/**
 * Rules that read again what is known of articles whose pages were made anew: for each rule that matches nothing any
 * more, and for each part that is read otherwise than before.
 * @param rules the rules that there were
 * @returns `null` when nothing is amiss, or nothing is found
 */
export function proposeArticleRules(pages: readonly KnownPage[], rules: ArticleRules = {}): ArticleProposal | null {
  const samples = pages.map((each): Sample => {
    const { $, document } = parseHtml(decodePage(each.page).text)
    const zone = each.page.timeZone ?? each.known.publishedAt?.zone ?? 'Asia/Shanghai'
    return { ...each, $, elements: [...elementsIn(document)], zone }
  })
  const lasting = lastingRules(rules, samples)
  const proposed: Partial<Record<RuleName, ProposedRule>> = {}
  for (const name of ruleNames) {
    const judged = name === 'publishedAt' ? samples.filter(({ known }) => known.publishedAt !== null) : samples
    const rightWith = (selectors: ArticleRules) => judged.filter((sample) => isRight(name, sample, selectors)).length
    const enough = judged.length * fewestRight
    const isLost = rules[name] !== undefined && lasting[name] === undefined
    if (judged.length === 0 || (!isLost && rightWith(lasting) >= enough)) continue
    let best: ProposedRule | null = null
    for (const selector of selectorsFor(name, judged)) {
      const found = judged.filter((sample) => isMatched(sample, selector))
      const matched = found.filter((sample) => isRight(name, sample, { ...lasting, [name]: selector })).length
      if (matched >= enough && matched > (best?.matched ?? 0)) best = { selector, matched }
    }
    if (best) proposed[name] = best
  }
  const kept = Object.fromEntries(Object.entries(lasting).filter(([name]) => !(name in proposed)))
  return Object.keys(proposed).length === 0 ? null : { known: samples.length, rules: proposed, kept }
}
