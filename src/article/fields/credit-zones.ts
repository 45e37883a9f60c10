import type { Line } from '../body/read-lines.ts'
import type { TimeLine } from '../published-time.ts'
import type { CreditZones } from './read-fields.ts'

/** Lines this far above a headline or below a text still speak of the article. */
const reach = { above: 6, below: 14 } as const

/** The lines of the page where credits and times of the article stand. */
export function creditZones(lines: readonly Line[], body: readonly Line[], from: number, title: number): CreditZones {
  const first = body[0]?.index ?? Math.min(from, lines.length)
  const last = body.at(-1)?.index ?? first
  const top = title >= 0 && title < first ? title : first
  return {
    head: lines.slice(Math.max(0, top - reach.above), first).filter((line) => !line.hidden),
    body: body.filter((line) => line.text !== ''),
    tail: lines.slice(last + 1, last + 1 + reach.below).filter((line) => !line.hidden),
  }
}

/** Longer lines are paragraphs, whose dates are of what they tell. */
const longestLine = 200

const inZone = (lines: readonly Line[], zone: TimeLine['zone']): TimeLine[] =>
  lines
    .filter(({ text }) => text.length < longestLine)
    .map(({ text, weight, linkWeight }, i, all) => {
      // A label alone in its cell speaks of the next one.
      const before = all[i - 1]?.text ?? ''
      const label = before.length <= 12 && /(?:日期|时间|日期时间)\s?[:：]?$/.test(before) ? before : ''
      return { text: `${label}${text}`, zone, linked: linkWeight > weight * 0.6 }
    })

/** The lines of the zones that may state a time of the article. */
export function lineOfTimes({ head, tail }: CreditZones): TimeLine[] {
  return [...inZone(head, 'head'), ...inZone(tail, 'tail')]
}
