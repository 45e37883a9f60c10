import { Element } from 'domhandler'
import { isCreditLine, isMetaLine } from '../body/boilerplate.ts'
import type { Line } from '../body/read-lines.ts'
import type { MetaTags } from '../meta-tags.ts'

const kickerNames =
  /(?:^|[-_\s])(?:kicker|eyebrow|pre-?title|shoulder|yinti|yinbiaoti|jianti|introtitle|intro-?title|top-?title)(?:$|[-_\s\d])/
const subtitleNames =
  /(?:^|[-_\s])(?:sub-?title|sub-?headline|subhead|futi|fubiaoti|deck|dek|standfirst|second-?title|title2|vice-?title)(?:$|[-_\s\d])/

function namesAround(line: Line): string {
  const leaf = line.leaves[0]
  let names = ''
  let node = leaf instanceof Element ? leaf : leaf?.parent
  for (let steps = 0; node instanceof Element && steps < 2; steps++, node = node.parent) {
    names += ` ${node.attribs['class'] ?? ''} ${node.attribs['id'] ?? ''}`
  }
  return names.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()
}

export interface SideHeadings {
  readonly kicker: string | null
  readonly subtitle: string | null
  /** Lines that are taken for one of them and so are not of the body. */
  readonly lines: ReadonlySet<number>
}

const fits = (line: Line) =>
  !line.hidden && line.weight >= 4 && line.text.length <= 100 && !isMetaLine(line.text) && !isCreditLine(line.text)

/** 引题 and 副题: the lines above and below a headline that belong to it. */
export function readSideHeadings(
  lines: readonly Line[],
  titleLine: number,
  textFrom: number,
  meta: MetaTags,
): SideHeadings {
  const used = new Set<number>()
  const take = (line: Line | undefined) => {
    if (line) used.add(line.index)
    return line?.text ?? null
  }
  if (titleLine < 0) return { kicker: null, subtitle: meta.values.get('subtitle') ?? null, lines: used }
  const title = lines[titleLine]
  const above = lines.slice(Math.max(0, titleLine - 3), titleLine).toReversed()
  const below = lines.slice(titleLine + 1, Math.max(titleLine + 1, Math.min(textFrom + 1, titleLine + 5)))
  const kicker = above.find(
    (line) =>
      fits(line) && (kickerNames.test(namesAround(line)) || (title?.heading === 1 && line.block === title.block)),
  )
  const subtitle = below.find(
    (line) => fits(line) && (subtitleNames.test(namesAround(line)) || /^(?:——|―|—{1,2}|--)\s?\S/.test(line.text)),
  )
  return {
    kicker: take(kicker),
    subtitle: take(subtitle)?.replace(/^[—―-]+\s?/, '') ?? meta.values.get('subtitle') ?? null,
    lines: used,
  }
}
