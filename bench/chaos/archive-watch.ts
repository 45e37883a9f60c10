import { setTimeout as sleep } from 'node:timers/promises'
import type { ArchiveView } from './archive-view.ts'
import { crowdedMs } from './processor.ts'

const everyMs = 100

interface Sample {
  /** Of `performance.now()`. */
  readonly at: number
  /** `null`: the database was away. */
  readonly articles: number | null
  readonly stories: number | null
  readonly crowdedMs: number
}

/** Counts the archive's articles all the time, so that it can be said afterwards when the work went on. */
export class ArchiveWatch {
  readonly #samples: Sample[] = []
  #isOver = false
  #loop: Promise<void>

  constructor(view: ArchiveView) {
    this.#loop = this.#run(view)
  }

  async #run(view: ArchiveView): Promise<void> {
    while (!this.#isOver) {
      const counts = await view.count()
      const [articles, stories] = [counts?.articles ?? null, counts?.stories ?? null]
      this.#samples.push({ at: performance.now(), articles, stories, crowdedMs: crowdedMs() })
      await sleep(everyMs)
    }
  }

  /** When the database answered again after it had gone at `after`; `null` when it did not go or come back. */
  backSince(after: number): number | null {
    const later = this.#samples.filter(({ at }) => at >= after)
    const gone = later.findIndex(({ articles }) => articles === null)
    if (gone === -1) return null
    return later.slice(gone).find(({ articles }) => articles !== null)?.at ?? null
  }

  /** Share of a time in which some program of this machine waited for a processor. */
  crowded(from: number, to: number): number {
    const samples = this.#samples.filter(({ at }) => at >= from && at <= to)
    const [first, last] = [samples[0], samples.at(-1)]
    return first && last && first !== last ? (last.crowdedMs - first.crowdedMs) / (last.at - first.at) : 0
  }

  articlesAt(time: number): number {
    return this.#samples.findLast(({ at, articles }) => at <= time && articles !== null)?.articles ?? 0
  }

  storiesAt(time: number): number {
    return this.#samples.findLast(({ at, stories }) => at <= time && stories !== null)?.stories ?? 0
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#loop
  }
}
