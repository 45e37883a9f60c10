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

/** A text in lines of at most so many terminal columns, broken between words; a word that is wider is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    if (last !== undefined && stringWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(fit(word, width))
  }
  return lines
}

/** So much of a cell tells what it is. */
const fewestColumns = 8

/** The widths of columns that together fit: of the widest ones of text as much is taken as is needed. */
function fitting(widths: readonly number[], columns: readonly Column[], width: number): number[] {
  const fitted = [...widths]
  let over = fitted.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1) - width
  for (; over > 0; over -= 1) {
    const texts = fitted.map((each, index) => (columns[index]?.isNumber ? 0 : each))
    const others = Math.max(...texts.slice(1))
    // What stands first names the row, and people type it: it is cut last.
    const widest = others > fewestColumns ? others : (texts[0] ?? 0)
    if (widest <= fewestColumns) break
    fitted[texts.lastIndexOf(widest)] = widest - 1
  }
  return fitted
}

/** A table for a terminal of `width` columns: cells of the widest text columns are cut where it does not fit. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  width = process.stdout.columns ?? 120,
): string {
  const texts = [columns.map((column) => column.name), ...rows.map((row) => row.map(String))]
  const natural = columns.map((_, index) => Math.max(...texts.map((row) => stringWidth(row[index] ?? ''))))
  const widths = fitting(natural, columns, width)
  return texts
    .map((row) =>
      row
        .map((cell, index) => pad(fit(cell, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.isNumber === true))
        .join(gap)
        .trimEnd(),
    )
    .join('\n')
}
