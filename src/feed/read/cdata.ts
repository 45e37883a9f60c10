const OPEN = '<![CDATA['
const CLOSE = ']]>'

/** End tags before which a CDATA section that nobody closed must have ended. */
const endTag = /<\/(?:[\w.-]+:)?(?:description|encoded|title|summary|content|link|item|entry|channel|rss|feed)\s*>/g

/**
 * The text with the ends of CDATA sections that are missing: a section that runs into the next one, or to the end of
 * the text, ends before the end tag of its element. Each search goes on where it stopped: linear for any text.
 */
export function repairCdata(text: string): string {
  const source = text.includes('<![cdata[') ? text.replaceAll('<![cdata[', OPEN) : text
  const never = source.length
  let repaired = ''
  let done = 0
  let close = -1
  let tag = -1
  for (let start = source.indexOf(OPEN); start !== -1;) {
    if (close < start) close = positionOf(source.indexOf(CLOSE, start), never)
    const next = positionOf(source.indexOf(OPEN, start + OPEN.length), never)
    if (close <= next && close !== never) {
      start = source.indexOf(OPEN, close)
      continue
    }
    if (tag < start) {
      endTag.lastIndex = start
      tag = positionOf(endTag.exec(source)?.index ?? -1, never)
    }
    if (tag < next) {
      repaired += source.slice(done, tag) + CLOSE
      done = tag
      start = source.indexOf(OPEN, tag)
    } else {
      start = close === never ? -1 : source.indexOf(OPEN, close)
    }
  }
  return repaired + source.slice(done)
}

function positionOf(index: number, never: number): number {
  return index === -1 ? never : index
}
