import type { Line } from './read-lines.ts'
import { isCreditLine, isLegalLine, isMetaLine, opensOtherContent } from './boilerplate.ts'

const isLinks = (line: Line) => line.linkWeight > line.weight * 0.6 && line.weight < 60

const isAside = (line: Line) =>
  line.text !== '' &&
  (isCreditLine(line.text) || isLegalLine(line.text) || isMetaLine(line.text) || opensOtherContent(line.text))

const isNothing = (line: Line) => line.text !== '' && !/[\p{L}\p{N}]/u.test(line.text)

/** The lines without those at both ends that are about the article and not of it. */
export function trimLines(lines: readonly Line[]): readonly Line[] {
  let from = 0
  let to = lines.length
  while (from < to) {
    const line = lines[from]
    if (
      !line ||
      !(isAside(line) || isNothing(line) || isLinks(line) || (line.text === '' && from === 0 && isAsideAt(lines, 1)))
    )
      break
    from++
  }
  while (to > from) {
    const line = lines[to - 1]
    if (!line || !(isAside(line) || isNothing(line) || isLinks(line) || line.hint < -0.2)) break
    to--
  }
  return lines.slice(from, to)
}

function isAsideAt(lines: readonly Line[], at: number): boolean {
  const line = lines[at]
  return line !== undefined && isAside(line)
}
