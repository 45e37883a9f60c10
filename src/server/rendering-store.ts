import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { renderingOf, type Draft, type Rendering } from './rendering.ts'

/** What is to be shown at an address. */
export interface Publication {
  /** Its one address, with path and query: the key that the bytes are kept by. */
  readonly address: string
  /** Kept as long as the process lives: the feeds of the configuration, so that their last good bytes are there. */
  readonly isPinned: boolean
  /** `null`: there is nothing here. */
  render(): Promise<Draft | null>
}

/** Bytes by address, rendered once for each change of the archive. */
export interface RenderingStore {
  /** The bytes of an address that are up to date; `null` when they must be asked for. Does no work. */
  current(address: string): Rendering | null
  /**
   * The bytes of a publication, rendered when they are out of date; the last good ones while that fails or takes long.
   * @throws what the rendering throws, when there are no bytes yet
   */
  get(publication: Publication): Promise<Rendering | null>
  /** How many bytes of an address are kept, up to date or not; 0: none. */
  sizeOf(address: string): number
  /** Everything may be out of date. */
  invalidate(): void
}

interface Entry {
  rendering: Rendering | null
  readonly isPinned: boolean
  /** The change of the archive that the bytes show. */
  version: number
  /** By the store's clock, as all instants here. */
  freshUntil: number
  underWay: { readonly since: number; readonly done: Promise<Rendering | null> } | null
  /** After a failure the last good bytes go out at once until then. */
  retryAt: number
}

/** A reader with old bytes at hand waits this long for new ones while the database is away or busy. */
const patienceMs = 1000
/** And one without any waits this long before it is told to come again. */
const firstPatienceMs = 8000
const retryMs = 2000
/** About a thousand search feeds. */
const mostBytes = 64 * 2 ** 20
/** Of small pages, so that keeping them costs no more than their bytes. */
const mostEntries = 5000

class StillRenderingError extends Error {}

/** @param now milliseconds, from anywhere, of a clock that nobody sets */
export function createRenderingStore(log: Logger, now: () => number): RenderingStore {
  const entries = new Map<string, Entry>()
  let version = 0

  const isCurrent = (entry: Entry): boolean => entry.version === version && now() < entry.freshUntil

  const evict = (): void => {
    let bytes = 0
    let count = 0
    // The latest used are at the end.
    for (const [address, entry] of [...entries].toReversed()) {
      if (entry.isPinned) continue
      bytes += entry.rendering?.size ?? 0
      count++
      if ((bytes > mostBytes || count > mostEntries) && !entry.underWay) entries.delete(address)
    }
  }

  const render = async (entry: Entry, publication: Publication): Promise<Rendering | null> => {
    const seen = version
    try {
      const draft = await publication.render()
      if (!draft) {
        entries.delete(publication.address)
        return null
      }
      entry.rendering = renderingOf(draft, entry.rendering)
      entry.version = seen
      entry.freshUntil = now() + (draft.freshForMs ?? Number.POSITIVE_INFINITY)
      entry.retryAt = 0
      evict()
      return entry.rendering
    } catch (error) {
      if (!entry.rendering) {
        entries.delete(publication.address)
        throw error
      }
      // Readers get the last good bytes: a feed is never emptied or broken by our own trouble.
      entry.retryAt = now() + retryMs
      log.warn({ err: error, address: publication.address }, 'feed.kept')
      return entry.rendering
    } finally {
      entry.underWay = null
    }
  }

  const wait = async (entry: Entry, publication: Publication): Promise<Rendering | null> => {
    entry.underWay ??= { since: now(), done: render(entry, publication) }
    const { underWay } = entry
    const patience = (entry.rendering ? patienceMs : firstPatienceMs) - (now() - underWay.since)
    const late = sleep(Math.max(0, patience), 'late' as const, { ref: false })
    // A failure without old bytes is thrown to everyone who waits; one that nobody waits for any more is not lost either.
    underWay.done.catch(() => undefined)
    const result = await Promise.race([underWay.done, late])
    if (result !== 'late') return result
    if (entry.rendering) return entry.rendering
    throw new StillRenderingError(`Rendering ${publication.address} takes longer than ${firstPatienceMs} ms`)
  }

  return {
    current: (address) => {
      const entry = entries.get(address)
      return entry && isCurrent(entry) ? entry.rendering : null
    },
    sizeOf: (address) => entries.get(address)?.rendering?.size ?? 0,
    get: async (publication) => {
      const { address, isPinned } = publication
      const entry = entries.get(address) ?? {
        rendering: null,
        isPinned,
        version: -1,
        freshUntil: 0,
        underWay: null,
        retryAt: 0,
      }
      entries.delete(address)
      entries.set(address, entry)
      if (entry.rendering && (isCurrent(entry) || now() < entry.retryAt)) return entry.rendering
      return wait(entry, publication)
    },
    invalidate: () => {
      version++
    },
  }
}
