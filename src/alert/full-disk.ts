import { findAlerts, replaceAlerts, type AlertChannel, type AlertRecord } from '../archive/alerts.ts'
import type { Trouble } from './decide-alerts.ts'
import type { LookOptions } from './watch-over.ts'

/**
 * Tells of a disk that is so full that the archive, which remembers who was told of what, cannot be asked.
 * @param find what is wrong with the disk; `null`: nothing
 */
export function fullDiskTeller(options: Omit<LookOptions, 'findTroubles'>, find: () => Trouble | null) {
  const { database, targets, log } = options
  let told: AlertRecord | null = null
  return {
    /** To be called while the archive does not answer: everybody is told once. */
    tell: async (now: Date): Promise<void> => {
      const trouble = find()
      if (trouble === null || told !== null) return
      const record = { ...trouble, since: now, toldAt: now, toldSays: trouble.says, worseSince: null }
      told = { ...record, overAt: null, isMuted: false }
      log.error(trouble, 'alert.begun')
      for (const { channel, tell } of targets) {
        const reason = await tell([told], [])
        if (reason !== null) log.warn({ channel, reason, begun: 1, over: 0 }, 'alert.not-sent')
      }
    },
    /** To be called when it answers again: it remembers what was told, and so its end will be. */
    remember: async (now: Date): Promise<void> => {
      if (told === null) return
      const channels: AlertChannel[] = ['log', ...targets.map(({ channel }) => channel)]
      for (const channel of channels) {
        const known = await findAlerts(database, channel, now)
        await replaceAlerts(database, channel, [...known.filter(({ key }) => key !== told?.key), told])
      }
      told = null
    },
  }
}
