import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Publication, RenderingStore } from './rendering-store.ts'

/** The rest of a start, and readers who wait for it, come first. */
const beginAfterMs = 1000
/** So many times as long as a rendering took: of hundreds of feeds, readers and the archive notice little. */
const restTimes = 3
const mostRestMs = 5000
/** After a failure, longer each time. */
const againMs = 2000
const mostAgainMs = 60_000
/** Of feeds in memory: a hundred with fifty articles each, in five formats of 250 kB. */
const mostBytes = 128 * 2 ** 20

/** Renders what nobody may have asked for yet. */
export interface AheadRenderer {
  /** Renders these, in place of what is still to be rendered of those before. */
  begin(publications: readonly Publication[]): void
  /** Whether it has come to an end once, whatever was begun since: there is something to read while the database is away. */
  hasFinished(): boolean
  stop(): void
}

/**
 * Renders feeds one after the other before anybody asks, so that each has bytes to go on with when the database goes
 * away. What the archive changes later is left to readers: the bytes of before are good enough for that. So are feeds
 * that there is no room for.
 */
export function createAheadRenderer(
  store: RenderingStore,
  log: Logger,
  bounds = { beginAfterMs, againMs, mostBytes },
): AheadRenderer {
  let current = new AbortController()
  let hasFinished = false

  const isThere = ({ address }: Publication): boolean => store.sizeOf(address) > 0
  const isRendered = async (publication: Publication, signal: AbortSignal): Promise<boolean> => {
    try {
      await store.get(publication)
      return true
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, address: publication.address }, 'feed.not-rendered')
      return false
    }
  }
  const render = async (publications: readonly Publication[], signal: AbortSignal): Promise<void> => {
    const pause = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
    await pause(bounds.beginAfterMs)
    const beganAt = performance.now()
    const hasRoom = (): boolean =>
      publications.reduce((bytes, { address }) => bytes + store.sizeOf(address), 0) < bounds.mostBytes
    // Those that have bytes to go on with can wait: of changes that come one after the other each begins anew.
    const waiting = publications.toSorted((a, b) => Number(isThere(a)) - Number(isThere(b)))
    let left = 0
    let wait = bounds.againMs
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      if (!isThere(next) && !hasRoom()) {
        left++
        continue
      }
      const startedAt = performance.now()
      if (await isRendered(next, signal)) {
        wait = bounds.againMs
        await pause(Math.min(restTimes * (performance.now() - startedAt), mostRestMs))
      } else {
        waiting.push(next)
        await pause(wait)
        wait = Math.min(wait * 2, mostAgainMs)
      }
    }
    if (signal.aborted) return
    hasFinished = true
    const tookMs = Math.round(performance.now() - beganAt)
    if (left > 0) log.warn({ left, mostBytes: bounds.mostBytes }, 'feeds.left-to-readers')
    log.info({ count: publications.length - left, tookMs }, 'feeds.rendered')
  }

  return {
    begin: (publications) => {
      current.abort()
      current = new AbortController()
      void render(publications, current.signal)
    },
    hasFinished: () => hasFinished,
    stop: () => current.abort(),
  }
}
