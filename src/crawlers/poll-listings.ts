import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import type { CrawlPorts } from './crawl-ports.ts'
import type { Fetched } from './http-client.ts'
import { askListing, beginListing, isLeftAlone, settledState } from './listing-step.ts'
import { numberedUrl } from './listing-way.ts'
import { createRunContext, RunStopped, type CrawlOptions } from './run-context.ts'

/** What became of asking a source's listings whether there is something new. */
export type Poll =
  /** All that the run would have been. */
  | { readonly kind: 'unchanged'; readonly run: CrawlRun }
  /** There is something to read, or something went wrong: a crawl is needed, which need not ask again for what is here. */
  | { readonly kind: 'changed'; readonly ahead: ReadonlyMap<string, Fetched> }
  | { readonly kind: 'stopped' }
  /** Too many others ask its hosts: a crawl would wait there as well. */
  | { readonly kind: 'crowded' }

/**
 * Asks each listing of a source whether it has changed since it was read, as a crawl does, and stops at the first one
 * that has. Listings that cannot say so are left to a crawl, and so are those that a browser renders.
 * @param options.signal ends it at once
 */
export async function pollListings(
  source: Source,
  ports: CrawlPorts,
  options: CrawlOptions & { readonly signal: AbortSignal },
): Promise<Poll> {
  const startedAt = ports.now()
  const { signal } = options
  const context = createRunContext(source, ports, options, { stopping: signal, ending: signal })
  const ahead = new Map<string, Fetched>()
  for (const listing of source.listings) {
    const progress = await beginListing(context, listing)
    const state = settledState(progress)
    const isPlain = (listing.render ?? source.render) === 'http'
    if (!isPlain || state === null || (state.etag ?? state.lastModified) === null) return { kind: 'changed', ahead }
    if (!isLeftAlone(context, progress)) {
      const url = numberedUrl(listing, 0) ?? listing.url
      try {
        const fetched = await askListing(context, progress, { url, isFirst: true })
        if (fetched.kind === 'failed' && fetched.error.code === 'http.crowded') return { kind: 'crowded' }
        ahead.set(url, fetched)
        if (fetched.kind !== 'not-modified') return { kind: 'changed', ahead }
      } catch (error) {
        if (error instanceof RunStopped || signal.aborted) return { kind: 'stopped' }
        throw error
      }
      context.tally.notModifiedListings += 1
    }
    context.tally.listingRead()
  }
  const run = { id: options.runId, sourceId: source.id, startedAt, finishedAt: ports.now(), isAborted: false }
  return { kind: 'unchanged', run: context.tally.toRun(run) }
}
