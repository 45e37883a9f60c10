import { Element } from 'domhandler'
import type { PageLines, Span } from './read-lines.ts'

export interface BodyChoice {
  readonly span: Span | null
  /** Lines from `from` up to but not including `to`. */
  readonly from: number
  readonly to: number
  readonly score: number
}

/** Elements that hold a text as a whole; a paragraph or a list item never is the body while there are others beside it. */
const containers = new Set([
  'html',
  'body',
  'div',
  'td',
  'section',
  'article',
  'main',
  'table',
  'tbody',
  'tr',
  'center',
  'span',
  'font',
  'form',
  'dd',
  'li',
])

/** Chosen on labelled pages: below 0.8 parts of split bodies are lost, above 0.95 players and toolbars stay in. */
const dominantShare = 0.88

class Sums {
  readonly #all = [0]
  readonly #good = [0]

  constructor(values: readonly number[]) {
    for (const value of values) {
      this.#all.push((this.#all.at(-1) ?? 0) + value)
      this.#good.push((this.#good.at(-1) ?? 0) + Math.max(0, value))
    }
  }

  of({ from, to }: { readonly from: number; readonly to: number }): number {
    return (this.#all[to] ?? 0) - (this.#all[from] ?? 0)
  }

  goodOf({ from, to }: { readonly from: number; readonly to: number }): number {
    return (this.#good[to] ?? 0) - (this.#good[from] ?? 0)
  }
}

/** A text begins right below its headline: what stands hundreds of lines further down is a box of the site's. */
const nearLines = 15
const halfLines = 60

/** Less is a label or a button. */
const leastParagraph = 12

/** A box of links inside of a text costs it no more than this, however long it is; a page has many such boxes. */
const costliestBox = 40

/** For each element the sum of its lines' values, boxes that count against it limited; in the order of `page.spans`. */
function scoresOf(page: PageLines, values: readonly number[]): number[] {
  const sums = [0]
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value)
  const sumOf = (from: number, to: number) => (sums[to] ?? 0) - (sums[from] ?? 0)
  // Elements that ended and whose parent did not yet, in their order; a parent takes those that lie inside of it.
  const ended: number[] = []
  const scores: number[] = []
  for (const { from, to } of page.spans) {
    let score = sumOf(from, to)
    for (let at = ended.at(-1); at !== undefined; at = ended.at(-1)) {
      const last = page.spans[at]
      if (!last || last.from < from) break
      score += Math.max(scores[at] ?? 0, -costliestBox) - sumOf(last.from, last.to)
      ended.pop()
    }
    ended.push(scores.length)
    scores.push(score)
  }
  return scores
}

/**
 * The innermost element whose lines have the greatest sum of values, each counted the less the further it stands below
 * the headline.
 * @param titleLine -1 where no line shows the headline
 */
export function chooseBody(page: PageLines, values: readonly number[], titleLine: number): BodyChoice {
  const near =
    titleLine < 0
      ? values
      : values.map((value, i) => value / (1 + (Math.max(0, i - titleLine - nearLines) / halfLines) ** 2))
  const scores = scoresOf(page, near)
  // Bare text beside the elements of a fragment belongs to no span: the whole page is a candidate like any other.
  let best: BodyChoice = {
    span: null,
    from: 0,
    to: page.lines.length,
    score: near.reduce((sum, value) => sum + value, 0),
  }
  for (let i = page.spans.length - 1; i >= 0; i--) {
    const span = page.spans[i]
    const score = scores[i] ?? 0
    if (span && (score > best.score || (score >= best.score && span.to - span.from <= best.to - best.from))) {
      best = { span, from: span.from, to: span.to, score }
    }
  }
  return narrow(widen(best, page, near), page, new Sums(values))
}

const kindOf = (element: Element) => `${element.name}.${element.attribs['class'] ?? ''}`

/** A paragraph that has others like it beside it is one of the text, whatever boxes stand between them. */
function widen(choice: BodyChoice, page: PageLines, values: readonly number[]): BodyChoice {
  let best = choice
  for (let element = best.span?.element; element?.parent instanceof Element; element = best.span?.element) {
    const kind = kindOf(element)
    const others = element.parent.children
      .filter((child) => child instanceof Element)
      .filter((child) => child !== element && kindOf(child) === kind)
    const isOneOfMany = others.some((child) => {
      const span = page.spanOf.get(child)
      return (
        span !== undefined && values.slice(span.from, span.to).reduce((sum, value) => sum + value, 0) > leastParagraph
      )
    })
    const span = isOneOfMany ? page.spanOf.get(element.parent) : undefined
    if (!span) return best
    best = { span, from: span.from, to: span.to, score: best.score }
  }
  return best
}

/** Steps into a child that holds nearly all of the running text, so that what stands around it stays outside. */
function narrow(choice: BodyChoice, page: PageLines, sums: Sums): BodyChoice {
  let best = choice
  for (;;) {
    const element = best.span?.element
    if (!element) return best
    const good = sums.goodOf(best)
    const children = element.children.filter((child) => child instanceof Element)
    const next = children.find((child) => {
      const span = page.spanOf.get(child)
      return span !== undefined && containers.has(child.name) && sums.goodOf(span) >= good * dominantShare
    })
    const span = next && page.spanOf.get(next)
    if (!next || !span) return best
    const isOneOfMany = children.some((child) => {
      const other = child === next || kindOf(child) !== kindOf(next) ? undefined : page.spanOf.get(child)
      return other !== undefined && sums.of(other) > 0
    })
    if (isOneOfMany) return best
    best = { span, from: span.from, to: span.to, score: sums.of(span) }
  }
}
