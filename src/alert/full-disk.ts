import { findAlerts, replaceAlerts, type AlertChannel, type AlertRecord } from '../archive/alerts.ts'
import type { Trouble } from './decide-alerts.ts'
import type { LookOptions } from './watch-over.ts'

/**
 * Tells of a disk that is so full that the archive, which remembers who was told of what, cannot be asked.
 * @param find what is wrong with the disk; `null`: nothing
 */
export function fullDiskTeller(
  { database, targets, log }: Pick<LookOptions, 'database' | 'targets' | 'log'>,
  find: () => Trouble | null,
) {
  const told = new Map<AlertChannel, AlertRecord>()
  let since: Date | null = null
  return {
    /** To be called while the archive does not answer: everybody is told once, and who could not be told the next time. */
    tell: async (now: Date): Promise<void> => {
      const trouble = find()
      if (trouble === null) return
      since ??= now
      const record = { ...trouble, since, toldAt: now, toldSays: trouble.says, worseSince: null }
      const alert = { ...record, overAt: null, isMuted: false }
      if (!told.has('log')) {
        log.error(trouble, 'alert.begun')
        told.set('log', alert)
      }
      for (const { channel, tell } of targets.filter((target) => !told.has(target.channel))) {
        const reason = await tell([alert], [])
        if (reason === null) told.set(channel, alert)
        else log.warn({ channel, reason, begun: 1, over: 0 }, 'alert.not-sent')
      }
    },
    /** To be called when it answers again: it remembers what was told, and so its end will be. */
    remember: async (now: Date): Promise<void> => {
      for (const [channel, alert] of told) {
        const known = await findAlerts(database, channel, now)
        await replaceAlerts(database, channel, [...known.filter(({ key }) => key !== alert.key), alert])
      }
      told.clear()
      since = null
    },
  }
}
