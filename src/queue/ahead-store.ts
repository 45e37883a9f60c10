import type { Fetched } from '../crawlers/http-client.ts'
import type { Source } from '../model/source.ts'

/** Longer than a job waits for its turn in a process that has time. Later, somebody else may have crawled meanwhile. */
const keptForMs = 10_000
const defaultMaxBytes = 64 * 2 ** 20

function bytesOf(answers: ReadonlyMap<string, Fetched>): number {
  let bytes = 0
  for (const answer of answers.values()) if (answer.kind === 'fetched') bytes += answer.page.body.byteLength
  return bytes
}

interface Kept {
  readonly source: Source
  readonly answers: ReadonlyMap<string, Fetched>
  readonly bytes: number
  /** By `performance.now()`; a process that is stopped comes late to its timers. */
  readonly until: number
  readonly timer: NodeJS.Timeout
}

/** What polls have brought, until the job that reads it: whoever finds nothing here asks again. */
export interface AheadStore {
  keep(jobId: string, source: Source, answers: ReadonlyMap<string, Fetched>): void
  /** @returns answers by address, the caller's own; none when they are old, or the source's file was changed since */
  take(jobId: string, source: Source): Map<string, Fetched>
}

export function createAheadStore(maxBytes = defaultMaxBytes): AheadStore {
  const kept = new Map<string, Kept>()
  let bytes = 0
  const drop = (jobId: string): Kept | null => {
    const found = kept.get(jobId)
    if (!found) return null
    clearTimeout(found.timer)
    kept.delete(jobId)
    bytes -= found.bytes
    return found
  }
  return {
    keep: (jobId, source, answers) => {
      drop(jobId)
      const size = bytesOf(answers)
      if (answers.size === 0 || bytes + size > maxBytes) return
      const timer = setTimeout(() => drop(jobId), keptForMs).unref()
      kept.set(jobId, { source, answers, bytes: size, until: performance.now() + keptForMs, timer })
      bytes += size
    },
    take: (jobId, source) => {
      const found = drop(jobId)
      const isFresh = found?.source === source && performance.now() < found.until
      return new Map(isFresh ? found.answers : [])
    },
  }
}
