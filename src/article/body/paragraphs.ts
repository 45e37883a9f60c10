import type { Element } from 'domhandler'
import type { Line } from './read-lines.ts'
import type { Tables } from './tables.ts'

/** The lines as paragraphs joined by `\n`; a row of a data table is one, its cells parted by tabs. */
export function bodyTextOf(lines: readonly Line[], tables: Tables): string {
  const paragraphs: string[] = []
  let row: Element | null = null
  let cell: Element | null = null
  for (const line of lines) {
    if (line.text === '') continue
    const place = tables.cellOf(line)
    if (place && place.row === row) {
      const last = paragraphs.pop() ?? ''
      paragraphs.push(`${last}${place.cell === cell ? ' ' : '\t'}${line.text}`)
    } else {
      paragraphs.push(line.text)
    }
    row = place?.row ?? null
    cell = place?.cell ?? null
  }
  return paragraphs.join('\n')
}
