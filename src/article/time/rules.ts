import { clocks } from './clock-rules.ts'
import { numericDates } from './date-rules.ts'
import { days, weeks } from './day-rules.ts'
import { counted, months } from './month-rules.ts'
import type { Rule } from './rule.ts'
import { partsOfYear, years } from './year-rules.ts'

/** Every way in which a piece of a time is written, in the order in which they are tried. */
export const rules: readonly Rule[] = [
  ...numericDates,
  ...years,
  ...counted,
  ...partsOfYear,
  ...months,
  ...weeks,
  ...days,
  ...clocks,
]
