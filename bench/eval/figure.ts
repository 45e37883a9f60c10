import { z } from 'zod'

/** One figure of an evaluation. */
export const figureSchema = z.object({
  name: z.string(),
  value: z.number(),
  /** The least value that passes, which may only rise; `null`: told for its own sake. */
  floor: z.number().nullable().default(null),
  /** `%`, `F1`, `ms` … */
  unit: z.string().default(''),
})
export type Figure = Readonly<z.output<typeof figureSchema>>

/** Whether a figure is where it has to be. A value that is no number never is. */
export function holds({ value, floor }: Figure): boolean {
  return floor === null || value >= floor
}

/** Short, with what matters of a share between 0 and 1. */
export function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 4 : 1)
}
