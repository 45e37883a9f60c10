import type { AlertRecord } from '../archive/alerts.ts'

/** Something that a person should know. */
export interface Trouble {
  /**
   * What it is about: `disk`, `queue`, `source:<id>`. One key is told of once, however its words change; but a source,
   * whose words begin with its state, again when that gets worse.
   */
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

/** What comes back within this time was not over: trouble that comes and goes is told of once. */
const calmMs = 10 * 60_000

/** How bad a source's state is; of other trouble there is more or less, but no worse. */
const badness: Readonly<Record<string, number>> = { degraded: 1, blocked: 2, broken: 2, gone: 3 }

function badnessOf({ key, says }: Trouble): number {
  const [state = ''] = key.startsWith('source:') ? (/^\w+/.exec(says) ?? []) : []
  return badness[state] ?? 0
}

/** @returns what is to be remembered of trouble that lasts, and whether it is to be told now */
function consider(
  { key, says }: Trouble,
  known: AlertRecord | undefined,
  afterMs: number,
  now: Date,
): { readonly record: AlertRecord; readonly isDue: boolean } {
  const before = known ?? { key, says, since: now, toldAt: null, toldSays: null, worseSince: null, isMuted: false }
  // Where it was told by a program that did not keep it: what it was like at the last look.
  const toldSays = before.toldAt === null ? null : (before.toldSays ?? before.says)
  // The worst that was told counts: a state that wavers is told of once.
  const isWorse = toldSays !== null && badnessOf({ key, says }) > badnessOf({ key, says: toldSays })
  const worseSince = isWorse ? (before.worseSince ?? now) : null
  const since = before.toldAt === null ? before.since : worseSince
  const isDue = since !== null && !before.isMuted && now.getTime() - since.getTime() >= afterMs
  const told = isDue ? { toldAt: now, toldSays: says, worseSince: null } : { toldSays, worseSince }
  return { record: { ...before, says, overAt: null, ...told }, isDue }
}

/**
 * Compares trouble as it is with what is remembered.
 * @param known what was remembered at the last look
 * @param afterMs what passes within this time is not worth a message
 * @returns `records` are the ones to keep when `begun` and `over` have been told
 */
export function decideAlerts(
  troubles: readonly Trouble[],
  known: readonly AlertRecord[],
  afterMs: number,
  now: Date,
): AlertDecision {
  const before = new Map(known.map((record) => [record.key, record]))
  const lasting = new Map(troubles.map(({ key, says }) => [key, says]))
  const records: AlertRecord[] = []
  const begun: AlertRecord[] = []
  const over: AlertRecord[] = []
  for (const [key, says] of lasting) {
    const { record, isDue } = consider({ key, says }, before.get(key), afterMs, now)
    records.push(record)
    if (isDue) begun.push(record)
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
