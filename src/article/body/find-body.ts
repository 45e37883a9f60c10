import type { Document, Element } from 'domhandler'
import type { LinkedArticle } from '../json-ld.ts'
import type { MetaTags } from '../meta-tags.ts'
import { readTitle, type TitleReading } from '../title.ts'
import { type BodyChoice, chooseBody } from './choose-body.ts'
import { hiddenSources } from './hidden-body.ts'
import { type LineScores, scoreLines } from './line-values.ts'
import { type Line, type PageLines, readLines } from './read-lines.ts'
import { type RemovedLine, selectLines } from './select-lines.ts'

/** Where the text of a page was found. */
export interface FoundBody {
  /** The lines that the text was chosen from: the page's, or those of a part that it does not show. */
  readonly page: PageLines
  readonly lines: readonly Line[]
  readonly removed: readonly RemovedLine[]
  readonly choice: BodyChoice
  /** Running text of the body, in characters. */
  readonly good: number
  /** The body's share in the running text of the page, 0 to 1. */
  readonly share: number
  readonly from: string
}

export interface PageReading {
  /** The page as it is shown. */
  readonly page: PageLines
  readonly title: TitleReading
  readonly body: FoundBody
}

/** A paragraph of two or three lines: headlines and buttons before it are shorter. */
const paragraphValue = 40

function firstText(values: readonly number[], { from, to }: BodyChoice): number {
  const at = values.findIndex((value, i) => i >= from && i < to && value >= paragraphValue)
  return at < 0 ? from : at
}

const positive = (values: readonly number[], lines: readonly { readonly index: number }[]) =>
  lines.reduce((sum, { index }) => sum + Math.max(0, values[index] ?? 0), 0)

function found(page: PageLines, scores: LineScores, choice: BodyChoice, titleLine: number, from: string): FoundBody {
  const { lines, removed } = selectLines(page, scores, choice, titleLine)
  const good = positive(scores.values, lines)
  const all = positive(scores.values, page.lines)
  return { page, lines, removed, choice, good, share: all > 0 ? good / all : 0, from }
}

/** Less running text than this may be a notice of one sentence, or a page whose text a script will put there. */
const poorBody = 150
/** A text that is not shown must be this much longer than the one that is, before it is taken for the article. */
const clearlyMore = 3

/** Shorter hidden texts are messages and forms. */
const leastHidden = 80

/** The headline and the text of a page: chosen twice, since each helps to find the other. */
export function findBody(document: Document, meta: MetaTags, linked: LinkedArticle | null): PageReading {
  const page = readLines(document)
  const scores = scoreLines(page)
  const { values } = scores
  const first = chooseBody(page, values, -1)
  const title = readTitle(page.lines, firstText(values, first), meta, linked)
  for (let i = 0; i <= title.line; i++) values[i] = Math.min(0, values[i] ?? 0)
  const shown = found(page, scores, chooseBody(page, values, title.line), title.line, 'page')
  if (shown.good >= poorBody) return { page, title, body: shown }
  let best = shown
  for (const source of hiddenSources(document, linked)) {
    const hiddenScores = scoreLines(source.page)
    // Hidden elements keep the places of the page's own lines.
    const titleLine = source.page.root === page.root ? title.line : -1
    const hidden = found(
      source.page,
      hiddenScores,
      chooseBody(source.page, hiddenScores.values, titleLine),
      titleLine,
      source.from,
    )
    if (hidden.good > Math.max(best === shown ? shown.good * clearlyMore : best.good, leastHidden)) best = hidden
  }
  return { page, title, body: best }
}

/** The lines of the elements that a rule names, without what stands at their ends and is not of the text. */
export function bodyByRule(page: PageLines, elements: readonly Element[]): FoundBody | null {
  const spans = elements.flatMap((element) => page.spanOf.get(element) ?? [])
  const [first] = spans
  if (!first) return null
  const scores = scoreLines(page)
  const from = Math.min(...spans.map((span) => span.from))
  const to = Math.max(...spans.map((span) => span.to))
  const choice: BodyChoice = { span: spans.length === 1 ? first : null, from, to, score: 0 }
  const { lines, removed } = selectLines(page, scores, choice, -1, { byRule: true })
  const inside = lines.filter(({ index }) => spans.some((span) => index >= span.from && index < span.to))
  const good = positive(scores.values, inside)
  return { page, lines: inside, removed, choice, good, share: 1, from: 'rule' }
}
