import { z } from 'zod'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of `500ms`, `30s`, `15m`, `2h`, `30d`; `null` when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim())
  if (!match) return null
  const unit = Object.entries(units).find(([name]) => name === match[2])
  return unit ? Math.round(Number(match[1]) * unit[1]) : null
}

/** Shortest spelling of a duration in milliseconds: 900000 is `15m`. */
export function formatDuration(ms: number): string {
  for (const [name, size] of Object.entries(units).toReversed()) {
    if (ms >= size && ms % size === 0) return `${ms / size}${name}`
  }
  return `${ms}ms`
}

/** A schema for durations such as `15m`, as milliseconds. `min` and `max` are durations too and inclusive. */
export function duration(range: { min: string; max: string }) {
  const min = parseDuration(range.min) ?? 0
  const max = parseDuration(range.max) ?? Number.MAX_SAFE_INTEGER
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const ms = typeof value === 'number' ? value : parseDuration(value)
    if (ms === null || ms < min || ms > max) {
      const got = JSON.stringify(value)
      context.addIssue(`expected a duration from ${range.min} to ${range.max} such as "15m", got ${got}`)
      return z.NEVER
    }
    return ms
  })
}
