import { Element, type ParentNode } from 'domhandler'
import type { Line } from './read-lines.ts'
import type { Tables } from './tables.ts'

const captionNames =
  /(?:^|[-_\s])(?:captions?|caption-?text|figcaption|photo-?credit|image-?credit|credits?|pic-?(?:desc|info|text|title)|img-?(?:desc|info|text|title)|image-?(?:desc|description|text)|tuzhu|tupianshuoming)(?:$|[-_\s\d])/

/** Words below a picture: they belong to it and are no paragraph of the text. */
export function isCaption(line: Line): boolean {
  let steps = 0
  for (let node: ParentNode | null = line.block; node instanceof Element && steps < 4; node = node.parent, steps++) {
    if (node.name === 'figcaption') return true
    if (node.name === 'blockquote' || node.name === 'table' || node.name === 'article') return false
    if (node.name === 'figure') return true
    const names = node.attribs['class'] ?? ''
    if (names !== '' && steps < 2 && captionNames.test(names.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()))
      return line.weight < 120
  }
  return false
}

/** The lines as paragraphs joined by `\n`; a row of a data table is one, its cells parted by tabs. */
export function bodyTextOf(lines: readonly Line[], tables: Tables): string {
  const paragraphs: string[] = []
  let row: Element | null = null
  let cell: Element | null = null
  for (const line of lines) {
    if (line.text === '' || isCaption(line)) continue
    const place = tables.cellOf(line)
    if (place && place.row === row && place.cell !== cell) {
      const last = paragraphs.pop() ?? ''
      paragraphs.push(`${last}\t${line.text}`)
    } else {
      paragraphs.push(line.text)
    }
    row = place?.row ?? null
    cell = place?.cell ?? null
  }
  return paragraphs.join('\n')
}
