import type { Fetched } from '../crawlers/http-client.ts'
import type { Source } from '../model/source.ts'

/** Longer than a job waits for its turn in a process that has time. */
const keptForMs = 60_000
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
  readonly timer: NodeJS.Timeout
}

/** What polls have brought, until the job that reads it: whoever finds nothing here asks again. */
export interface AheadStore {
  keep(jobId: string, source: Source, answers: ReadonlyMap<string, Fetched>): void
  /** @returns answers by address, the caller's own; none when the source's file was changed since they were asked for */
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
      kept.set(jobId, { source, answers, bytes: size, timer })
      bytes += size
    },
    take: (jobId, source) => {
      const found = drop(jobId)
      return new Map(found?.source === source ? found.answers : [])
    },
  }
}
