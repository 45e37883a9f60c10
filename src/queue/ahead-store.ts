import type { Fetched } from '../crawlers/http-client.ts'

/** Longer than a job waits for its turn in a process that has time. */
const keptForMs = 60_000
const defaultMaxBytes = 64 * 2 ** 20

function bytesOf(answers: ReadonlyMap<string, Fetched>): number {
  let bytes = 0
  for (const answer of answers.values()) if (answer.kind === 'fetched') bytes += answer.page.body.byteLength
  return bytes
}

interface Kept {
  readonly answers: ReadonlyMap<string, Fetched>
  readonly bytes: number
  readonly timer: NodeJS.Timeout
}

/** What polls have brought, until the job that reads it: whoever finds nothing here asks again. */
export interface AheadStore {
  keep(sourceId: string, answers: ReadonlyMap<string, Fetched>): void
  /** @returns answers by address, the caller's own */
  take(sourceId: string): Map<string, Fetched>
}

export function createAheadStore(maxBytes = defaultMaxBytes): AheadStore {
  const kept = new Map<string, Kept>()
  let bytes = 0
  const drop = (sourceId: string): ReadonlyMap<string, Fetched> => {
    const found = kept.get(sourceId)
    if (!found) return new Map()
    clearTimeout(found.timer)
    kept.delete(sourceId)
    bytes -= found.bytes
    return found.answers
  }
  return {
    keep: (sourceId, answers) => {
      drop(sourceId)
      const size = bytesOf(answers)
      if (answers.size === 0 || bytes + size > maxBytes) return
      const timer = setTimeout(() => drop(sourceId), keptForMs).unref()
      kept.set(sourceId, { answers, bytes: size, timer })
      bytes += size
    },
    take: (sourceId) => new Map(drop(sourceId)),
  }
}
