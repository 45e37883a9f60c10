import { Element, type ParentNode } from 'domhandler'
import { hintOf } from './hints.ts'
import { isCreditLine, isLegalLine, isMetaLine, opensOtherContent } from './boilerplate.ts'
import type { Line, PageLines, Span } from './read-lines.ts'

/**
 * What a line speaks for its being part of the article: running text for it, links and legal lines against it.
 * About one point a Chinese character of running text.
 */
function plainValueOf(line: Line): number {
  if (line.hidden || line.weight === 0) return 0
  if (isLegalLine(line.text)) return -20
  const plain = line.weight - line.linkWeight
  // A list of links costs as much as a short paragraph brings, so that the block that wins does without it.
  if (line.linkWeight > plain) return -(6 + line.linkWeight * 0.6)
  // A line of a poem or of a talk is short and ends as a clause does.
  const isProse = line.marks > 0 && (plain >= 10 || (plain >= 5 && /[，。！？；]$/.test(line.text)))
  return isProse ? plain : Math.min(plain * 0.15, 4)
}

function hinted(value: number, hint: number): number {
  if (value <= 0) return value
  if (hint <= -0.8) return -value * 0.3
  return hint < 0 ? value * (1 + hint) : value * (1 + 0.3 * hint)
}

/** What the names of the elements around each line say of it, from -1 to 1. */
function lineHints(page: PageLines, values: readonly number[]): number[] {
  const sums = [0]
  for (const value of values) sums.push((sums.at(-1) ?? 0) + Math.max(0, value))
  const all = Math.max(1, sums.at(-1) ?? 0)
  const known = new Map<Element, number>()
  const hints = Array.from({ length: page.lines.length }, () => 0)
  // Outer elements come first, so that the hint around each one is known; inner ones overwrite.
  for (const { element, from, to } of page.spans.toReversed()) {
    const outer = element.parent instanceof Element ? (known.get(element.parent) ?? 0) : 0
    const share = ((sums[to] ?? 0) - (sums[from] ?? 0)) / all
    const hint = hintOf(element, outer, share)
    known.set(element, hint)
    for (let i = from; i < to; i++) hints[i] = hint
  }
  return hints
}

/** What is worth more is a sentence, whatever words it begins with. */
const prose = 25

export interface LineScores {
  /** What each line speaks for its being part of the article. */
  readonly values: number[]
  /** What the names of the elements around each line say of it, from -1 to 1. */
  readonly hints: readonly number[]
}

/**
 * The scores of a page's lines, with what stands under "related", "comments" and the like, and what is a list of
 * teasers, counted as no part of the article.
 */
export function scoreLines(page: PageLines): LineScores {
  const plain = page.lines.map(plainValueOf)
  const hints = lineHints(page, plain)
  const values = plain.map((value, i) => hinted(value, hints[i] ?? 0))
  for (const { index, text } of page.lines) {
    const value = values[index] ?? 0
    if (value > 0 && value < prose && (isMetaLine(text) || isCreditLine(text))) values[index] = 0
  }
  for (const line of page.lines) {
    const mayHead = !line.hidden && (line.heading > 0 || line.linkWeight === 0)
    if (mayHead && opensOtherContent(line.text)) suppressAfter(line, page, values)
  }
  for (const span of page.spans) {
    if (isTeaserList(span, page)) for (let i = span.from; i < span.to; i++) values[i] = Math.min(values[i] ?? 0, -5)
  }
  return { values, hints }
}

/** What follows such a heading in the section that it heads is other content. */
function suppressAfter(line: Line, page: PageLines, values: number[]): void {
  let heading: Element | null = null
  for (let node: ParentNode | null = line.block; node instanceof Element; node = node.parent) {
    const span = page.spanOf.get(node)
    if (span && (span.from < line.index || span.to > line.index + 1)) {
      // A word in a row of alike ones is a button or a channel, not a heading.
      if (heading && isOneOfAlike(heading)) return
      for (let i = line.index; i < span.to; i++) values[i] = Math.min(0, values[i] ?? 0)
      return
    }
    heading = node
  }
}

function isOneOfAlike(element: Element): boolean {
  if (/^h[1-6]$/.test(element.name)) return false
  return [nextElement(element), previousElement(element)].some(
    (other) => other !== null && kindOf(other) === kindOf(element),
  )
}

function nextElement(element: Element): Element | null {
  let node = element.next
  while (node && !(node instanceof Element)) node = node.next
  return node
}

function previousElement(element: Element): Element | null {
  let node = element.prev
  while (node && !(node instanceof Element)) node = node.prev
  return node
}

const kindOf = (element: Element) => `${element.name}.${element.attribs['class'] ?? ''}`

/** Three or more alike children, most of which lead somewhere else by a link of headline length. */
function isTeaserList({ element, from, to }: Span, page: PageLines): boolean {
  if (to - from < 6 || element.name === 'tr') return false
  if (element.children.length < 3) return false
  const children = element.children.flatMap((child) => (child instanceof Element ? (page.spanOf.get(child) ?? []) : []))
  if (children.length < 3) return false
  const counts = new Map<string, { all: number; linked: number }>()
  for (const span of children) {
    if (span.to - span.from < 2 || span.to - span.from > 8) continue
    const kind = kindOf(span.element)
    const count = counts.get(kind) ?? { all: 0, linked: 0 }
    count.all++
    const inside = page.lines.slice(span.from, span.to)
    if (inside.some((line) => line.weight >= 5 && line.linkWeight > line.weight * 0.7)) count.linked++
    counts.set(kind, count)
  }
  return [...counts.values()].some(({ all, linked }) => all >= 3 && linked >= all * 0.7 && all >= children.length * 0.6)
}
