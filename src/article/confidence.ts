import type { FoundBody } from './body/find-body.ts'
import type { TitleReading } from './title.ts'

/** A notice of two sentences is sure to be one; less may be a caption or a message of the site's. */
const sureText = 90

/**
 * How sure the automatic reading is: a headline on which witnesses agree, a text that holds most of what there is to
 * read on the page, a date.
 * @returns 0 to 1, two digits
 */
export function confidenceOf(title: TitleReading, body: FoundBody, isDated: boolean): number {
  if (body.lines.length === 0) return 0
  const titleShare = title.title === null ? 0 : title.witnesses.length >= 2 ? 1 : 0.6
  const bodyShare = Math.min(1, body.good / sureText) * (0.4 + 0.6 * Math.min(1, body.share * 1.25))
  const hidden = body.from === 'page' || body.from === 'rule' ? 1 : 0.8
  return Math.round(100 * hidden * (0.3 * titleShare + 0.55 * bodyShare + 0.15 * (isDated ? 1 : 0.3))) / 100
}
