import type { AlertRecord } from '../archive/alerts.ts'

/** More lines than this are counted: a network that is away is one message, not a thousand. */
export const linesShown = 20

/** What is sent: `text` for chat services, the rest for programs. */
export interface AlertMessage {
  readonly text: string
  readonly begun: readonly { readonly key: string; readonly says: string; readonly since: string }[]
  readonly over: readonly {
    readonly key: string
    readonly says: string
    readonly since: string
    readonly until: string
  }[]
}

function lines(records: readonly AlertRecord[], sign: string, says: (record: AlertRecord) => string): string[] {
  const shown = records.slice(0, linesShown).map((record) => `${sign} ${says(record)}`)
  return records.length > linesShown ? [...shown, `${sign} … and ${records.length - linesShown} more`] : shown
}

/** For how long it was there. */
export function lasted(record: AlertRecord): string {
  const minutes = Math.round(((record.overAt?.getTime() ?? 0) - record.since.getTime()) / 60_000)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** One message for all that began and all that is over. */
export function alertMessage(begun: readonly AlertRecord[], over: readonly AlertRecord[]): AlertMessage {
  const text = [
    ...lines(begun, '✗', ({ key, says }) => `${key}: ${says}`),
    ...lines(over, '✓', (record) => `${record.key}: over, after ${lasted(record)}`),
  ].join('\n')
  return {
    text: `Newsfold\n${text}`,
    begun: begun.map(({ key, says, since }) => ({ key, says, since: since.toISOString() })),
    over: over.map(({ key, says, since, overAt }) => ({
      key,
      says,
      since: since.toISOString(),
      until: (overAt ?? since).toISOString(),
    })),
  }
}
