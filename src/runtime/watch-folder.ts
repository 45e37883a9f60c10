import { watch, type FSWatcher } from 'node:fs'
import type { Logger } from 'pino'
import { describeError } from '../model/errors.ts'

/** Events do not reach through every mount; a look reads names and times alone. */
const lookMs = 15_000
/** Ten thousand files take a quarter of a second to look at, which must not become a part of what every poll costs. */
const lookShare = 0.001
const mostLookMs = 300_000
/** An editor writes in several steps, and a copy takes its time: what was written just now is looked at a little later. */
export const settleMs = 300

/** Looks whenever the system says that something was written in a folder, and once in a while. */
export interface FolderWatch<Changes> {
  watch(onChange: (changes: Changes) => void): void
  close(): void
}

/** @param look says whether something was written too recently to be read */
export function watchFolder<Changes>(
  folder: string,
  log: Logger,
  look: (onChange: (changes: Changes) => void) => Promise<boolean>,
): FolderWatch<Changes> {
  let watcher: FSWatcher | null = null
  let timer: NodeJS.Timeout | null = null
  let dueAt = Number.POSITIVE_INFINITY
  let isClosed = false

  return {
    watch: (onChange) => {
      const lookIn = (ms: number): void => {
        // An event that comes during a look asks for another one soon.
        if (isClosed || dueAt <= performance.now() + ms) return
        if (timer) clearTimeout(timer)
        dueAt = performance.now() + ms
        timer = setTimeout(() => {
          dueAt = Number.POSITIVE_INFINITY
          const startedAt = performance.now()
          const restMs = (): number =>
            Math.min(mostLookMs, Math.max(lookMs, (performance.now() - startedAt) / lookShare))
          void look(onChange).then((isUnsettled) => lookIn(isUnsettled ? settleMs : restMs()))
        }, ms).unref()
      }
      try {
        watcher = watch(folder, { persistent: false }, () => lookIn(settleMs))
        watcher.on('error', () => watcher?.close())
      } catch (error) {
        log.debug({ folder, reason: describeError(error) }, 'folder.not-watched')
      }
      lookIn(0)
    },
    close: () => {
      isClosed = true
      if (timer) clearTimeout(timer)
      watcher?.close()
    },
  }
}
