import type { Line, PageLines, Span } from './read-lines.ts'
import { isLegalLine } from './boilerplate.ts'

/**
 * What a line speaks for its being part of the article: running text for it, links and legal lines against it.
 * About one point a Chinese character of running text.
 */
export function valueOf(line: Line): number {
  if (line.hidden || line.weight === 0) return 0
  if (isLegalLine(line.text)) return -20
  const plain = line.weight - line.linkWeight
  // A list of links costs as much as a short paragraph brings, so that the block that wins does without it.
  if (line.linkWeight > plain) return -(6 + line.linkWeight * 0.6)
  const isProse = line.marks > 0 && plain >= 10
  const value = isProse ? plain : Math.min(plain * 0.25, 6)
  if (line.hint < 0) return line.hint <= -0.9 ? -value * 0.3 : value * (1 + line.hint)
  return value * (1 + 0.3 * line.hint)
}

export interface BodyChoice {
  readonly span: Span | null
  /** Lines from `from` up to but not including `to`. */
  readonly from: number
  readonly to: number
  readonly score: number
}

/** The innermost element whose lines have the greatest sum of values. */
export function chooseBody(page: PageLines, values: readonly number[]): BodyChoice {
  const sums = [0]
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value)
  const sum = (from: number, to: number) => (sums[to] ?? 0) - (sums[from] ?? 0)
  let best: BodyChoice = { span: null, from: 0, to: page.lines.length, score: sum(0, page.lines.length) }
  // Bare text beside the elements of a fragment belongs to no span: the whole page is a candidate like any other.
  for (const span of page.spans.toReversed()) {
    const score = sum(span.from, span.to)
    if (score > best.score || (score >= best.score && span.to - span.from <= best.to - best.from)) {
      best = { span, from: span.from, to: span.to, score }
    }
  }
  return best
}
