import { pino, type DestinationStream, type Logger } from 'pino'

/**
 * The program's logger: JSON lines on standard error, so that standard output stays for people and pipes.
 * Messages are `noun.past-participle`, values are fields.
 */
export function createLogger(level: string, destination: DestinationStream = pino.destination(2)): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** Lets one message of a kind through per interval and counts the others, for errors that come by the thousand. */
export function rateLimited(intervalMs: number, write: (message: string, suppressed: number) => void) {
  const last = new Map<string, { at: number; suppressed: number }>()
  return (message: string, now: Date): void => {
    const entry = last.get(message)
    if (entry && now.getTime() - entry.at < intervalMs) {
      entry.suppressed++
      return
    }
    // Messages may hold ports and ids: their number is bounded.
    if (last.size > 100) last.clear()
    last.set(message, { at: now.getTime(), suppressed: 0 })
    write(message, entry?.suppressed ?? 0)
  }
}
