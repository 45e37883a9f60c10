import type { Line } from './read-lines.ts'
import { isCreditLine, isLegalLine } from './boilerplate.ts'

const isAside = (line: Line) =>
  line.text !== '' &&
  (isCreditLine(line.text) || isLegalLine(line.text) || (line.linkWeight > line.weight * 0.6 && line.weight < 60))

/** The lines without those at both ends that are about the article and not of it. */
export function trimLines(lines: readonly Line[]): readonly Line[] {
  let from = 0
  let to = lines.length
  while (from < to) {
    const line = lines[from]
    if (!line || !isAside(line)) break
    from++
  }
  while (to > from) {
    const line = lines[to - 1]
    if (!line || !isAside(line)) break
    to--
  }
  return lines.slice(from, to)
}
