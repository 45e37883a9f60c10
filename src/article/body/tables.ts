import { Element, type ParentNode } from 'domhandler'
import type { Line, PageLines } from './read-lines.ts'

/** Cells of data are short; a cell of a layout table holds columns or whole texts. */
const longestMeanCell = 60

/** Which tables of the page hold data in rows and columns; all others only arrange the page. */
export class Tables {
  readonly #page: PageLines
  readonly #known = new Map<Element, boolean>()

  constructor(page: PageLines) {
    this.#page = page
  }

  /** The cell of a data table that holds the line, with its row and table; `null` outside of one. */
  cellOf(line: Line): { readonly cell: Element; readonly row: Element; readonly table: Element } | null {
    let cell: Element | null = null
    let row: Element | null = null
    for (let node: ParentNode | null = line.block; node instanceof Element; node = node.parent) {
      if (node.name === 'td' || node.name === 'th') cell ??= node
      else if (node.name === 'tr') row ??= node
      else if (node.name === 'table') return cell && row && this.isData(node) ? { cell, row, table: node } : null
    }
    return null
  }

  isData(table: Element): boolean {
    const known = this.#known.get(table)
    if (known !== undefined) return known
    const isData = this.#decide(table)
    this.#known.set(table, isData)
    return isData
  }

  #decide(table: Element): boolean {
    if (table.attribs['role'] === 'presentation') return false
    let wideRows = 0
    let cells = 0
    let weight = 0
    for (const row of rowsOf(table)) {
      let filled = 0
      for (const cell of cellsOf(row)) {
        if (hasTable(cell)) return false
        const span = this.#page.spanOf.get(cell)
        if (!span) continue
        const lines = this.#page.lines.slice(span.from, span.to)
        if (lines.every((line) => line.text === '')) continue
        filled++
        weight += lines.reduce((sum, line) => sum + line.weight, 0)
      }
      cells += filled
      if (filled >= 2) wideRows++
    }
    return wideRows >= 2 && weight <= cells * longestMeanCell
  }
}

/** The rows of a table itself, not those of tables inside of it. */
export function* rowsOf(table: Element): Generator<Element> {
  for (const child of table.children) {
    if (!(child instanceof Element)) continue
    if (child.name === 'tr') yield child
    else if (child.name !== 'table') yield* rowsOf(child)
  }
}

export const cellsOf = (row: Element): Element[] =>
  row.children.filter((child) => child instanceof Element).filter(({ name }) => name === 'td' || name === 'th')

function hasTable(element: Element): boolean {
  return element.children.some((child) => child instanceof Element && (child.name === 'table' || hasTable(child)))
}
