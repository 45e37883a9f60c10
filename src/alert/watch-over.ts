import type { Logger } from 'pino'
import { findAlerts, replaceAlerts } from '../archive/alerts.ts'
import type { Database } from '../archive/database.ts'
import { describeError } from '../model/errors.ts'
import { describeSent, isTaken, type RequestSender } from '../push/request-sender.ts'
import { alertMessage } from './alert-message.ts'
import { decideAlerts, type Trouble } from './decide-alerts.ts'

const lookMs = 60_000

/** Looks once. What could not be told is tried again at the next look; until then nothing is remembered as told. */
export async function lookOnce(
  options: {
    readonly database: Database
    readonly sender: RequestSender
    /** `null`: it is remembered and logged alone. */
    readonly webhook: string | null
    readonly log: Logger
    readonly findTroubles: (now: Date) => Promise<readonly Trouble[]>
  },
  now: Date,
): Promise<void> {
  const { database, webhook, log } = options
  const known = await findAlerts(database, now)
  const { records, begun, over } = decideAlerts(await options.findTroubles(now), known, now)
  if (webhook !== null && begun.length + over.length > 0) {
    const sent = await options.sender.send({
      method: 'POST',
      url: webhook,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alertMessage(begun, over)),
    })
    if (!isTaken(sent)) {
      log.warn({ reason: describeSent(sent), begun: begun.length, over: over.length }, 'alert.not-sent')
      await replaceAlerts(database, [...records.map((record) => untold(record, begun)), ...over])
      return
    }
  }
  for (const { key, says } of begun) log.error({ key, says }, 'alert.begun')
  for (const { key } of over) log.info({ key }, 'alert.over')
  await replaceAlerts(database, records)
}

function untold<T extends { readonly key: string; readonly toldAt: Date | null }>(record: T, begun: readonly T[]): T {
  return begun.some(({ key }) => key === record.key) ? { ...record, toldAt: null } : record
}

/** Looks once a minute, in the one process that does what one does for all. @returns how to stop */
export function watchOver(options: Parameters<typeof lookOnce>[0] & { readonly isMine: () => boolean }): () => void {
  const look = async (): Promise<void> => {
    if (!options.isMine()) return
    try {
      await lookOnce(options, new Date())
    } catch (error) {
      options.log.warn({ reason: describeError(error) }, 'alerts.not-checked')
    }
  }
  const timer = setInterval(() => void look(), lookMs).unref()
  return () => clearInterval(timer)
}
