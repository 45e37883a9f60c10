import stringWidth from 'string-width'

/** One column: its heading, and whether its cells are numbers (set to the right). */
export interface Column {
  readonly name: string
  readonly isNumber?: boolean
}

const gap = '  '

function pad(text: string, width: number, isNumber: boolean): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return isNumber ? fill + text : text + fill
}

/** Cuts a text to so many terminal columns; Chinese characters take two. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break
    cut += character
  }
  return `${cut}…`
}

/** A table for a terminal of `width` columns: the last text column is cut where it does not fit. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  width = process.stdout.columns ?? 120,
): string {
  const texts = [columns.map((column) => column.name), ...rows.map((row) => row.map(String))]
  const widths = columns.map((_, index) => Math.max(...texts.map((row) => stringWidth(row[index] ?? ''))))
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + gap.length, 0)
  return texts
    .map((row) =>
      row
        .map((cell, index) => {
          const isNumber = columns[index]?.isNumber === true
          if (index === last && !isNumber) return fit(cell, Math.max(10, width - before))
          return pad(cell, widths[index] ?? 0, isNumber)
        })
        .join(gap)
        .trimEnd(),
    )
    .join('\n')
}
