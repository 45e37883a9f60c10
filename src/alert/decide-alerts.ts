import type { AlertRecord } from '../archive/alerts.ts'

/** Something that a person should know. */
export interface Trouble {
  /** What it is about: `disk`, `queue`, `source:<id>`. One key is told of once, however its words change. */
  readonly key: string
  readonly says: string
}

/** What is to be remembered, and what is to be told now. */
export interface AlertDecision {
  /** Once nobody had to be told, or was told. */
  readonly records: readonly AlertRecord[]
  readonly begun: readonly AlertRecord[]
  readonly over: readonly AlertRecord[]
}

/** What passes within this time is not worth a message. */
const steadyMs = 60_000
/** What comes back within this time was not over: trouble that comes and goes is told of once. */
const calmMs = 10 * 60_000

/**
 * Compares trouble as it is with what is remembered.
 * @param known what was remembered at the last look
 * @returns `records` are the ones to keep when `begun` and `over` have been told
 */
export function decideAlerts(troubles: readonly Trouble[], known: readonly AlertRecord[], now: Date): AlertDecision {
  const before = new Map(known.map((record) => [record.key, record]))
  const lasting = new Map(troubles.map(({ key, says }) => [key, says]))
  const records: AlertRecord[] = []
  const begun: AlertRecord[] = []
  const over: AlertRecord[] = []
  for (const [key, says] of lasting) {
    const record = before.get(key) ?? { key, since: now, toldAt: null, isMuted: false }
    const isDue = record.toldAt === null && !record.isMuted && now.getTime() - record.since.getTime() >= steadyMs
    const kept = { ...record, says, overAt: null, toldAt: isDue ? now : record.toldAt }
    records.push(kept)
    if (isDue) begun.push(kept)
  }
  for (const record of known) {
    if (lasting.has(record.key)) continue
    // Nobody knows of it: its end is no news either.
    if (record.toldAt === null) continue
    const overAt = record.overAt ?? now
    if (now.getTime() - overAt.getTime() < calmMs) records.push({ ...record, overAt })
    else if (!record.isMuted) over.push({ ...record, overAt })
  }
  return { records, begun, over }
}
