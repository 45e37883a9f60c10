/** One figure of an evaluation, against the value that it may not fall below. */
export interface Figure {
  readonly name: string
  readonly value: number
  /** May only rise, a ceiling only fall; `null`: told for its own sake. */
  readonly floor: number | null
  /** Less is better: the floor is a ceiling. */
  readonly isCeiling: boolean
  readonly unit: string
}

/** Whether a figure is where it has to be. A value that is no number never is. */
export function holds({ value, floor, isCeiling }: Figure): boolean {
  if (floor === null) return true
  return isCeiling ? value <= floor : value >= floor
}

/** Every number inside a value, by the names that lead to it: `{ zh: { doc: 97 } }` has `zh doc`. */
function numbersIn(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, path === '' ? name : `${path} ${name}`))
}

/**
 * Figures of an evaluation's result and of its floors, two objects of one shape; what has a floor and no value, such
 * as a corpus that is not there, does not hold.
 */
export function figuresOf(
  result: object,
  floors: unknown,
  as: { readonly unit: string; readonly isCeiling: (name: string) => boolean },
): Figure[] {
  const values = new Map(numbersIn(Object.fromEntries(Object.entries(result).filter(([name]) => name !== 'floors'))))
  const pinned = new Map(numbersIn(floors))
  return [...new Set([...values.keys(), ...pinned.keys()])].map((name) => ({
    name,
    value: values.get(name) ?? Number.NaN,
    floor: pinned.get(name) ?? null,
    isCeiling: as.isCeiling(name),
    unit: as.unit,
  }))
}

/** Short, with what matters of a share between 0 and 1. */
export function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) <= 1 ? 4 : 2)
}
