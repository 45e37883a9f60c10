import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readTime } from '../src/article/time/read-time.ts'
import { localTimeOf, type LocalTime, utcMs } from '../src/text/zone.ts'
import { isSpan, type StatedSpan, type StatedTime } from '../src/model/time.ts'

/** What the labelled time expressions must give at least; may only rise. */
export const timeFloors = { expressions: 0.88, phrases: 1 } as const

/** Shares from 0 to 1 of expressions with start and end both right. */
export interface TimeFigures {
  readonly expressions: number
  /** Every third expression: not looked at while the grammar was written. */
  readonly heldOut: number
  readonly phrases: number
  readonly floors: typeof timeFloors
}

/** The corpora are read in Beijing time. */
const zone = 'Asia/Shanghai'

const expressionSchema = z.object({
  text: z.string(),
  base: z.string(),
  mode: z.string(),
  time: z.tuple([z.string(), z.string()]),
})
const phraseSchema = z.object({
  text: z.string(),
  reference: z.string(),
  start: z.string(),
  end: z.string().nullable(),
})

function readLines<T>(file: string, schema: z.ZodType<T>): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)))
}

function show(local: LocalTime): string {
  return new Date(utcMs(local)).toISOString().slice(0, 19).replace('T', ' ')
}

function firstSecond(time: StatedTime): string {
  return show(localTimeOf(Date.parse(time.at), zone))
}

/** The last second of the unit that a time states. */
function lastSecond(time: StatedTime): string {
  const local = localTimeOf(Date.parse(time.at), zone)
  const next = { ...local, [time.precision]: local[time.precision] + 1 }
  return show({ ...next, second: next.second - 1 })
}

function boundsOf(time: StatedTime | StatedSpan): [string, string] {
  if (!isSpan(time)) return [firstSecond(time), lastSecond(time)]
  return [firstSecond(time.start), time.end === null ? 'inf' : lastSecond(time.end)]
}

function isRight({ text, base, mode, time: [start, end] }: z.output<typeof expressionSchema>): boolean {
  const toward = mode === 'future' ? ({ toward: 'future' } as const) : {}
  const time = readTime(text, { reference: new Date(base), zone, ...toward })
  if (time === null) return false
  const bounds = boundsOf(time)
  return bounds[0] === start && bounds[1] === end
}

/** A label names start and end as exactly as the phrase does: a start without an end stays within its own unit. */
function isPhraseRight({ text, reference, start, end }: z.output<typeof phraseSchema>): boolean {
  const time = readTime(text, { reference: new Date(reference), zone })
  if (time === null) return false
  const [first, last] = boundsOf(time).map((bound) => bound.replace(' ', 'T'))
  if (first?.startsWith(start) !== true || last === undefined) return false
  if (end !== null) return isSpan(time) && last.startsWith(end)
  return isSpan(time) ? last.startsWith(start.slice(0, 10)) : true
}

function share<T>(items: readonly T[], isGood: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(isGood).length / items.length
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

/** Reads the labelled expressions of `corpora/time`, prints and returns the shares of right ones. */
export async function evaluateTimes(sharedDir: string): Promise<TimeFigures> {
  const expressions = readLines(join(sharedDir, 'corpora/time/expressions.jsonl'), expressionSchema)
  const phrases = readLines(join(sharedDir, 'corpora/time/announcement-phrases.jsonl'), phraseSchema)
  const figures = {
    expressions: share(expressions, isRight),
    heldOut: share(
      expressions.filter((_, index) => index % 3 === 2),
      isRight,
    ),
    phrases: share(phrases, isPhraseRight),
    floors: timeFloors,
  }
  console.log(
    `time expressions ${percent(figures.expressions)} of ${expressions.length} (held out ${percent(figures.heldOut)}), ` +
      `announcement phrases ${percent(figures.phrases)} of ${phrases.length}`,
  )
  return figures
}
