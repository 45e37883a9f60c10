import { z } from 'zod'

/** Whether the runtime knows an IANA zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A schema for IANA time zones: `Asia/Shanghai`. */
export const timeZone = z.string().refine(isTimeZone, {
  error: (issue) => `expected an IANA time zone such as "Asia/Shanghai", got ${JSON.stringify(issue.input)}`,
})
