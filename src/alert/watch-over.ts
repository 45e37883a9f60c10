import type { Logger } from 'pino'
import { findAlerts, forgetChannels, replaceAlerts, type AlertRecord } from '../archive/alerts.ts'
import type { Database } from '../archive/database.ts'
import { describeError } from '../model/errors.ts'
import type { AlertTarget } from './alert-target.ts'
import { fullDiskTeller } from './full-disk.ts'
import { decideAlerts, type Trouble } from './decide-alerts.ts'

const lookMs = 60_000

export interface LookOptions {
  readonly database: Database
  /** Besides the log, each told by itself: one that is away is told later, and no other waits for it. */
  readonly targets: readonly AlertTarget[]
  readonly log: Logger
  /** How long trouble lasts before anybody is told of it. */
  readonly afterMs: number
  readonly findTroubles: (now: Date) => Promise<readonly Trouble[]>
}

interface WatchOptions extends LookOptions {
  readonly isMine: () => boolean
  readonly findFullDisk: () => Trouble | null
  /** Default: a minute. */
  readonly everyMs?: number
}

async function tellLog(
  { database, log, afterMs }: LookOptions,
  troubles: readonly Trouble[],
  now: Date,
): Promise<void> {
  const { records, begun, over } = decideAlerts(troubles, await findAlerts(database, 'log', now), afterMs, now)
  for (const { key, says } of begun) log.error({ key, says }, 'alert.begun')
  for (const { key } of over) log.info({ key }, 'alert.over')
  await replaceAlerts(database, 'log', records)
}

/** What could not be told is told at the next look; until then nothing is remembered as told. */
async function tell(
  { database, log, afterMs }: LookOptions,
  target: AlertTarget,
  troubles: readonly Trouble[],
  now: Date,
): Promise<void> {
  const { channel } = target
  const known = await findAlerts(database, channel, now)
  const { records, begun, over } = decideAlerts(troubles, known, afterMs, now)
  const reason = begun.length + over.length > 0 ? await target.tell(begun, over) : null
  if (reason === null) return replaceAlerts(database, channel, records)
  log.warn({ channel, reason, begun: begun.length, over: over.length }, 'alert.not-sent')
  const kept = records.map((record) => (begun.includes(record) ? untold(record, known) : record))
  await replaceAlerts(database, channel, [...kept, ...over])
}

/** The record as it would be had it not been due: nobody knows of it, or of what it was like before. */
function untold(record: AlertRecord, known: readonly AlertRecord[]): AlertRecord {
  const before = known.find(({ key }) => key === record.key)
  const toldAt = before?.toldAt ?? null
  if (!before || toldAt === null) return { ...record, toldAt, toldSays: null, worseSince: null }
  return { ...record, toldAt, toldSays: before.toldSays ?? before.says, worseSince: before.worseSince }
}

/** Looks once, and tells everybody what they have not been told. */
export async function lookOnce(options: LookOptions, now: Date): Promise<void> {
  const { database, targets } = options
  const troubles = await options.findTroubles(now)
  await forgetChannels(database, ['log', ...targets.map(({ channel }) => channel)])
  await Promise.all([tellLog(options, troubles, now), ...targets.map((target) => tell(options, target, troubles, now))])
}

/**
 * Looks once a minute, in the one process that does what one does for all. Of a full disk each process tells that finds
 * the archive away: none is the one then.
 * @returns how to stop
 */
export function watchOver(options: WatchOptions): () => void {
  const fullDisk = fullDiskTeller(options, options.findFullDisk)
  let isLooking = false
  const look = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    try {
      await options.database.query('select')
      await fullDisk.remember(new Date())
      if (options.isMine()) await lookOnce(options, new Date())
    } catch (error) {
      options.log.warn({ reason: describeError(error) }, 'alerts.not-checked')
      await fullDisk.tell(new Date())
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => void look(), options.everyMs ?? lookMs).unref()
  return () => clearInterval(timer)
}
