import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { describeError } from '../model/errors.ts'
import type { FeedDefinition } from '../model/feed-definition.ts'
import { readFeedsFile } from './config-files.ts'
import { settleMs, watchFolder, type FolderWatch } from './watch-folder.ts'

/** The feeds of a process that runs, as they are now. */
export interface FeedsFile extends FolderWatch<readonly FeedDefinition[]> {
  feeds(): readonly FeedDefinition[]
  /** Whether the file is wrong now, so that the feeds are those of before. */
  isBroken(): boolean
}

/** Feeds that never change: the demo's. */
export function fixedFeeds(feeds: readonly FeedDefinition[]): FeedsFile {
  return { feeds: () => feeds, isBroken: () => false, watch: () => undefined, close: () => undefined }
}

/**
 * `<config>/feeds.yaml`, kept up with while the process runs. A file that becomes wrong is said, and the feeds go on as
 * they were.
 * @param check throws where feeds cannot be published
 * @throws {ConfigurationError} the file is missing or wrong
 */
export function openFeedsFile(
  configFolder: string,
  log: Logger,
  check: (feeds: readonly FeedDefinition[]) => void,
): FeedsFile {
  const file = join(configFolder, 'feeds.yaml')
  const stateOf = () => statSync(file, { throwIfNoEntry: false })
  const stampFrom = (stats: ReturnType<typeof stateOf>) => (stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : '')
  // Before it is read: what is written in the meantime is read again.
  let stamp = stampFrom(stateOf())
  let feeds = readFeedsFile(configFolder)
  check(feeds)
  let isBroken = false

  const watching = watchFolder(configFolder, log, async (onChange: (feeds: readonly FeedDefinition[]) => void) => {
    const stats = stateOf()
    if (stampFrom(stats) === stamp) return false
    const age = Date.now() - (stats?.mtimeMs ?? 0)
    if (age >= 0 && age < settleMs) return true
    stamp = stampFrom(stats)
    try {
      const changed = readFeedsFile(configFolder)
      check(changed)
      feeds = changed
      isBroken = false
      log.info({ feeds: changed.map(({ id }) => id) }, 'feeds.changed')
      onChange(changed)
    } catch (error) {
      isBroken = true
      log.error({ problem: describeError(error) }, 'feeds.broken')
    }
    return false
  })
  return { feeds: () => feeds, isBroken: () => isBroken, ...watching }
}
