import type { Article } from '../model/article.ts'
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
  #goneListings = 0
  #listingBlock: string | null = null
  readonly #articleBlocks: string[] = []
  readonly #read = { read: 0, undated: 0, empty: 0, unruled: 0 }
  #isRedesigned = false
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

  /** A listing that answered that it is not there. */
  listingGone(): void {
    this.#goneListings += 1
  }

  /** Something kept us out. */
  blocked(by: string, what: 'listing' | 'article'): void {
    if (what === 'listing') this.#listingBlock = by
    else this.#articleBlocks.push(by)
  }

  /** What an article that was read had and had not. */
  articleRead(article: Pick<Article, 'publishedAt' | 'bodyText' | 'warnings'>): void {
    this.#read.read += 1
    if (article.publishedAt === null) this.#read.undated += 1
    if (article.bodyText === '') this.#read.empty += 1
    if (article.warnings.some((warning) => warning.startsWith('The rule '))) this.#read.unruled += 1
  }

  /** A listing whose rules matched nothing while the automatic reading found its items. */
  redesigned(): void {
    this.#isRedesigned = true
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
      observed: {
        ...this.#read,
        failedListings: this.#failedListings,
        isGone: this.#readListings === 0 && this.#goneListings > 0 && this.#goneListings === this.#failedListings,
        block: this.#listingBlock ?? this.#blockOfMost(),
        isRedesigned: this.#isRedesigned,
      },
    }
  }

  /** One page behind a wall is a page; most of them are the source. */
  #blockOfMost(): string | null {
    const blocked = this.#articleBlocks.length
    return blocked > this.#read.read ? (this.#articleBlocks[0] ?? null) : null
  }

  #outcome(): RunOutcome {
    if (this.#failedListings > 0 && this.#readListings === 0) return 'failed'
    return this.#failedListings > 0 || this.#counts.failed > 0 ? 'partial' : 'succeeded'
  }
}
