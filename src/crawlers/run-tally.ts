import type { CrawlRun, RunOutcome, SkipReason } from '../model/crawl-run.ts'

/** More lines help nobody; the counts stay right. */
const maxErrors = 20

export type Settled = 'stored' | 'revised' | 'unchanged' | 'failed'

/** Counts a run as it goes; each found page is settled once. */
export class RunTally {
  readonly #counts = { stored: 0, revised: 0, unchanged: 0, failed: 0 }
  readonly #skipped = new Map<SkipReason, number>()
  readonly #errors: string[] = []
  #failedListings = 0
  #readListings = 0
  found = 0
  notModifiedListings = 0
  requests = 0
  bytes = 0

  settle(as: Settled): void {
    this.#counts[as] += 1
  }

  skip(reason: SkipReason, count = 1): void {
    if (count > 0) this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + count)
  }

  /** A listing of which at least the first page was read. */
  listingRead(): void {
    this.#readListings += 1
  }

  /** A listing of which a page could not be read. */
  listingFailed(line: string): void {
    this.#failedListings += 1
    this.addError(line)
  }

  addError(line: string): void {
    if (this.#errors.length < maxErrors) this.#errors.push(line.replaceAll(/\s+/g, ' '))
  }

  toRun(run: { id: string; sourceId: string; startedAt: Date; finishedAt: Date; isAborted: boolean }): CrawlRun {
    const { id, sourceId, startedAt, finishedAt, isAborted } = run
    const skipped = Object.fromEntries(this.#skipped)
    return {
      id,
      sourceId,
      startedAt,
      finishedAt,
      outcome: isAborted ? 'aborted' : this.#outcome(),
      found: this.found,
      ...this.#counts,
      skipped,
      notModifiedListings: this.notModifiedListings,
      requests: this.requests,
      bytes: this.bytes,
      errors: this.#errors,
    }
  }

  #outcome(): RunOutcome {
    if (this.#failedListings > 0 && this.#readListings === 0) return 'failed'
    return this.#failedListings > 0 || this.#counts.failed > 0 ? 'partial' : 'succeeded'
  }
}
